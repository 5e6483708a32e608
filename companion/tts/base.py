"""The protocol that every synthesiser speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from companion.content.model import Voice as Voice


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono PCM: ``pcm`` has shape (samples,), int16; ``rate`` in samples a second."""

    pcm: NDArray[np.int16]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.pcm) / self.rate


class Synthesiser(Protocol):
    """Text to sound. ``render`` blocks; it may be called from any thread."""

    def render(self, text: str, voice: Voice) -> Sound:
        """Raise ``SpeechError`` (with a remedy in its message) where no sound can be made."""
        ...

    def close(self) -> None: ...


class SpeechError(Exception):
    """Speech could not be made; the message says what to do about it."""
