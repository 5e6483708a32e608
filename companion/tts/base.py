"""The protocol that every synthesiser speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Voice:
    """How the companion sounds, from ``voices/<language>/voice.yaml``."""

    id: str  # "calm"
    engine: str  # "pyttsx3"
    voice: str  # the engine's name for it, "en-gb"
    rate: int  # words a minute
    pitch: int  # 0 to 100, 50 is the engine's own
    volume: float  # 0 to 1, before the player's own volume
    pause: float  # seconds of quiet after each line


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
