"""What the loudspeaker plays next, block by block. Pure: no device, no thread, no clock but its samples."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]  # shape (samples,), mono

FADE = 0.005  # seconds that a hush takes: shorter clicks, longer is heard


@dataclass(frozen=True, slots=True)
class Played:
    """An utterance that is over. Times are seconds of output since the stream began."""

    id: int
    start: float  # equals ``end`` where it was hushed before its turn
    end: float
    completed: bool  # False where it was hushed


class Mixer:
    """Plays utterances one after the other at ``rate`` samples a second, and silence between them.

    Nothing is played in the first ``lead_in`` seconds: HDMI and Bluetooth swallow the start of a stream.
    """

    def __init__(self, rate: int, lead_in: float = 0.0) -> None:
        self.rate = rate
        self._fade = max(1, round(FADE * rate))
        self._lead_in = round(lead_in * rate)
        self._clock = 0  # samples given out so far
        self._queue: deque[tuple[int, Pcm]] = deque()
        self._current: tuple[int, Pcm] | None = None
        self._start = 0  # the clock when the current (or latest) utterance began
        self._latest: int | None = None  # its id
        self._at = 0  # samples of it that were given out
        self._hushed: set[int] = set()
        self._over: list[Played] = []

    def __repr__(self) -> str:
        return f"<Mixer {self._clock / self.rate:.3f} s, playing {self.playing}, {len(self._queue)} queued>"

    @property
    def playing(self) -> int | None:
        """The id of the utterance that sounds now, or None."""
        return self._current[0] if self._current else None

    def position(self, utterance: int) -> float:
        """Seconds played of the utterance: right for the current and the latest one, 0 for any other."""
        return self._at / self.rate if utterance == self._latest else 0.0

    def play(self, utterance: int, pcm: Pcm, volume: float = 1.0) -> None:
        """Queue an utterance (at the mixer's rate); ``volume`` is a factor; what gets too loud is clipped."""
        self._queue.append((utterance, louder(pcm, volume)))

    def hush(self) -> None:
        """Fade the current utterance out within 5 ms; what is queued ends after it, unheard."""
        self._queue = deque((utterance, pcm[:0]) for utterance, pcm in self._queue)
        self._hushed.update(utterance for utterance, _ in self._queue)
        if self._current and self._current[0] not in self._hushed:
            utterance, pcm = self._current
            tail = pcm[self._at : self._at + self._fade]
            faded = (tail * np.linspace(1, 0, len(tail))).astype(np.int16)
            self._current = utterance, np.concatenate([pcm[: self._at], faded])
            self._hushed.add(utterance)

    def take(self, samples: int) -> Pcm:
        """The next block of the given length."""
        block = np.zeros(samples, np.int16)
        filled = min(samples, max(0, self._lead_in - self._clock))
        while filled < samples and (self._current or self._queue):
            filled += self._fill(block, filled)
        self._clock += samples
        return block

    def _fill(self, block: Pcm, offset: int) -> int:
        """Copy what fits of the current utterance into the block from ``offset``; how much that was."""
        if self._current is None:
            self._current = self._queue.popleft()
            self._latest, self._start, self._at = self._current[0], self._clock + offset, 0
        utterance, pcm = self._current
        part = pcm[self._at : self._at + len(block) - offset]
        block[offset : offset + len(part)] = part
        self._at += len(part)
        if self._at == len(pcm):
            end = (self._clock + offset + len(part)) / self.rate
            completed = utterance not in self._hushed
            self._over.append(Played(utterance, self._start / self.rate, end, completed))
            self._hushed.discard(utterance)
            self._current = None
        return len(part)

    def over(self) -> list[Played]:
        """The utterances that ended since this was last asked, in order."""
        over, self._over = self._over, []
        return over


def louder(pcm: Pcm, volume: float) -> Pcm:
    """``pcm`` times ``volume``, clipped to 16 bits."""
    if volume == 1.0:
        return pcm
    clipped: Pcm = np.clip(pcm * volume, -32768, 32767).astype(np.int16)
    return clipped
