"""Which recogniser listens: the one that was asked for, or the better of those that are here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from companion.asr.base import Recogniser, RecogniserError
from companion.asr.pocketsphinx import Pronunciations
from companion.asr.vosk import REMEDY

Engine = Literal["auto", "vosk", "pocketsphinx"]
ENGINES: tuple[Engine, ...] = ("auto", "vosk", "pocketsphinx")
VARIABLE = "COMPANION_ASR"


def make_recogniser(
    engine: Engine,
    phrases: Sequence[str],
    pronunciations: Pronunciations,
    models_folder: Path,
    domain: Path | None = None,
) -> tuple[Recogniser, str]:
    """The recogniser, and a line that says which it is and why.

    ``engine`` is the person's setting; where that is ``auto``, the environment variable ``COMPANION_ASR``
    decides, and else Vosk where ``models_folder`` holds a model of it (``vosk-model-*``; the first by name).
    ``domain`` is PocketSphinx's model of what companions are told. Takes up to a second, so call it in a
    thread while the greeting plays. Raises ``RecogniserError`` where the engine that was asked for cannot be
    had; what nobody asked for falls back.
    """
    wanted, why = (engine, "as set") if engine != "auto" else _from_environment()
    model = vosk_model(models_folder)
    if wanted == "vosk":
        if model is None:
            raise RecogniserError(f"no Vosk model in {models_folder}: {REMEDY}")
        return _vosk(model, phrases), f"listening with Vosk ({model.name}), {why}"
    if wanted == "pocketsphinx":
        return _pocketsphinx(phrases, pronunciations, domain), f"listening with PocketSphinx, {why}"
    if model is None:
        return (
            _pocketsphinx(phrases, pronunciations, domain),
            "listening with PocketSphinx, since no Vosk model is here ('companion setup' fetches one)",
        )
    try:
        return _vosk(model, phrases), f"listening with Vosk, since {model.name} is here"
    except RecogniserError as error:
        return _pocketsphinx(phrases, pronunciations, domain), f"listening with PocketSphinx, since {error}"


def vosk_model(models_folder: Path) -> Path | None:
    """The first Vosk model in the folder, by name."""
    return min(models_folder.glob("vosk-model-*/"), default=None)


def _from_environment() -> tuple[Engine, str]:
    value = os.environ.get(VARIABLE, "").strip().lower() or "auto"
    for engine in ENGINES:
        if engine == value:
            return engine, f"as {VARIABLE} says"
    raise RecogniserError(f"{VARIABLE} is {value!r}: it must be one of {', '.join(ENGINES)}")


def _vosk(model: Path, phrases: Sequence[str]) -> Recogniser:
    from companion.asr.vosk import VoskRecogniser

    return VoskRecogniser(model, phrases)


def _pocketsphinx(phrases: Sequence[str], pronunciations: Pronunciations, domain: Path | None) -> Recogniser:
    from companion.asr.pocketsphinx import PocketSphinxRecogniser

    return PocketSphinxRecogniser(phrases, pronunciations, domain=domain)
