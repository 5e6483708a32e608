"""Combinations of keys, as people type them and as each desktop writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_uppercase, digits
from typing import NamedTuple

from companion.content.errors import did_you_mean, nearest


class _Modifier(NamedTuple):
    name: str  # what people type and are shown
    gtk: str  # GNOME, Cinnamon, Xfce
    x: str  # sway and i3
    qt: str  # KDE
    aliases: str = ""  # what else they or people write for it


class _Key(NamedTuple):
    name: str
    keysym: str  # of X: GNOME, Cinnamon, Xfce, sway, i3
    qt: str


MODIFIERS = (
    _Modifier("Ctrl", "<Primary>", "Control", "Ctrl", "ctl strg"),
    _Modifier("Alt", "<Alt>", "Mod1", "Alt", "option"),
    _Modifier("Shift", "<Shift>", "Shift", "Shift"),
    _Modifier("Super", "<Super>", "Mod4", "Meta", "win windows logo cmd command"),
)
NAMED_KEYS = (
    _Key("Space", "space", "Space"),
    _Key("Enter", "Return", "Return"),
    _Key("Tab", "Tab", "Tab"),
    _Key("Escape", "Escape", "Esc"),
    _Key("Backspace", "BackSpace", "Backspace"),
    _Key("Insert", "Insert", "Ins"),
    _Key("Delete", "Delete", "Del"),
    _Key("Home", "Home", "Home"),
    _Key("End", "End", "End"),
    _Key("PageUp", "Page_Up", "PgUp"),
    _Key("PageDown", "Page_Down", "PgDown"),
    _Key("Up", "Up", "Up"),
    _Key("Down", "Down", "Down"),
    _Key("Left", "Left", "Left"),
    _Key("Right", "Right", "Right"),
    _Key("Pause", "Pause", "Pause"),
    _Key("Print", "Print", "Print"),
    _Key("Plus", "plus", "+"),
    _Key("Minus", "minus", "-"),
    _Key("Period", "period", "."),
    _Key("Slash", "slash", "/"),
    _Key("Play", "XF86AudioPlay", "Media Play"),
    _Key("Stop", "XF86AudioStop", "Media Stop"),
    _Key("Next", "XF86AudioNext", "Media Next"),
    _Key("Previous", "XF86AudioPrev", "Media Previous"),
)
CHARACTERS = tuple(_Key(c, c.lower(), c) for c in ascii_uppercase + digits)
FUNCTION_KEYS = tuple(_Key(f"F{n}", f"F{n}", f"F{n}") for n in range(1, 25))
ALONE = {"Pause", "Print", "Play", "Stop", "Next", "Previous"} | {key.name for key in FUNCTION_KEYS}
"""Keys that nobody writes with: they need no modifier."""

_MODIFIER_CALLED = {
    name.lower(): modifier
    for modifier in MODIFIERS
    for name in (modifier.name, modifier.gtk.strip("<>"), modifier.x, modifier.qt, *modifier.aliases.split())
}
_KEY_CALLED = {
    name.lower(): key
    for key in (*NAMED_KEYS, *CHARACTERS, *FUNCTION_KEYS)
    for name in (key.name, key.keysym, key.qt)
}


class KeysError(Exception):
    """No combination of keys that could start something; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A key and the modifiers that are held with it. Equal however they were written."""

    modifiers: tuple[_Modifier, ...]  # in the order of MODIFIERS
    key: _Key

    def __str__(self) -> str:
        return "+".join([*(m.name for m in self.modifiers), self.key.name])

    @property
    def gtk(self) -> str:
        """``<Primary><Alt>s``, for GNOME, Cinnamon and Xfce."""
        return "".join(m.gtk for m in self.modifiers) + self.key.keysym

    @property
    def x(self) -> str:
        """``Control+Mod1+s``, for sway and i3."""
        return "+".join([*(m.x for m in self.modifiers), self.key.keysym])

    @property
    def qt(self) -> str:
        """``Ctrl+Alt+S``, for KDE."""
        return "+".join([*(m.qt for m in self.modifiers), self.key.qt])

    @property
    def slug(self) -> str:
        """``ctrl-alt-s``, for names of files and entries."""
        return str(self).lower().replace("+", "-")


def parse_keys(text: str) -> Keys:
    """The combination that people, GTK, Qt, sway or i3 write so. Raises ``KeysError``."""
    parts = [part for part in re.split(r"\s*\+\s*|[<>]", text.strip()) if part]
    modifiers = [m for part in parts if (m := _MODIFIER_CALLED.get(part.lower()))]
    others = [part for part in parts if part.lower() not in _MODIFIER_CALLED]
    if unknown := [part for part in others if part.lower() not in _KEY_CALLED]:
        raise KeysError(f"There is no key “{unknown[0]}”. {_near(unknown[0])}")
    if len(others) != 1:
        named = "no key" if not others else " and ".join(f"“{part}”" for part in others)
        raise KeysError(
            f"“{text}” names {named}; it takes one key with Ctrl, Alt, Shift or Super: Ctrl+Alt+S."
        )
    held = tuple(m for m in MODIFIERS if m in modifiers)
    return Keys(held, _KEY_CALLED[others[0].lower()])


def check_usable(keys: Keys) -> None:
    """Raise ``KeysError`` for keys that are needed for typing."""
    if keys.key.name not in ALONE and {m.name for m in keys.modifiers} <= {"Shift"}:
        raise KeysError(
            f"{keys} is needed for typing. Hold Ctrl, Alt or Super with it: Ctrl+Alt+{keys.key.name}."
        )


def read_keys(written: str) -> Keys | None:
    """The combination in a desktop's own entry; None where that is something else."""
    try:
        return parse_keys(written)
    except KeysError:
        return None


def _near(part: str) -> str:
    names = [m.name for m in MODIFIERS] + [key.name for key in NAMED_KEYS]
    return did_you_mean(nearest(part, names, limit=1)) or "For example: Ctrl+Alt+S, Super+F5, Play."
