"""What the commands do that give a companion its place on a machine: shortcuts and the service."""

from __future__ import annotations

import argparse
import os
import sys


def add_shortcut(options: argparse.Namespace) -> int:
    from pathlib import Path

    from companion.config import load_settings
    from companion.control.shortcuts.choose import this_desktop
    from companion.control.shortcuts.desktop import Shortcut, add_shortcut
    from companion.control.shortcuts.keys import parse_keys
    from companion.load import load

    keys = parse_keys(options.keys)
    arguments = [options.does, *options.arguments]
    asked = options.parse(arguments)  # a command that does not exist is told now, not at every press
    if (routine := getattr(asked, "routine", None)) is not None:
        load(load_settings(), routine)
    for at, each in enumerate(arguments):
        if each.endswith((".yaml", ".yml")):
            arguments[at] = str(Path(each).absolute())  # a key is pressed in any folder
    print(add_shortcut(this_desktop(sys.platform, os.environ), Shortcut(keys, tuple(arguments))))
    return 0


def list_shortcuts(options: argparse.Namespace) -> int:
    import json

    from companion.control.shortcuts.choose import this_desktop

    desktop = this_desktop(sys.platform, os.environ)
    found = desktop.shortcuts()
    for each in found:
        as_json = {"keys": str(each.keys), "arguments": each.arguments}
        print(json.dumps(as_json, ensure_ascii=False) if options.json else f"{each.keys!s:<16} {each.does}")
    if not found and not options.json:
        print(f"No shortcut of the companion is to be seen in {desktop.title}. To add one, for example:")
        print('  companion shortcut add "Ctrl+Alt+S" start sciatica-relief')
    return 0


def remove_shortcut(options: argparse.Namespace) -> int:
    from companion.control.shortcuts.choose import this_desktop
    from companion.control.shortcuts.desktop import remove_shortcut
    from companion.control.shortcuts.keys import parse_keys

    print(remove_shortcut(this_desktop(sys.platform, os.environ), parse_keys(options.keys)))
    return 0


def service_status(options: argparse.Namespace) -> int:
    from companion.control.service import status

    return status()


def service_logs(options: argparse.Namespace) -> int:
    from companion.control.service import logs

    return logs(options.follow)


def install_service(options: argparse.Namespace) -> int:
    from companion.control.service import install

    for line in install():
        print(line)
    return 0


def remove_service(options: argparse.Namespace) -> int:
    from companion.control.service import remove

    for line in remove():
        print(line)
    return 0
