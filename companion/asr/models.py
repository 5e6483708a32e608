"""The Vosk models that can be had, and how one gets into the folder of models: whole, or not at all."""

from __future__ import annotations

import re
import shutil
import stat
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from companion.asr.download import DiskFullError, DownloadError, Progress, disk_full_told, download, sha256
from companion.asr.vosk import missing_files

SITE = "https://alphacephei.com/vosk/models/"
PREFIX = "vosk-model-"  # what the folder of a model begins with, so that it is found
BY_HAND = "Or carry {name}.zip over from another machine, and type: companion setup --from {name}.zip"


@dataclass(frozen=True, slots=True)
class Model:
    """A model that ``SITE`` offers. ``size`` (bytes) and ``sha256`` are of its zip; None where not known."""

    name: str
    language: str  # of the language packs, as in ``voices/en``
    megabytes: int  # about, of its zip
    about: str
    size: int | None = None
    sha256: str | None = None


# Names and rough sizes: https://alphacephei.com/vosk/models. Exact sizes and hashes: as the packages of Arch
# Linux (AUR vosk-api, vosk-model-en-us-lgraph) pin them. The first of a language is its default.
MODELS = (
    Model(
        "vosk-model-small-en-us-0.15",
        "en",
        41,
        "US English, small: right for a Raspberry Pi 4 and up",
        41_205_931,
        "30f26242c4eb449f948e42cb302dd7a686cb29a3423a8367f99ff41780942498",
    ),
    Model(
        "vosk-model-en-us-0.22-lgraph",
        "en",
        131,
        "US English, larger and a little more exact",
        130_557_655,
        "d9838b4aaa82a75c4a17f5aca300eaca129aaab2a7cbf951bafbb500eb9c4334",
    ),
    Model("vosk-model-small-en-in-0.4", "en", 36, "Indian English, small"),
)


class ModelError(Exception):
    """A model could not be installed; the message says why and what to do next. Nothing half-done is left."""


def default_model(language: str) -> Model:
    """The first model of the language. Raises ``ModelError`` where there is none."""
    for model in MODELS:
        if model.language == language:
            return model
    raise ModelError(f"No model is known for the language “{language}”; name one: {_names()}.")


def find_model(name: str) -> Model:
    """The model of that name. Raises ``ModelError`` with the names that there are."""
    for model in MODELS:
        if model.name == name.removesuffix(".zip"):
            return model
    raise ModelError(f"There is no model “{name}”. There are {_names()}.")


def _names() -> str:
    return ", ".join(model.name for model in MODELS)


def installed(folder: Path) -> list[str]:
    """The names of the models in ``folder``."""
    return sorted(path.name for path in folder.glob(f"{PREFIX}*/"))


# -- getting one ----------------------------------------------------------------------------------------


def fetch(model: Model, folder: Path, progress: Progress, site: str = SITE) -> bool:
    """Fetch and install a model; False where it is there already. A broken-off download is gone on with.

    Raises ``ModelError``.
    """
    with _alone(folder):
        if model.name in installed(folder):
            return False
        part = folder / f"{model.name}.zip.part"
        by_hand = BY_HAND.format(name=model.name)
        needed = 4 * (model.size or model.megabytes * 1_000_000)  # the zip, and about thrice that unpacked
        _check_room(folder, needed - (part.stat().st_size if part.exists() else 0))
        try:
            download(site + model.name + ".zip", part, progress, model.size)
        except DiskFullError as error:
            part.unlink(missing_ok=True)
            raise ModelError(_full(folder)) from error
        except DownloadError as error:
            raise ModelError(
                f"{error}. Check the connection and type the same again: it goes on where it was. {by_hand}"
            ) from error
        try:
            _check(part, model)
            _unpack(part, folder, model.name)
        finally:
            part.unlink()
        return True


def install(source: Path, folder: Path) -> str:
    """Install a model that was carried over, a zip or an unpacked folder, and return its name.

    Raises ``ModelError``; ``FileNotFoundError`` where there is no ``source``. One of that name is replaced.
    """
    source = source.resolve()
    if not source.exists():
        raise FileNotFoundError(f"{source}: there is no such file")
    name = source.name.removesuffix(".zip")
    name = name if name.startswith(PREFIX) else PREFIX + name
    if not re.fullmatch(r"[\w.-]+", name):
        raise ModelError(f"{source.name} is no name for a model; rename it, for example to {MODELS[0].name}.")
    with _alone(folder):
        if source.is_dir():
            with _beside(folder, name) as new, _disk_full_told(folder):
                shutil.copytree(source, new / name)
                _settle(new / name, folder / name, source)
        else:
            known = next((model for model in MODELS if model.name == name), None)
            if known:
                _check(source, known)
            _unpack(source, folder, name)
    return name


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second set-up out of ``folder`` until this one is over. The lock goes with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ModelError(
                f"Another “companion setup” is at work in {folder}. Wait till it is over."
            ) from error
        for left in folder.glob(".*.new"):  # of one that was killed
            shutil.rmtree(left)
        yield


def _check(archive: Path, model: Model) -> None:
    """Raise ``ModelError`` unless the archive has the size and the SHA-256 that are known."""
    size = archive.stat().st_size
    if model.size is not None and size != model.size:
        raise ModelError(
            f"{model.name}.zip is of the wrong size: {size:,} bytes instead of {model.size:,}."
            " Fetch it again."
        )
    if model.sha256 is not None and sha256(archive) != model.sha256:
        raise ModelError(f"{model.name}.zip is damaged: its SHA-256 is not the right one. Fetch it again.")


# -- unpacking ------------------------------------------------------------------------------------------


def _unpack(archive: Path, folder: Path, name: str) -> None:
    """Unpack beside, look whether all is there, and rename: the model appears whole."""
    try:
        with zipfile.ZipFile(archive) as zipped, _beside(folder, name) as new, _disk_full_told(folder):
            _check_members(zipped, archive)
            _check_room(folder, sum(member.file_size for member in zipped.infolist()))
            unpacked = new / "unpacked"
            zipped.extractall(unpacked)  # which checks every file's CRC
            inside = list(unpacked.iterdir())
            if len(inside) == 1 and inside[0].is_dir():
                unpacked = inside[0]
            _settle(unpacked, folder / name, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ModelError(
            f"{archive.name.removesuffix('.part')} is no whole zip archive ({error}). Fetch it again."
        ) from error


def _check_members(zipped: zipfile.ZipFile, archive: Path) -> None:
    """Raise ``ModelError`` where anything in it would land outside of its folder."""
    for member in zipped.infolist():
        path = PurePosixPath(member.orig_filename.replace("\\", "/"))
        linked = stat.S_ISLNK(member.external_attr >> 16)
        if path.is_absolute() or ".." in path.parts or ":" in member.orig_filename or linked:
            raise ModelError(
                f"{archive.name} is not to be trusted: “{member.orig_filename}” in it points outside. Get"
                f" the model from {SITE} instead."
            )


@contextmanager
def _beside(folder: Path, name: str) -> Iterator[Path]:
    """An empty folder on the same disk, which nobody takes for a model and which is gone afterwards."""
    new = folder / f".{name}.new"
    new.mkdir()
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _settle(unpacked: Path, target: Path, source: Path) -> None:
    """Give a folder its final name, if it holds a model."""
    missing = missing_files(unpacked)
    if missing:
        raise ModelError(
            f"{source} holds no Vosk model: there is no {', no '.join(missing)}. Get one from {SITE}."
        )
    if target.exists():
        target.rename(unpacked.parent / "replaced")
    unpacked.rename(target)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"There is too little room in {folder}: {needed / 1e6:,.0f} MB are needed,"
            f" {free / 1e6:,.0f} MB are free. Free some and type the same again."
        )


@contextmanager
def _disk_full_told(folder: Path) -> Iterator[None]:
    try:
        with disk_full_told(folder):
            yield
    except DiskFullError as error:
        raise ModelError(_full(folder)) from error


def _full(folder: Path) -> str:
    return f"The disk of {folder} is full; nothing was left on it. Free some room and type the same again."
