"""Which desktop this is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from companion.control.shortcuts.by_hand import MACOS, UNKNOWN, ByHand
from companion.control.shortcuts.desktop import Desktop
from companion.control.shortcuts.gsettings import CINNAMON, GNOME, GSettingsDesktop
from companion.control.shortcuts.kde import KdeDesktop
from companion.control.shortcuts.tiling import I3, SWAY, TilingDesktop
from companion.control.shortcuts.windows import WindowsDesktop
from companion.control.shortcuts.xfce import XfceDesktop

# By the names that desktops give themselves in XDG_CURRENT_DESKTOP, in lower case.
DESKTOPS: Mapping[str, Callable[[], Desktop]] = {
    "gnome": lambda: GSettingsDesktop(GNOME),
    "unity": lambda: GSettingsDesktop(GNOME),
    "x-cinnamon": lambda: GSettingsDesktop(CINNAMON),
    "kde": KdeDesktop,
    "xfce": XfceDesktop,
    "sway": lambda: TilingDesktop(SWAY),
    "i3": lambda: TilingDesktop(I3),
}
SYSTEMS: Mapping[str, Callable[[], Desktop]] = {
    "win32": WindowsDesktop,
    "darwin": lambda: ByHand("macOS", MACOS),
}


def this_desktop(system: str, environment: Mapping[str, str]) -> Desktop:
    """The desktop of a session, by ``sys.platform`` and its environment."""
    if system in SYSTEMS:
        return SYSTEMS[system]()
    names = environment.get("XDG_CURRENT_DESKTOP", "").lower().split(":")
    sockets = [name for name in ("sway", "i3") if f"{name.upper()}SOCK" in environment]
    for name in (*sockets, *names):
        if name in DESKTOPS:
            return DESKTOPS[name]()
    return ByHand("this desktop", UNKNOWN)
