"""The commands that people type. Each imports what it needs when it runs, so that ``--help`` is instant."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from companion import __version__

if TYPE_CHECKING:
    from companion.load import Loaded
    from companion.rehearse import Said
    from companion.screen import Screen
    from companion.tts.process import SpeechProcess

FAILED = 1  # something went wrong
MISUSED = 2  # what was typed cannot be done: an unknown name, a file that is not there
LEFT = 130  # left with Ctrl-C

EXAMPLES = """\
examples:
  companion                            say hello, and wait for "start sciatica relief"
  companion start sciatica-relief      be led through a routine, by voice
  companion start my-routine.yaml --text
  companion rehearse sciatica-relief   a whole session in virtual time
  companion routines check my-routine.yaml
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. What a person can cause is a clear message, no traceback."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    logging.basicConfig(format="companion: %(message)s", level=logging.WARNING)
    try:
        return command(options)
    except KeyboardInterrupt:
        return LEFT
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; there is nobody to tell
        return FAILED
    except Exception as error:
        if not _is_for_people(error):
            raise
        print(f"companion: {error}", file=sys.stderr)
        return MISUSED


FOR_PEOPLE = (
    ("companion.content.errors", "ContentError"),
    ("companion.content.errors", "UnknownRoutine"),
    ("companion.asr.models", "ModelError"),
    ("companion.audio.devices", "NoDeviceError"),
    ("companion.audio.wav", "WavError"),
    ("companion.tts.base", "SpeechError"),
    ("companion.start", "NoPlaceError"),
)


def _is_for_people(error: Exception) -> bool:
    """Whether the error's message says what a person can do about it."""
    kinds = (getattr(sys.modules[module], name) for module, name in FOR_PEOPLE if module in sys.modules)
    return isinstance(error, OSError) or any(isinstance(error, kind) for kind in kinds)


# -- what can be typed ----------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="companion",
        description="A voice-guided exercise companion for sciatica, leg and back spasm."
        " Nothing leaves this machine.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"companion {__version__}")
    _session_options(parser)
    parser.set_defaults(command=_greet)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, summary: str, command: Callable[[argparse.Namespace], int], example: str) -> Any:
        each = commands.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  companion {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        each.set_defaults(command=command)
        return each

    start = add("start", "be led through a routine", _start, "start sciatica-relief")
    start.add_argument("routine", metavar="ROUTINE", help="a routine's name, or a YAML file")
    _session_options(start)

    resume = add("resume", "go on where a session was left", _resume, "resume")
    _session_options(resume)

    rehearse = add(
        "rehearse",
        "show a whole session in virtual time",
        _rehearse,
        "rehearse sciatica-relief --script said.txt --json\n\n"
        "A script has a line for each thing that is said, with its time:\n"
        "  75     how long left\n"
        "  1:30   pause\n"
        "Questions that it leaves open are answered as a person without complaints would.",
    )
    rehearse.add_argument("routine", metavar="ROUTINE", help="a routine's name, or a YAML file")
    rehearse.add_argument("--script", metavar="FILE", type=Path, help="what is said when")
    rehearse.add_argument(
        "--sound",
        action="store_true",
        help="say it aloud in a simulated room, and hear it with the recogniser",
    )
    rehearse.add_argument("--json", action="store_true", help="print a JSON object a line")

    interpret = add(
        "interpret",
        "show what a sentence means to it, and why",
        _interpret,
        'interpret "my leg keeps giving way"\n\nWithout a text it reads one a line from its input.',
    )
    interpret.add_argument("text", metavar="TEXT", nargs="*")
    interpret.add_argument("--json", action="store_true", help="print a JSON object a line")

    hear = add(
        "hear",
        "run recordings through the ears of a session",
        _hear,
        "hear kitchen.wav --state holding --json",
    )
    hear.add_argument("file", metavar="FILE.wav", type=Path, nargs="+")
    hear.add_argument(
        "--state",
        choices=("holding", "speaking", "paused", "asking", "idle"),
        default="holding",
        help="what the session would be doing; asking: a yes-or-no question is open",
    )
    hear.add_argument("--playing", metavar="TEXT", default="", help="what the companion would be saying")
    hear.add_argument("--engine", choices=("auto", "vosk", "pocketsphinx"), default="auto")
    hear.add_argument("--all", action="store_true", help="also what it heard and dropped, and why")
    hear.add_argument("--json", action="store_true", help="print a JSON object a line")

    _routines_parser(add("routines", "list, show, check or begin routines", _list_routines, "routines"))

    voices = add("voices", "list the voices, or play one", _voices, "voices play brisk")
    voices.add_argument("action", nargs="?", choices=("list", "play"), default="list")
    voices.add_argument("name", nargs="?", help="the voice to play")

    setup = add("setup", "fetch the model of the better recogniser", _setup, "setup")
    setup.add_argument("model", metavar="MODEL", nargs="?", help="its name; unless given, the language's own")
    setup.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, help="a zip or folder carried over"
    )
    setup.add_argument("--list", action="store_true", help="show the models, and which are installed")

    doctor = add("doctor", "test what a session needs, and say what to do", _doctor, "doctor")
    doctor.add_argument("--no-microphone-test", action="store_true", help="do not ask to say something")
    doctor.add_argument("--json", action="store_true", help="print a JSON object a line")

    add("devices", "list microphones and loudspeakers", _devices, "devices")
    add("settings", "show every setting, its default and its meaning", _settings, "settings")
    add("clear", "clear the lock that a red flag left", _clear, "clear")
    return parser


def _session_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", action="store_true", help="type and read, without sound")
    parser.add_argument("--json", action="store_true", help="print every event as a JSON line")
    parser.add_argument("--voice", metavar="NAME", help="how it speaks; see “companion voices”")
    parser.add_argument("--mic", metavar="DEVICE", help="a microphone by name or number, or a WAV file")
    parser.add_argument("--speaker", metavar="DEVICE", help="a loudspeaker by name or number, or a WAV file")
    parser.add_argument("--engine", choices=("auto", "vosk", "pocketsphinx"), help="which recogniser listens")


def _routines_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="list all routines")
    listing.set_defaults(command=_list_routines)
    show = actions.add_parser("show", help="show a routine, or an exercise, in full")
    show.add_argument("name", metavar="NAME")
    show.set_defaults(command=_show_routine)
    check = actions.add_parser("check", help="say what is wrong with a file, where, and how to mend it")
    check.add_argument("file", metavar="FILE", type=Path, nargs="+")
    check.set_defaults(command=_check_routines)
    new = actions.add_parser("new", help="write a commented example to begin from")
    new.add_argument("file", metavar="FILE", type=Path, nargs="?", default=Path("my-routine.yaml"))
    new.set_defaults(command=_new_routine)


# -- sessions -------------------------------------------------------------------------------------------


def _greet(options: argparse.Namespace) -> int:
    from companion.session.events import Greet
    from companion.start import lead

    return lead(options, None, Greet(), resident=True)


def _start(options: argparse.Namespace) -> int:
    from companion.start import lead

    return lead(options, options.routine)


def _resume(options: argparse.Namespace) -> int:
    from companion.start import resume

    return resume(options)


def _rehearse(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.load import load
    from companion.rehearse import Rehearsal, read_script
    from companion.screen import JsonLines, Lines

    loaded, routine = load(load_settings(), options.routine)
    assert routine is not None
    script = read_script(options.script) if options.script else ()
    screen: JsonLines | Lines = JsonLines() if options.json else Lines()
    if options.sound:
        return _rehearse_aloud(loaded, routine.id, script, screen)
    rehearsal = Rehearsal(loaded.world, loaded.interpreter, script)
    for entry in rehearsal.run(routine.id):
        screen.show(entry)
    return 0


def _rehearse_aloud(loaded: Loaded, routine: str, script: Sequence[Said], screen: Screen) -> int:
    from companion.asr.choose import make_recogniser
    from companion.audio.room import Room
    from companion.rehearse_aloud import AloudRehearsal
    from companion.start import listening, new_synthesiser

    interpreter = loaded.interpreter
    wanted = listening(loaded, interpreter)
    recogniser, which = make_recogniser(wanted.engine, wanted.phrases, wanted.pronunciations, wanted.models)
    screen.note(which)
    with new_synthesiser(loaded.language) as synthesiser:
        rehearsal = AloudRehearsal(
            loaded.world,
            interpreter,
            script,
            synthesiser,
            loaded.voice(loaded.settings.speech.voice),
            recogniser,
            Room(),
        )
        for entry in rehearsal.run(routine):
            screen.show(entry)
    return 0


def _interpret(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.load import load
    from companion.nlu.report import as_json, in_words

    interpreter = load(load_settings())[0].interpreter
    texts = [" ".join(options.text)] if options.text else (line.strip() for line in sys.stdin)
    for text in texts:
        meaning = interpreter.interpret(text)
        print(as_json(meaning) if options.json else in_words(meaning))
    return 0


def _hear(options: argparse.Namespace) -> int:
    import dataclasses
    import json

    from companion.asr.choose import make_recogniser
    from companion.config import load_settings
    from companion.hear import hear
    from companion.load import load
    from companion.start import listening

    loaded, _ = load(load_settings())
    interpreter = loaded.interpreter
    wanted = dataclasses.replace(listening(loaded, interpreter), engine=options.engine)
    recogniser, which = make_recogniser(wanted.engine, wanted.phrases, wanted.pronunciations, wanted.models)
    print(which, file=sys.stderr)
    for utterance in hear(options.file, recogniser, interpreter, options.state, options.playing):
        dropped = utterance["dropped"]
        if dropped and not options.all:
            continue
        if not options.all:
            del utterance["dropped"]
        if options.json:
            print(json.dumps(utterance, ensure_ascii=False), flush=True)
        else:
            does = f"dropped: {dropped}" if dropped else utterance["intent"].replace("_", " ")
            span = f"{utterance['start']:.2f}-{utterance['end']:.2f} s"
            print(f"{utterance['file']}  {span}  “{utterance['text']}”  {does}")
    return 0


# -- routines -------------------------------------------------------------------------------------------


def _list_routines(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.content.estimate import routine_minutes
    from companion.load import load

    loaded, _ = load(load_settings())
    library = loaded.library
    width = max(map(len, library.routines), default=0)
    for routine in library.routines.values():
        print(f"{routine.id:<{width}}  {routine_minutes(routine):>2} min  {routine.about}")
    for problem in library.problems:
        print(f"companion: {problem}", file=sys.stderr)
    return FAILED if library.problems else 0


def _show_routine(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.content.describe import describe, describe_exercise
    from companion.load import find, load

    loaded, _ = load(load_settings())
    exercise = loaded.library.exercises.get(options.name)
    print(describe_exercise(exercise) if exercise else describe(find(options.name, loaded.library)))
    return 0


def _check_routines(options: argparse.Namespace) -> int:
    from companion.content.library import check_file, load_library
    from companion.load import folders

    library = load_library(folders("routines"))
    broken = False
    for file in options.file:
        problems = check_file(file, library)
        broken = broken or bool(problems)
        for problem in problems:
            print(problem)
        if not problems:
            print(f"{file}: all is well.")
    return FAILED if broken else 0


def _new_routine(options: argparse.Namespace) -> int:
    from companion.content.example import write_example

    write_example(options.file)
    print(f"Wrote {options.file}. Edit it, then: companion routines check {options.file}")
    return 0


# -- the rest -------------------------------------------------------------------------------------------


def _voices(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.load import load
    from companion.tts.process import SpeechProcess

    settings = load_settings()
    loaded, _ = load(settings)
    with SpeechProcess() as process:
        if options.action == "play":
            return _play_voice(process, loaded, options.name or settings.speech.voice)
        for voice in loaded.language.voices.values():
            chosen = "  (in use)" if voice.id == settings.speech.voice else ""
            print(f"{voice.id:<10} {voice.voice}, {voice.rate} words a minute{chosen}")
        print("\nThe system's own; any of these can stand after --voice:")
        for each in process.voices():
            print(f"{each.id:<24} {each.name}")
    return 0


def _play_voice(process: SpeechProcess, loaded: Loaded, name: str) -> int:
    import threading

    from companion.audio.output import SoundCardOutput
    from companion.audio.player import Player

    settings = loaded.settings
    output = SoundCardOutput(settings.audio.speaker)
    sound = process.render(loaded.world.prompts.say("greet.hello"), loaded.voice(name))
    over = threading.Event()
    with Player(output, lambda _utterance, _completed: over.set()) as player:
        player.play(1, sound, settings.speech.volume)
        over.wait(sound.seconds + 5)
    return 0


def _setup(options: argparse.Namespace) -> int:
    from companion.setup import list_models, set_up

    for line in list_models() if options.list else set_up(options.model, options.source):
        print(line)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from companion.doctor.examine import as_line, as_row, examine

    quiet = options.json or options.no_microphone_test
    person = not quiet and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    failed = False
    for check, finding in examine(person):
        print(as_line(check, finding) if options.json else as_row(check, finding), flush=True)
        failed = failed or finding.status == "fail"
    return FAILED if failed else 0


def _devices(options: argparse.Namespace) -> int:
    from companion.audio.devices import devices

    found = devices()
    for device in found:
        kinds = [
            kind for kind, there in (("microphone", device.inputs), ("loudspeaker", device.outputs)) if there
        ]
        print(f"{device.number:>3}  {device.name}  ({' and '.join(kinds)}, {device.rate} Hz)")
    if not found:
        print("There is no sound device here.")
    return 0


def _settings(options: argparse.Namespace) -> int:
    from companion.config import describe_settings, load_settings, settings_file

    load_settings()
    print(f"Settings are in {settings_file()}")
    for name, default, meaning in describe_settings():
        print(f"\n{name}  ({default or 'not set'})\n    {meaning}")
    return 0


def _clear(options: argparse.Namespace) -> int:
    from companion.keep import Keeper

    keeper = Keeper()
    lock = keeper.start_state().lock
    if lock is None:
        print("There is no lock.")
        return 0
    print(f"You reported: “{lock.words or lock.flag}”. Clear the lock only after a clinician has seen you.")
    try:
        answer = input("Has a clinician seen you about it? Type yes to clear the lock: ")
    except EOFError:
        answer = ""
    if answer.strip().lower() != "yes":
        print("The lock stays.")
        return FAILED
    keeper.clear()
    print("The lock is cleared.")
    return 0
