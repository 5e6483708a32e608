"""What people can type, and how the program ends. What each command does is in ``commands.py``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from companion import __version__, commands, commands_desk, commands_history

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
        return commands.FAILED
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
    ("companion.control.client", "NobodyError"),
    ("companion.control.client", "RefusedError"),
    ("companion.control.server", "RunningError"),
    ("companion.control.program", "UnfitArgumentError"),
    ("companion.control.service", "ServiceError"),
    ("companion.control.shortcuts.desktop", "ShortcutError"),
    ("companion.control.shortcuts.keys", "KeysError"),
    ("companion.history.schema", "JournalError"),
    ("companion.history.export", "ExportError"),
    ("companion.start", "NoPlaceError"),
    ("companion.asr.base", "RecogniserError"),
)


def _is_for_people(error: Exception) -> bool:
    """Whether the error's message says what a person can do about it."""
    kinds = (getattr(sys.modules[module], name) for module, name in FOR_PEOPLE if module in sys.modules)
    return isinstance(error, OSError) or any(isinstance(error, kind) for kind in kinds)


# -- what can be typed ----------------------------------------------------------------------------------

REMOTE = {
    "pause": "keep the place",
    "toggle": "pause, or go on",
    "next": "go to the next exercise",
    "previous": "go to the exercise before",
    "repeat": "say it again",
    "stop": "end the session",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="companion",
        description="A voice-guided exercise companion for sciatica, leg and back spasm."
        " Nothing leaves this machine unless you set a broker or a server.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"companion {__version__}")
    _session_options(parser)
    parser.set_defaults(command=commands.greet)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(name: str, summary: str, command: Callable[[argparse.Namespace], int], example: str) -> Any:
        each = subparsers.add_parser(
            name,
            help=summary,
            description=summary[0].upper() + summary[1:] + ".",
            epilog=f"example:\n  companion {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        each.set_defaults(command=command)
        return each

    start = add("start", "be led through a routine", commands.start, "start sciatica-relief")
    start.add_argument("routine", metavar="ROUTINE", help="a routine's name, or a YAML file")
    _session_options(start, of_command=True)

    resume = add("resume", "go on where a session was left", commands.resume, "resume")
    _session_options(resume, of_command=True)

    serve = add("serve", "stay, for other programs, keys and buttons to use", commands.serve, "serve")
    _session_options(serve, of_command=True)

    for name, summary in REMOTE.items():
        each = add(name, f"{summary}, in the companion that runs", commands.tell, name)
        each.set_defaults(action=name)
    say = add("say", "say something to the companion that runs", commands.tell, "say how long left")
    say.add_argument("words", metavar="TEXT", nargs="+")
    say.set_defaults(action="say")

    status = add("status", "show what the companion that runs does", commands.status, "status --follow")
    status.add_argument("--follow", action="store_true", help="go on with a line for every change")
    status.add_argument("--json", action="store_true", help="print a JSON object a line")

    rehearse = add(
        "rehearse",
        "show a whole session in virtual time",
        commands.rehearse,
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
        commands.interpret,
        'interpret "my leg keeps giving way"\n\nWithout a text it reads one a line from its input.',
    )
    interpret.add_argument("text", metavar="TEXT", nargs="*")
    interpret.add_argument("--json", action="store_true", help="print a JSON object a line")

    hear = add(
        "hear",
        "run recordings through the ears of a session",
        commands.hear,
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

    _routines_parser(
        add("routines", "list, show, check or begin routines", commands.list_routines, "routines")
    )

    _shortcut_parser(
        add(
            "shortcut",
            "bind a command to keys of the desktop",
            commands_desk.list_shortcuts,
            'shortcut add "Ctrl+Alt+S" start sciatica-relief',
        )
    )

    _service_parser(
        add(
            "service",
            "let the companion start with the machine",
            commands_desk.service_status,
            "service install",
        )
    )

    voices = add("voices", "list the voices, or play one", commands.voices, "voices play brisk")
    voices.add_argument("action", nargs="?", choices=("list", "play"), default="list")
    voices.add_argument("name", nargs="?", help="the voice to play")

    setup = add("setup", "fetch the model of the better recogniser", commands.setup, "setup")
    setup.add_argument("model", metavar="MODEL", nargs="?", help="its name; unless given, the language's own")
    setup.add_argument(
        "--from", dest="source", metavar="FILE", type=Path, help="a zip or folder carried over"
    )
    setup.add_argument("--list", action="store_true", help="show the models, and which are installed")

    doctor = add("doctor", "test what a session needs, and say what to do", commands.doctor, "doctor")
    doctor.add_argument("--no-microphone-test", action="store_true", help="do not ask to say something")
    doctor.add_argument("--json", action="store_true", help="print a JSON object a line")

    add("devices", "list microphones and loudspeakers", commands.devices, "devices")
    add("settings", "show every setting, its default and its meaning", commands.settings, "settings")
    add("clear", "clear the lock that a red flag left", commands.clear, "clear")

    history = add(
        "history", "look back on past sessions", commands_history.history, "history --plot pain.svg"
    )
    history.add_argument(
        "--plot", metavar="FILE.svg", type=Path, help="also draw pain before and after as a picture"
    )
    history.add_argument("--force", action="store_true", help="replace the picture that is there")
    history.add_argument("--json", action="store_true", help="print one JSON object")

    export = add(
        "export",
        "write the whole history to a file, such as for a physiotherapist",
        commands_history.export,
        "export history.csv",
    )
    export.add_argument("file", metavar="FILE", type=Path, help="its name ends in .csv or .json")
    export.add_argument("--force", action="store_true", help="replace the file that is there")

    forget = add("forget", "delete the history of all sessions for good", commands_history.forget, "forget")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _session_options(parser: argparse.ArgumentParser, *, of_command: bool = False) -> None:
    """The options of sessions. A command has them too, and leaves what was given before its name."""
    left: dict[str, Any] = {"default": argparse.SUPPRESS} if of_command else {}
    parser.add_argument("--text", action="store_true", help="type and read, without sound", **left)
    parser.add_argument("--json", action="store_true", help="print every event as a JSON line", **left)
    parser.add_argument("--voice", metavar="NAME", help="how it speaks; see “companion voices”", **left)
    parser.add_argument(
        "--mic", metavar="DEVICE", help="a microphone by name or number, or a WAV file", **left
    )
    parser.add_argument(
        "--speaker", metavar="DEVICE", help="a loudspeaker by name or number, or a WAV file", **left
    )
    parser.add_argument(
        "--engine", choices=("auto", "vosk", "pocketsphinx"), help="which recogniser listens", **left
    )
    parser.add_argument(
        "--record", metavar="FOLDER", type=Path, help="keep what is heard, as WAV files", **left
    )
    parser.add_argument(
        "--asr", metavar="tcp://HOST:PORT", help="a Wyoming server that listens as well", **left
    )
    parser.add_argument(
        "--tts", metavar="tcp://HOST:PORT", help="a Wyoming server that speaks instead", **left
    )


def _routines_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="list all routines")
    listing.set_defaults(command=commands.list_routines)
    show = actions.add_parser("show", help="show a routine, or an exercise, in full")
    show.add_argument("name", metavar="NAME")
    show.set_defaults(command=commands.show_routine)
    check = actions.add_parser("check", help="say what is wrong with a file, where, and how to mend it")
    check.add_argument("file", metavar="FILE", type=Path, nargs="+")
    check.set_defaults(command=commands.check_routines)
    new = actions.add_parser("new", help="write a commented example to begin from")
    new.add_argument("file", metavar="FILE", type=Path, nargs="?", default=Path("my-routine.yaml"))
    new.set_defaults(command=commands.new_routine)


def _shortcut_parser(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(json=False)
    actions = parser.add_subparsers(metavar="ACTION")
    add = actions.add_parser("add", help="bind a command to keys")
    add.add_argument("keys", metavar="KEYS", help="for example Ctrl+Alt+S, Super+F5 or Play")
    add.add_argument("does", metavar="COMMAND", help="a command of the companion, such as pause")
    add.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="what belongs to it")
    add.set_defaults(command=commands_desk.add_shortcut, parse=lambda words: _parser().parse_args(words))
    listing = actions.add_parser("list", help="list the companion's shortcuts")
    listing.add_argument("--json", action="store_true", help="print a JSON object a line")
    listing.set_defaults(command=commands_desk.list_shortcuts)
    remove = actions.add_parser("remove", help="free the keys again")
    remove.add_argument("keys", metavar="KEYS", help="as they were given to add")
    remove.set_defaults(command=commands_desk.remove_shortcut)


def _service_parser(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION")
    for name, summary, command in (
        ("install", "start it now and with the machine, by systemd", commands_desk.install_service),
        ("status", "show how the service is", commands_desk.service_status),
        ("remove", "stop it, and take it away again", commands_desk.remove_service),
    ):
        actions.add_parser(name, help=summary).set_defaults(command=command)
    logs = actions.add_parser("logs", help="show what the service has said")
    logs.add_argument("--follow", action="store_true", help="go on showing it")
    logs.set_defaults(command=commands_desk.service_logs)
