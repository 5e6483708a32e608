"""Windows: a link with a hot key in the start menu, made by PowerShell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import platformdirs

from companion.control.program import arguments_of, this_companion
from companion.control.shortcuts.desktop import Shortcut, ShortcutError, run
from companion.control.shortcuts.keys import Keys, read_keys

# Windows watches the hot keys of links in the start menu alone.
ADD = """\
$link = (New-Object -ComObject WScript.Shell).CreateShortcut({file})
$link.TargetPath = {program}; $link.Arguments = {arguments}; $link.HotKey = {keys}; $link.WindowStyle = 7
$link.Save()
"""
SHOW = """\
$link = (New-Object -ComObject WScript.Shell).CreateShortcut({file})
"$($link.HotKey)`tcompanion $($link.Arguments)"
"""
BY_HAND = """\
PowerShell would not set it: {why}
By hand: make a link to the command below in {folder}, and in its properties press {keys} at “Shortcut key”.
  {command}"""


class WindowsDesktop:
    """The hot keys of programs cannot be listed there, so who else has a key goes unnoticed."""

    title = "Windows"

    def __init__(self) -> None:
        menu = platformdirs.user_data_path(roaming=True) / "Microsoft" / "Windows" / "Start Menu" / "Programs"
        self._folder = menu / "Companion"

    def shortcuts(self) -> list[Shortcut]:
        found = []
        for file in sorted(self._folder.glob("*.lnk")):
            keys, _, command = _powershell(SHOW.format(file=_text(file))).partition("\t")
            if (read := read_keys(keys)) is not None:
                found.append(Shortcut(read, arguments_of(command) or ()))
        return found

    def holder(self, keys: Keys) -> str | None:
        return None

    def add(self, shortcut: Shortcut) -> str:
        program, *arguments = [*this_companion(), *shortcut.arguments]
        self._folder.mkdir(parents=True, exist_ok=True)
        script = ADD.format(
            file=_text(self._file(shortcut.keys)),
            program=_text(program),
            arguments=_text(subprocess.list2cmdline(arguments)),
            keys=_text(str(shortcut.keys).upper()),
        )
        try:
            _powershell(script)
        except ShortcutError as error:
            command = subprocess.list2cmdline([program, *arguments])
            return BY_HAND.format(keys=shortcut.keys, command=command, folder=self._folder, why=error)
        return ""

    def remove(self, shortcut: Shortcut) -> str:
        self._file(shortcut.keys).unlink(missing_ok=True)
        return ""

    def _file(self, keys: Keys) -> Path:
        return self._folder / f"{keys}.lnk"


def _powershell(script: str) -> str:
    return run("powershell", "-NoProfile", "-NonInteractive", "-Command", script).strip()


def _text(value: object) -> str:
    doubled = str(value).replace("'", "''")
    return f"'{doubled}'"
