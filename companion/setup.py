"""``companion setup``: fetch the better recogniser's model, or take one that was carried over."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from companion.asr.models import MODELS, SITE, default_model, fetch, find_model, install, installed
from companion.config import data_folder, load_settings
from companion.screen import bar

WIDTH = 24  # columns of the bar
EVERY = 0.1  # seconds between two drawings of it
STEP = 0.1  # of the whole, between two plain lines


def models_folder() -> Path:
    """Where models are kept."""
    return data_folder() / "models"


def set_up(name: str | None, archive: Path | None, site: str = SITE) -> list[str]:
    """Install a model by name, from a file or folder, or the default one; return lines that tell of it.

    Raises ``ModelError`` and ``OSError``, with messages for people.
    """
    folder = models_folder()
    if archive is not None:
        return [f"Installed {install(archive, folder)} in {folder}."]
    model = find_model(name) if name else default_model(load_settings().language)
    with ProgressBar(sys.stderr) as progress:
        fetched = fetch(model, folder, progress, site)
    if not fetched:
        return [f"{model.name} is there already, in {folder}."]
    lines = [f"Installed {model.name} in {folder}."]
    if model.sha256 is None:
        lines.append("Its SHA-256 is not known here; its size and the checksums inside it were right.")
    return lines


def list_models() -> list[str]:
    """A line for each model that can be fetched or is here."""
    here = installed(models_folder())
    known = [(model.name, f"{model.megabytes:>4} MB", model.about) for model in MODELS]
    known += [(name, "       ", "") for name in here if name not in {model.name for model in MODELS}]
    width = max(len(name) for name, _, _ in known)
    return [
        f"{name:<{width}}  {size}  {about}{'  (installed)' if name in here else ''}".rstrip()
        for name, size, about in known
    ]


class ProgressBar:
    """Draws how far a download is: a bar that stays in its line, or plain lines where no terminal is.

    A context manager; call it with the bytes that are here and those of the whole (None for not known).
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._terminal = stream.isatty()
        self._first: tuple[float, int] | None = None  # when, and how many bytes were here by then
        self._due = 0.0  # the time, or without a terminal the part of the whole, of the next drawing

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._terminal and self._first:
            self._stream.write("\n")

    def __call__(self, here: int, whole: int | None) -> None:
        now = self._clock()
        began, before = self._first = self._first or (now, here)
        over = here == whole
        reached = now if self._terminal else here / (whole or 1e12)
        if reached < self._due and not over:
            return
        self._due = reached + (EVERY if self._terminal else STEP)
        rate = (here - before) / (now - began) if now > began else 0.0
        line = progress_line(here, whole, rate)
        self._stream.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        self._stream.flush()


def progress_line(here: int, whole: int | None, rate: float) -> str:
    """``████░░░░  12.0 of 41.2 MB, 1.5 MB/s, 20 s left``; ``rate`` in bytes a second, 0 for not known."""
    speed = f", {rate / 1e6:.1f} MB/s" if rate else ""
    if not whole:
        return f"{here / 1e6:.1f} MB{speed}"
    left = f", {(whole - here) / rate:.0f} s left" if rate and here < whole else ""
    return f"{bar(here / whole, WIDTH)}  {here / 1e6:.1f} of {whole / 1e6:.1f} MB{speed}{left}"
