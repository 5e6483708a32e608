"""Checks of the voice, the model and the recogniser."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from companion.asr.choose import vosk_model
from companion.asr.vosk import missing_files
from companion.doctor.check import Finding, Machine, Status
from companion.run import listening
from companion.setup import models_folder

if TYPE_CHECKING:
    from companion.ears import Listening
    from companion.tts.base import Sound

WORDS = ("stop", "yes", "no")  # what the recogniser is tried with, where the language has them
QUIET = 1.5  # seconds after each
SLOW = 2.0  # seconds for a line; more than that makes a session stutter
FETCH = "For better hearing fetch one: companion setup"


def voice(machine: Machine) -> Finding:
    began = time.monotonic()
    line = machine.loaded.language.prompts.say("greet.hello")
    (sound,) = machine.render(line)
    took = time.monotonic() - began
    found = f"“{machine.settings.speech.voice}”: {sound.seconds:.1f} s of speech in {took:.2f} s"
    if not sound.pcm.any():
        return Finding("fail", f"{found}, all of it silent", "Choose another: companion voices")
    if took > SLOW:
        return Finding("warn", found, "Close busy programs; its lines may come late.")
    return Finding("ok", found)


def model(machine: Machine) -> Finding:
    folder = vosk_model(models_folder())
    if folder is None:
        status: Status = "fail" if machine.settings.hearing.engine == "vosk" else "ok"
        return Finding(status, f"no Vosk model in {models_folder()}; PocketSphinx needs none", FETCH)
    missing = missing_files(folder)
    if missing:
        return Finding(
            "warn",
            f"{folder} lacks {', '.join(missing)}",
            f"Delete that folder, then type: companion setup {folder.name}",
        )
    return Finding("ok", folder.name)


def recogniser(machine: Machine) -> Finding:
    """Load it in a process of its own, since a broken model may end that, and let it hear our own voice."""
    wanted = listening(machine.loaded, machine.loaded.interpreter)
    words = [word for word in WORDS if word in wanted.phrases] or list(wanted.phrases[: len(WORDS)])
    sounds = machine.render(*words)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as child:
        try:
            which, seconds, heard = child.submit(_hear, wanted, sounds).result()
        except BrokenProcessPool:
            return Finding("fail", "it crashed", "Delete the model's folder, then type: companion setup")
    understood = [word for word, texts in zip(words, heard, strict=True) if word in texts]
    found = f"{which}; loaded in {seconds:.1f} s; understood {len(understood)} of {len(words)} words"
    if not understood:
        return Finding("warn", found, "Choose a clearer voice (companion voices), or type: companion setup")
    return Finding("ok", found)


def _hear(wanted: Listening, sounds: Sequence[Sound]) -> tuple[str, float, list[list[str]]]:
    """In the child: which recogniser it is, the seconds to load it, and what it heard in each sound."""
    import numpy as np
    import soxr

    from companion.asr.base import RATE
    from companion.asr.choose import make_recogniser

    began = time.monotonic()
    made, which = make_recogniser(
        wanted.engine, wanted.phrases, wanted.pronunciations, wanted.models, wanted.domain
    )
    seconds = time.monotonic() - began
    quiet = np.zeros(round(QUIET * RATE), np.int16)
    heard = []
    for sound in sounds:
        pcm = np.concatenate([quiet, soxr.resample(sound.pcm, sound.rate, RATE), quiet])
        heard.append([hypothesis.text for hypothesis in (*made.accept(pcm), *made.flush())])
    return which, seconds, heard
