"""The protocol that every recogniser speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples a second that every recogniser takes, mono

Pcm = NDArray[np.int16]  # shape (samples,)
Meant = Literal["likely", "possible", "unlikely"]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a recogniser believes it heard. Times are seconds of audio since the recogniser was made.

    ``meant`` says whether it may have been said to the companion. What is "unlikely", a television or talk in
    the room, is shown and must not be acted on; what is "possible" only as a symptom, as an answer, or where
    the first alternative means the same.
    """

    text: str
    final: bool  # False for a partial, which may still change
    start: float
    end: float
    alternatives: tuple[str, ...] = ()  # other readings, best first, without ``text``
    meant: Meant = "likely"


class Recogniser(Protocol):
    """Audio in, hypotheses out. Not thread-safe: one thread feeds it."""

    name: str

    def accept(self, pcm: Pcm) -> Iterable[Hypothesis]:
        """Take the next samples (any length, ``RATE`` a second) and return what became known by them."""
        ...

    def flush(self) -> Iterable[Hypothesis]:
        """End the utterance now and return its final hypothesis, if there is one."""
        ...

    def close(self) -> None:
        """Let go of the model and its memory."""
        ...


class RecogniserError(Exception):
    """A recogniser could not be made; the message says what to do about it."""
