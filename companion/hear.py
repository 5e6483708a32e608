"""Recordings through the ears of a session: what it would act on, and what it would drop."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from companion.audio.wav import read_wav
from companion.nlu.interpreter import Interpreter
from companion.nlu.listener import Listener
from companion.nlu.meaning import Context, Meaning, Tier
from companion.nlu.report import as_dict
from companion.session.table import TABLE

if TYPE_CHECKING:
    from companion.asr.base import Hypothesis, Pcm, Recogniser

RATE = 16_000
BLOCK = 320  # samples, as a microphone gives them
QUIET = 1.5  # seconds of silence after a recording, in which its last utterance ends

# What can be asked for, as a state of the table and the question that is open in it.
STATES: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "holding": ("holding", None),
        "speaking": ("teaching", None),
        "paused": ("paused", None),
        "asking": ("checking", "yes_no"),
        "idle": ("idle", None),
    }
)

Utterance = dict[str, Any]


def hear(
    files: Iterable[Path], recogniser: Recogniser, interpreter: Interpreter, state: str, playing: str = ""
) -> Iterator[Utterance]:
    """Each utterance of the recordings: ``file``, ``start``, ``end`` (seconds into the file), ``text``,
    ``intent``, ``slots``, ``tier``, ``flag``, ``ask``, and ``dropped``: why a session would do nothing, or
    null where it would act or ask.

    ``state`` is one of ``STATES``, ``playing`` what the companion would be saying. Raises ``WavError``.
    """
    zero = 0.0  # the recogniser's time at which the file begins
    for file in files:
        samples = _samples(file)
        for utterance in hear_samples(samples, recogniser, interpreter, state, playing):
            start, end = (round(utterance[key] - zero, 2) for key in ("start", "end"))
            yield {"file": str(file), **utterance, "start": start, "end": end}
        zero += len(samples) / RATE


def hear_samples(
    samples: Pcm, recogniser: Recogniser, interpreter: Interpreter, state: str, playing: str = ""
) -> Iterator[Utterance]:
    """The same for samples at 16 kHz; ``start`` and ``end`` are the recogniser's times."""
    name, question = STATES[state]
    context = Context(name, question, playing)
    listener = Listener(interpreter)
    for hypothesis in _hypotheses(samples, recogniser):
        meaning = listener.hear(
            hypothesis.text, hypothesis.alternatives, context, hypothesis.final, hypothesis.meant
        )
        if meaning is not None:
            yield {
                "start": hypothesis.start,
                "end": hypothesis.end,
                **as_dict(meaning),
                "dropped": why_dropped(meaning, name),
            }


def _samples(file: Path) -> Pcm:
    """The recording at 16 kHz, with quiet after it, in whole blocks."""
    sound = read_wav(file)
    pcm = sound.pcm if sound.rate == RATE else soxr.resample(sound.pcm, sound.rate, RATE)
    return np.pad(pcm, (0, round(QUIET * RATE) + -len(pcm) % BLOCK))


def _hypotheses(samples: Pcm, recogniser: Recogniser) -> Iterator[Hypothesis]:
    for at in range(0, len(samples), BLOCK):
        yield from recogniser.accept(samples[at : at + BLOCK])
    yield from recogniser.flush()


def why_dropped(meaning: Meaning, state: str) -> str | None:
    """Why a session in this state would do nothing, or None where it would act or ask."""
    kinds = {evidence.kind for evidence in meaning.evidence}
    if "own voice" in kinds:
        return "own voice"
    if meaning.intent == "chatter":
        return "not meant for the companion"
    if meaning.tier is Tier.NONE:
        return "nothing to act on"
    if TABLE[state, meaning.intent].action == "ignore":
        return f"no command while {state}"
    return None
