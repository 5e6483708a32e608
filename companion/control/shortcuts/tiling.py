"""sway and i3: a file of our own beside their configuration, which includes it with one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from companion.control.program import arguments_of
from companion.control.shortcuts.desktop import Shortcut, ShortcutError, attempt, config_home
from companion.control.shortcuts.keys import Keys, read_keys

HEADER = "# Written by “companion shortcut”, which changes it with each shortcut that is added or removed.\n"
ESCAPED = r'\\"'  # one backslash for the configuration, which takes it away, and one for the command
BINDING = re.compile(r"bindsym\s+((?:--\S+\s+)*)(\S+)\s+(.*)")


@dataclass(frozen=True, slots=True)
class Flavour:
    """Where a window manager has its configuration, and how it is told of a change."""

    title: str
    folder: str
    """Below ``~/.config``."""
    fallback: str
    """The system's configuration, which counts where the person has none."""
    run: str
    """What comes before the line of a program that is to be run."""
    quotes: bool
    """That line stands in double quotes and its own are escaped; else it goes to the shell as it is."""
    reload: tuple[str, ...]


SWAY = Flavour("sway", "sway", "/etc/sway/config", "exec ", False, ("swaymsg", "reload"))
I3 = Flavour("i3", "i3", "/etc/i3/config", "exec --no-startup-id ", True, ("i3-msg", "reload"))


class TilingDesktop:
    """A window manager that is configured by a text file. That file itself stays as it is."""

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour
        self.title = flavour.title
        self._own = config_home() / flavour.folder / "companion.conf"
        self._usual = config_home() / flavour.folder / "config"
        self._config = self._usual if self._usual.exists() else Path(flavour.fallback)

    def shortcuts(self) -> list[Shortcut]:
        return [Shortcut(keys, self._arguments(does)) for keys, does, _ in _bindings(self._own)]

    def holder(self, keys: Keys) -> str | None:
        for taken, command, file in _bindings(self._config):
            if taken == keys and file != self._own:
                return f"“{command}” in {file}"
        return None

    def add(self, shortcut: Shortcut) -> str:
        self._write([*(each for each in self.shortcuts() if each != shortcut), shortcut])
        if self._is_included():
            return self._reload()
        first = "" if self._config == self._usual else f" (a copy of {self._config})"
        return (
            f"{shortcut.keys} is set: {shortcut.does}. It takes effect once {self._usual}{first}\n"
            f"has the line:\n"
            f"  include {self._own}\n"
            f"and after: {' '.join(self._flavour.reload)}"
        )

    def remove(self, shortcut: Shortcut) -> str:
        self._write([each for each in self.shortcuts() if each != shortcut])
        return self._reload()

    def _write(self, shortcuts: list[Shortcut]) -> None:
        lines = [f"bindsym {each.keys.x} {self._does(each)}\n" for each in shortcuts]
        if lines:
            self._own.parent.mkdir(parents=True, exist_ok=True)
            self._own.write_text(HEADER + "".join(lines), "utf-8")
        else:
            self._own.unlink(missing_ok=True)

    def _does(self, shortcut: Shortcut) -> str:
        command = shortcut.command
        if self._flavour.quotes:
            command = '"' + command.replace('"', ESCAPED) + '"'
        return self._flavour.run + command

    def _arguments(self, does: str) -> tuple[str, ...]:
        """What ``_does`` was made from."""
        command = does.removeprefix(self._flavour.run)
        if self._flavour.quotes:
            command = command[1:-1].replace(ESCAPED, '"')
        return arguments_of(command) or ()

    def _is_included(self) -> bool:
        return self._own in _files(self._config)

    def _reload(self) -> str:
        """Tell the running window manager; return what the person has to do where that fails."""
        try:
            if attempt(*self._flavour.reload).returncode == 0:
                return ""
        except ShortcutError:
            pass  # its tool is not here
        return f"Done. It takes effect after: {' '.join(self._flavour.reload)}"


def _bindings(config: Path) -> Iterator[tuple[Keys, str, Path]]:
    """Every combination that a configuration binds in its usual mode, what it does, and the file."""
    variables: dict[str, str] = {}
    for file in _files(config):
        depth = 0  # of blocks in braces; those of a mode bind keys for that mode alone
        for line in _lines(file):
            if found := re.match(r"set\s+(\$\S+)\s+(.*)", line):
                variables[found[1]] = found[2]
            elif depth == 0 and (found := BINDING.match(line)):
                written = found[2]
                for name in sorted(variables, key=len, reverse=True):
                    written = written.replace(name, variables[name])
                if (keys := read_keys(written)) is not None:
                    yield keys, found[3], file
            depth += line.endswith("{") - line.startswith("}")


def _files(config: Path) -> list[Path]:
    """A configuration file and those that it includes, in order."""
    files = [config] if config.exists() else []
    for file in files:  # grows as it goes
        for line in _lines(file):
            if found := re.match(r"include\s+(.*)", line):
                path = file.parent / Path(found[1].strip("\"'")).expanduser()
                files += [each for each in sorted(path.parent.glob(path.name)) if each not in files]
    return files


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text("utf-8", "replace").splitlines()]
