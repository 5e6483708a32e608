"""What each command does. Each imports what it needs when it runs, so that ``--help`` is instant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.load import Loaded
    from companion.rehearse import Said
    from companion.screen import Screen
    from companion.tts.process import SpeechProcess

FAILED = 1  # the exit code of a command that found something wrong


# -- sessions -------------------------------------------------------------------------------------------


def greet(options: argparse.Namespace) -> int:
    if _somebody_else_does(options, "status"):
        return 0
    from companion.session.events import Greet
    from companion.start import lead

    return lead(options, None, Greet(), resident=True)


def serve(options: argparse.Namespace) -> int:
    from companion.session.events import Greet
    from companion.start import lead

    return lead(options, None, Greet(), resident=True, service=True)


def start(options: argparse.Namespace) -> int:
    import os

    routine = options.routine
    if routine.endswith((".yaml", ".yml")):
        routine = os.path.abspath(routine)  # noqa: PTH100  (pathlib would take a client longer than the rest)
    if _somebody_else_does(options, "start", routine):
        return 0
    from companion.start import lead

    return lead(options, options.routine)


def resume(options: argparse.Namespace) -> int:
    if _somebody_else_does(options, "resume"):
        return 0
    from companion.start import resume

    return resume(options)


# -- talking to a companion that runs -------------------------------------------------------------------


def _somebody_else_does(options: argparse.Namespace, action: str, argument: str = "") -> bool:
    """Let the companion that runs already do this. False where none does, or options ask for another."""
    if any(value for name, value in vars(options).items() if name not in ("command", "routine")):
        return False
    from companion.control.client import NobodyError, ask

    try:
        print(ask(action, argument)["line"])
    except NobodyError:
        return False
    return True


def tell(options: argparse.Namespace) -> int:
    """Any command that a running companion carries out."""
    from companion.control.client import ask

    print(ask(options.action, " ".join(getattr(options, "words", ())))["line"])
    return 0


def status(options: argparse.Namespace) -> int:
    import json

    from companion.control.client import ask, follow

    for reply in follow() if options.follow else (ask("status"),):
        line = json.dumps(reply["status"], ensure_ascii=False) if options.json else reply["line"]
        print(line, flush=True)
    return 0


def rehearse(options: argparse.Namespace) -> int:
    import dataclasses

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
    world = dataclasses.replace(loaded.world, screened_lately=False)  # the same for everyone
    rehearsal = Rehearsal(world, loaded.interpreter, script)
    for entry in rehearsal.run(routine.id):
        screen.show(entry)
    return 0


def _rehearse_aloud(loaded: Loaded, routine: str, script: Sequence[Said], screen: Screen) -> int:
    from companion.asr.choose import make_recogniser
    from companion.audio.room import Room
    from companion.rehearse_aloud import AloudRehearsal
    from companion.run import listening, new_synthesiser

    interpreter = loaded.interpreter
    wanted = listening(loaded, interpreter)
    recogniser, which = make_recogniser(
        wanted.engine, wanted.phrases, wanted.pronunciations, wanted.models, wanted.domain
    )
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


def interpret(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.load import load
    from companion.nlu.report import as_json, in_words

    interpreter = load(load_settings())[0].interpreter
    texts = [" ".join(options.text)] if options.text else (line.strip() for line in sys.stdin)
    for text in texts:
        meaning = interpreter.interpret(text)
        print(as_json(meaning) if options.json else in_words(meaning))
    return 0


def hear(options: argparse.Namespace) -> int:
    import dataclasses
    import json

    from companion.asr.choose import make_recogniser
    from companion.config import load_settings
    from companion.hear import hear
    from companion.load import load
    from companion.run import listening

    loaded, _ = load(load_settings())
    interpreter = loaded.interpreter
    wanted = dataclasses.replace(listening(loaded, interpreter), engine=options.engine)
    recogniser, which = make_recogniser(
        wanted.engine, wanted.phrases, wanted.pronunciations, wanted.models, wanted.domain
    )
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


def list_routines(options: argparse.Namespace) -> int:
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


def show_routine(options: argparse.Namespace) -> int:
    from companion.config import load_settings
    from companion.content.describe import describe, describe_exercise
    from companion.load import find, load

    loaded, _ = load(load_settings())
    exercise = loaded.library.exercises.get(options.name)
    print(describe_exercise(exercise) if exercise else describe(find(options.name, loaded.library)))
    return 0


def check_routines(options: argparse.Namespace) -> int:
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


def new_routine(options: argparse.Namespace) -> int:
    from companion.content.example import write_example

    write_example(options.file)
    print(f"Wrote {options.file}. Edit it, then: companion routines check {options.file}")
    return 0


# -- the rest -------------------------------------------------------------------------------------------


def voices(options: argparse.Namespace) -> int:
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


def setup(options: argparse.Namespace) -> int:
    from companion.setup import list_models, set_up

    for line in list_models() if options.list else set_up(options.model, options.source):
        print(line)
    return 0


def doctor(options: argparse.Namespace) -> int:
    from companion.doctor.examine import as_line, as_row, examine

    quiet = options.json or options.no_microphone_test
    person = not quiet and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
    failed = False
    for check, finding in examine(person):
        print(as_line(check, finding) if options.json else as_row(check, finding), flush=True)
        failed = failed or finding.status == "fail"
    return FAILED if failed else 0


def devices(options: argparse.Namespace) -> int:
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


def settings(options: argparse.Namespace) -> int:
    from companion.config import describe_settings, load_settings, settings_file

    load_settings()
    print(f"Settings are in {settings_file()}")
    for name, default, meaning in describe_settings():
        print(f"\n{name}  ({default or 'not set'})\n    {meaning}")
    return 0


def confirmed(question: str) -> bool:
    """Whether the person types yes; the end of the input is a no."""
    try:
        return input(question).strip().lower() == "yes"
    except EOFError:
        return False


def clear(options: argparse.Namespace) -> int:
    from companion.keep import Keeper

    keeper = Keeper()
    lock = keeper.start_state().lock
    if lock is None:
        print("There is no lock.")
        return 0
    print(f"You reported: “{lock.words or lock.flag}”. Clear the lock only after a clinician has seen you.")
    if not confirmed("Has a clinician seen you about it? Type yes to clear the lock: "):
        print("The lock stays.")
        return FAILED
    keeper.clear()
    print("The lock is cleared.")
    return 0
