"""KDE Plasma 5 and 6: a desktop entry for each shortcut, and its keys in ``kglobalshortcutsrc``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from companion.control.program import arguments_of
from companion.control.shortcuts.desktop import Shortcut, config_home, data_home, run
from companion.control.shortcuts.keys import Keys, read_keys

OURS = "companion-"  # what the names of our desktop entries begin with
ACTION = "_launch"  # what Plasma calls the running of a desktop entry
LOG_IN_ANEW = "Log out and in again; Plasma reads its shortcuts then."
ENTRY = """\
[Desktop Entry]
Type=Application
Name=Companion: {name}
Exec={command}
NoDisplay=true
"""


class KdeDesktop:
    """Plasma writes its file through ``kwriteconfig``; so do we, that its locks are kept."""

    title = "KDE Plasma"

    def __init__(self) -> None:
        self._version = os.environ.get("KDE_SESSION_VERSION", "6")
        self._rc = config_home() / "kglobalshortcutsrc"

    def shortcuts(self) -> list[Shortcut]:
        found = []
        for group, _, keys, _ in self._actions():
            if group.startswith(OURS) and (arguments := _arguments(_entry_file(group))) is not None:
                found += [Shortcut(each, arguments) for each in keys]
        return found

    def holder(self, keys: Keys) -> str | None:
        for group, action, taken, meaning in self._actions():
            if keys in taken:
                return f"“{meaning or action}” of {group}"
        return None

    def add(self, shortcut: Shortcut) -> str:
        name = " ".join(shortcut.arguments)
        group = f"{OURS}{shortcut.keys.slug}.desktop"
        entry = ENTRY.format(name=name, command=shortcut.command)
        # Plasma 5 keeps beside the keys what they are by default, and a name, in which a comma would end it.
        keys = shortcut.keys.qt if self._version == "6" else f"{shortcut.keys.qt},none,Companion"
        self._write(group, keys)
        _entry_file(group).parent.mkdir(parents=True, exist_ok=True)
        _entry_file(group).write_text(entry, "utf-8")
        return f"{shortcut.keys} is set: {shortcut.does}. {LOG_IN_ANEW}"

    def remove(self, shortcut: Shortcut) -> str:
        group = f"{OURS}{shortcut.keys.slug}.desktop"
        self._write(group, "--delete")
        _entry_file(group).unlink(missing_ok=True)
        return f"{shortcut.keys} is removed. {LOG_IN_ANEW}"

    def _write(self, group: str, value: str) -> None:
        within = ("--group", "services") if self._version == "6" else ()
        where = ("--file", self._rc, *within, "--group", group, "--key", ACTION)
        run(f"kwriteconfig{self._version}", *where, value)

    def _actions(self) -> Iterator[tuple[str, str, list[Keys], str]]:
        """Every action in Plasma's file: its group, its name, its keys, and its meaning in words."""
        group = ""
        for line in self._rc.read_text("utf-8").splitlines() if self._rc.exists() else ():
            if line.startswith("["):
                group = re.findall(r"\[([^]]*)\]", line)[-1]
            elif "=" in line:
                action, _, value = line.partition("=")
                written, *_, meaning = value.split(",") if "," in value else (value, "")
                keys = [k for each in written.split("\\t") if (k := read_keys(each)) is not None]
                yield group, action, keys, meaning


def _entry_file(group: str) -> Path:
    return data_home() / "applications" / group


def _arguments(file: Path) -> tuple[str, ...] | None:
    """What a desktop entry asks of a companion; None where it does not, or is not there."""
    text = file.read_text("utf-8") if file.exists() else ""
    found = re.search(r"^Exec=(.*)$", text, re.MULTILINE)
    return arguments_of(found[1]) if found else None
