"""How this companion is called: the command that a key press or the system runs."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

_PLAIN = re.compile(r"[\w@+=:,./~-]+")  # needs no quotes
_SPECIAL = re.compile(r'["`$\\%\x00-\x1f\x7f]')  # each reader of a command line has other rules for these


class UnfitArgumentError(Exception):
    """A command line cannot hold this argument; the message says which character is in the way."""


def this_companion() -> tuple[str, ...]:
    """The program and its first arguments, with an absolute path, whatever the folder it is run in."""
    beside = Path(sys.executable).with_name("companion.exe" if sys.platform == "win32" else "companion")
    return (str(beside),) if beside.exists() else (sys.executable, "-m", "companion")


def command_line(words: Sequence[str]) -> str:
    """The words as one line that the shell, GLib, desktop entries and systemd all read alike.

    Raises ``UnfitArgumentError`` for characters that one of them would change.
    """
    for word in words:
        if found := _SPECIAL.search(word):
            raise UnfitArgumentError(
                f"“{word}” cannot be in a command here, because of the {found[0]!r} in it."
            )
    return " ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words)


def arguments_of(line: str) -> tuple[str, ...] | None:
    """What a line asks of a companion; None where it runs something else."""
    try:
        program, *arguments = shlex.split(line)
    except ValueError:  # an empty line, or an open quote
        return None
    if Path(program).stem == "companion":
        return tuple(arguments)
    return tuple(arguments[2:]) if arguments[:2] == ["-m", "companion"] else None
