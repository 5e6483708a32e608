"""Desktops whose shortcuts no program can set: what the person has to do there."""

from __future__ import annotations

from companion.control.shortcuts.desktop import Shortcut
from companion.control.shortcuts.keys import Keys

MACOS = """\
macOS lets nobody but you set a shortcut. In the app Shortcuts: File, New Shortcut; add the action
“Run Shell Script” with this line; then, under the (i), “Run with” and press {keys}:
  {command}"""
UNKNOWN = """\
This desktop is not known here. Bind {keys} in its settings to this command:
  {command}"""


class ByHand:
    """Tells what to do. What was done cannot be seen, nor undone from here."""

    def __init__(self, title: str, recipe: str) -> None:
        self.title = title
        self._recipe = recipe

    def shortcuts(self) -> list[Shortcut]:
        return []

    def holder(self, keys: Keys) -> str | None:
        return None

    def add(self, shortcut: Shortcut) -> str:
        return self._recipe.format(keys=shortcut.keys, command=shortcut.command)

    def remove(self, shortcut: Shortcut) -> str:
        return f"Remove {shortcut.keys} where you set it."
