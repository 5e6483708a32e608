"""GNOME and Cinnamon: custom keybindings in GSettings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.control.program import arguments_of
from companion.control.shortcuts.desktop import Shortcut, ShortcutError, attempt, run
from companion.control.shortcuts.keys import Keys, read_keys

OURS = "companion-"  # what the names of our entries begin with


@dataclass(frozen=True, slots=True)
class Flavour:
    """Where a desktop keeps its custom keybindings."""

    title: str
    schema: str
    """Has the list of them, under ``key``."""
    key: str
    entry_schema: str
    """Each has ``name``, ``command`` and ``binding``."""
    folder: str
    """They lie in folders of this one."""
    listed_by_path: bool
    """The list names them by their whole path, else by the name of their folder."""
    many: bool
    """``binding`` is a list."""
    others: tuple[str, ...]
    """Schemas whose keys may hold a combination as well."""


GNOME = Flavour(
    title="GNOME",
    schema="org.gnome.settings-daemon.plugins.media-keys",
    key="custom-keybindings",
    entry_schema="org.gnome.settings-daemon.plugins.media-keys.custom-keybinding",
    folder="/org/gnome/settings-daemon/plugins/media-keys/custom-keybindings/",
    listed_by_path=True,
    many=False,
    others=(
        "org.gnome.settings-daemon.plugins.media-keys",
        "org.gnome.desktop.wm.keybindings",
        "org.gnome.shell.keybindings",
        "org.gnome.mutter.keybindings",
        "org.gnome.mutter.wayland.keybindings",
    ),
)
CINNAMON = Flavour(
    title="Cinnamon",
    schema="org.cinnamon.desktop.keybindings",
    key="custom-list",
    entry_schema="org.cinnamon.desktop.keybindings.custom-keybinding",
    folder="/org/cinnamon/desktop/keybindings/custom-keybindings/",
    listed_by_path=False,
    many=True,
    others=(
        "org.cinnamon.desktop.keybindings",
        "org.cinnamon.desktop.keybindings.wm",
        "org.cinnamon.desktop.keybindings.media-keys",
    ),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A custom keybinding, whoever made it."""

    listed: str  # as the list names it
    name: str
    bindings: str  # a combination, or a list of them, as GSettings writes it
    command: str

    def has(self, keys: Keys) -> bool:
        return keys in _keys(self.bindings)


class GSettingsDesktop:
    """A desktop that keeps shortcuts in GSettings."""

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour
        self.title = flavour.title

    def shortcuts(self) -> list[Shortcut]:
        found = []
        for entry in self._entries():
            arguments = arguments_of(entry.command)
            if arguments is not None and self._is_ours(entry.listed):
                found += [Shortcut(keys, arguments) for keys in _keys(entry.bindings)]
        return found

    def holder(self, keys: Keys) -> str | None:
        for entry in self._entries():
            if entry.has(keys):
                return f"“{entry.name or entry.command}”"
        for schema in self._flavour.others:
            listing = attempt("gsettings", "list-recursively", schema)
            for line in listing.stdout.splitlines() if listing.returncode == 0 else ():
                of, key, value = line.split(" ", 2)
                if keys in _keys(value):
                    return f"“{key}” of {of}"
        return None

    def add(self, shortcut: Shortcut) -> str:
        listed = self._listed(shortcut.keys)
        combination = _text(shortcut.keys.gtk)
        self._set(listed, "name", _text(f"Companion: {' '.join(shortcut.arguments)}"))
        self._set(listed, "command", _text(shortcut.command))
        self._set(listed, "binding", f"[{combination}]" if self._flavour.many else combination)
        self._write_list([*(each for each in self._list() if each != listed), listed])
        return ""

    def remove(self, shortcut: Shortcut) -> str:
        listed = self._listed(shortcut.keys)
        self._write_list([each for each in self._list() if each != listed])
        run("gsettings", "reset-recursively", self._schema_of(listed))
        return ""

    # -- the list and its entries ------------------------------------------------------------------------

    def _entries(self) -> Iterator[_Entry]:
        for listed in self._list():
            if listed.startswith("__"):  # Cinnamon's settings put a dummy there
                continue
            name, binding, command = (self._get(listed, key) for key in ("name", "binding", "command"))
            yield _Entry(listed, _string(name), binding, _string(command))

    def _list(self) -> list[str]:
        text = run("gsettings", "get", self._flavour.schema, self._flavour.key).removeprefix("@as ")
        value = ast.literal_eval(text.strip())
        if not isinstance(value, list):
            raise ShortcutError(f"gsettings: {self._flavour.key} is no list: {text.strip()}")
        return value

    def _write_list(self, entries: list[str]) -> None:
        text = f"[{', '.join(map(_text, entries))}]"
        run("gsettings", "set", self._flavour.schema, self._flavour.key, text)

    def _listed(self, keys: Keys) -> str:
        name = OURS + keys.slug
        return f"{self._flavour.folder}{name}/" if self._flavour.listed_by_path else name

    def _is_ours(self, listed: str) -> bool:
        return listed.removeprefix(self._flavour.folder).startswith(OURS)

    def _schema_of(self, listed: str) -> str:
        path = listed if self._flavour.listed_by_path else f"{self._flavour.folder}{listed}/"
        return f"{self._flavour.entry_schema}:{path}"

    def _get(self, listed: str, key: str) -> str:
        return run("gsettings", "get", self._schema_of(listed), key).strip()

    def _set(self, listed: str, key: str, value: str) -> None:
        run("gsettings", "set", self._schema_of(listed), key, value)


# -- values as GSettings writes them --------------------------------------------------------------------


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _string(text: str) -> str:
    return str(ast.literal_eval(text))


def _keys(text: str) -> list[Keys]:
    """The combinations in quotes: one, or a list of them."""
    written = re.findall(r"'([^']+)'", text)
    return [keys for each in written if (keys := read_keys(each)) is not None]
