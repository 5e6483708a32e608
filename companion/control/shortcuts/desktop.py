"""What a desktop is asked, and what it answers with when that cannot be done."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import platformdirs

from companion.control.program import command_line, this_companion
from companion.control.shortcuts.keys import Keys, check_usable


class ShortcutError(Exception):
    """A shortcut cannot be set or removed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys, and what they ask of a companion: the arguments of the command ``companion``."""

    keys: Keys
    arguments: tuple[str, ...]

    @property
    def command(self) -> str:
        """The line to run, by the program's absolute path. Raises ``UnfitArgumentError``."""
        return command_line([*this_companion(), *self.arguments])

    @property
    def does(self) -> str:
        return " ".join(["companion", *self.arguments])


class Desktop(Protocol):
    """A kind of desktop. Touches nothing but the companion's own entries. May raise ``ShortcutError``."""

    @property
    def title(self) -> str: ...

    def shortcuts(self) -> list[Shortcut]:
        """The companion's own."""
        ...

    def holder(self, keys: Keys) -> str | None:
        """What else these keys do, in words; None where they are free."""
        ...

    def add(self, shortcut: Shortcut) -> str:
        """Register it; return what the person has to do yet, or nothing."""
        ...

    def remove(self, shortcut: Shortcut) -> str:
        """Undo it; return what the person has to do yet, or nothing."""
        ...


def add_shortcut(desktop: Desktop, shortcut: Shortcut) -> str:
    """Register it where the keys are free; return a sentence for the person."""
    check_usable(shortcut.keys)
    own = {each.keys: each for each in desktop.shortcuts()}.get(shortcut.keys)
    if own is not None and own != shortcut:
        raise ShortcutError(
            f"{own.keys} is in use: {own.does}. To free it: companion shortcut remove {own.keys}"
        )
    if own is None and (holder := desktop.holder(shortcut.keys)):
        raise ShortcutError(
            f"{shortcut.keys} is in use in {desktop.title}: {holder}. Take other keys, or free these there."
        )
    left = desktop.add(shortcut)  # also where it is there already: the program may have been moved since
    return left or f"{shortcut.keys} now does: {shortcut.does}"


def remove_shortcut(desktop: Desktop, keys: Keys) -> str:
    """Undo what ``add_shortcut`` did for these keys; return a sentence for the person."""
    own = {each.keys: each for each in desktop.shortcuts()}
    if keys not in own:
        there = f"there is {', '.join(map(str, own))}" if own else "there is none"
        raise ShortcutError(f"No shortcut {keys} of the companion is to be seen in {desktop.title}: {there}.")
    left = desktop.remove(own[keys])
    return left or f"{keys} is free again."


def run(*command: str | Path) -> str:
    """What a desktop's own tool prints. Raises ``ShortcutError`` where it fails or is not here."""
    done = attempt(*command)
    if done.returncode != 0:
        raise ShortcutError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def attempt(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a desktop's own tool, which may fail. Raises ``ShortcutError`` where it is not here."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        raise ShortcutError(f"“{command[0]}” is not here, which sets this desktop's shortcuts.") from None
    except subprocess.TimeoutExpired:
        raise ShortcutError(f"“{command[0]}” does not answer. Is this a session of the desktop?") from None


def config_home() -> Path:
    """Where programs keep their settings: ``~/.config``."""
    return platformdirs.user_config_path()


def data_home() -> Path:
    """Where programs keep their data: ``~/.local/share``."""
    return platformdirs.user_data_path()
