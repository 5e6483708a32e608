"""Xfce: commands on keys in Xfconf."""

from __future__ import annotations

from collections.abc import Iterator

from companion.control.program import arguments_of
from companion.control.shortcuts.desktop import Shortcut, attempt, run
from companion.control.shortcuts.keys import Keys, read_keys

CHANNEL = "xfce4-keyboard-shortcuts"
COMMANDS = "/commands/custom/"  # each property is a combination, its value what to run


class XfceDesktop:
    """Entries bear no name in Xfce, so ours are those that run a companion."""

    title = "Xfce"

    def shortcuts(self) -> list[Shortcut]:
        return [shortcut for _, shortcut in self._ours()]

    def holder(self, keys: Keys) -> str | None:
        properties = dict(self._properties())
        for folder in ("/commands/", "/xfwm4/"):
            own = properties.get(f"{folder}custom/override") == "true"  # the defaults then count no more
            for kind in ("custom",) if own else ("custom", "default"):
                for name, value in properties.items():
                    if read_keys(name.removeprefix(f"{folder}{kind}/")) == keys:
                        return f"“{value}”"
        return None

    def add(self, shortcut: Shortcut) -> str:
        name = COMMANDS + shortcut.keys.gtk
        run("xfconf-query", "-c", CHANNEL, "-p", name, "-n", "-t", "string", "-s", shortcut.command)
        return ""

    def remove(self, shortcut: Shortcut) -> str:
        for name, each in self._ours():
            if each == shortcut:
                run("xfconf-query", "-c", CHANNEL, "-p", name, "-r")
        return ""

    def _ours(self) -> Iterator[tuple[str, Shortcut]]:
        """The name of each property that runs a companion, and its meaning."""
        for name, value in self._properties():
            keys, arguments = read_keys(name.removeprefix(COMMANDS)), arguments_of(value)
            if keys is not None and arguments is not None:
                yield name, Shortcut(keys, arguments)

    def _properties(self) -> Iterator[tuple[str, str]]:
        listing = attempt("xfconf-query", "-c", CHANNEL, "-l", "-v")
        for line in listing.stdout.splitlines() if listing.returncode == 0 else ():
            name, _, value = line.partition(" ")
            yield name, value.strip()
