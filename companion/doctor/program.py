"""Checks of the program and the machine it is on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile

from companion.config import cache_folder, config_folder, data_folder, load_settings, settings_file
from companion.doctor.check import Finding, Machine, Status

PACKAGE = "stretch-companion"
ROOM_NEEDED = 50e6  # bytes; a cache of speech and a journal
ROOM_WANTED = 500e6  # bytes; a model, unpacked beside its archive


def python(_: Machine) -> Finding:
    # A version that is too old never gets here: pip does not install the companion for it.
    return Finding("ok", f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")


def libraries(_: Machine) -> Finding:
    try:
        wanted = importlib.metadata.requires(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("warn", "it is run without being installed", "Install it: pip install .")
    names = [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in wanted if "extra ==" not in each]
    missing = [name for name in names if not version_of(name)]
    if missing:
        return Finding("fail", f"missing: {', '.join(missing)}", f"Type: pip install {' '.join(missing)}")
    heard = ("pyttsx3", "vosk", "pocketsphinx", "sounddevice")
    return Finding("ok", f"all {len(names)}; " + ", ".join(f"{name} {version_of(name)}" for name in heard))


def version_of(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def settings(_: Machine) -> Finding:
    load_settings()
    file = settings_file()
    return Finding("ok", str(file) if file.exists() else "all defaults")


def content(machine: Machine) -> Finding:
    loaded = machine.loaded
    assert loaded.interpreter and loaded.world  # both are made when they are first asked for
    if loaded.library.problems:
        return Finding("warn", "; ".join(map(str, loaded.library.problems)), "Mend these files.")
    return Finding("ok", f"{len(loaded.library.routines)} routines, language “{loaded.settings.language}”")


def folders(_: Machine) -> Finding:
    folders = (config_folder(), cache_folder(), data_folder())
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"companion")
        except OSError as error:
            return Finding(
                "fail", f"{folder} cannot be written: {error.strerror}", f"Type: sudo chown -R $USER {folder}"
            )
    return Finding("ok", ", ".join(map(str, folders)))


def disk(_: Machine) -> Finding:
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    status: Status = "ok" if free >= ROOM_WANTED else "warn" if free >= ROOM_NEEDED else "fail"
    remedy = "" if status == "ok" else f"Free some room on the disk of {folder}."
    return Finding(status, f"{free / 1e6:,.0f} MB free", remedy)


def terminal(_: Machine) -> Finding:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    if not encoding.startswith("utf"):
        return Finding("warn", f"it writes {encoding}", "Type: export LANG=C.UTF-8")
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        return Finding("ok", "none: plain lines instead of the live view")
    size = shutil.get_terminal_size()
    return Finding("ok", f"{os.environ.get('TERM', '?')}, {size.columns} × {size.lines}")
