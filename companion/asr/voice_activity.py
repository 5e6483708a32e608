"""Cuts a stream of sound into utterances by voice activity.

Nothing behind the gate runs while nobody speaks, which is what makes idle listening cheap. The half second
before the first voiced frame is kept: "stop" begins with a hiss that no detector calls voice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from companion.asr.base import RATE, Pcm

FRAME = 480  # samples: 30 ms, a length that the WebRTC detector takes
PRE_ROLL = 0.5  # seconds kept from before the voice
OPENING = (3, 5)  # this many voiced frames of this many open the gate: a click alone does not
BRIEF = 0.18  # seconds of quiet that end a command; the detector itself lags by about 0.1
LONG = 0.8  # seconds of quiet that end a sentence
LONGEST = 15.0  # seconds after which an utterance is ended in any case: a radio never pauses
STEADY = 3.0  # seconds in which sound that hardly changes is learnt as the room's own
QUIETEST = 0.1  # the part of them that is taken for it: even a fluent speaker is silent for longer
ABOVE = 5.0  # decibels above it from which a voice is heard

Detector = Callable[[Pcm], bool]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of sound inside an utterance; the first one ``opens`` it, the last one ``closes`` it."""

    pcm: Pcm
    end: float  # seconds since the gate was made, of the sample after the last
    opens: bool
    closes: bool


def voice_detector() -> Detector:
    """The WebRTC detector that PocketSphinx carries, at its strictest."""
    from pocketsphinx import Vad

    vad = Vad(Vad.STRICT, RATE, FRAME / RATE)
    return lambda frame: bool(vad.is_speech(frame.tobytes()))


class Floor:
    """The level of what always sounds, a vacuum cleaner or a fan, which the detector calls a voice.

    Source: Martin, Noise power spectral density estimation based on optimal smoothing and minimum statistics
    (2001); here of the whole level, since it only has to tell that somebody speaks.
    """

    def __init__(self) -> None:
        self._levels = np.zeros(round(STEADY * RATE / FRAME), np.float32)  # dB of the latest frames
        self._frames = 0

    def stands_out(self, frame: Pcm) -> bool:
        """Whether this frame, the next, stands out of what was there before."""
        level = 10 * np.log10(np.mean(frame.astype(np.float32) ** 2) + 1)
        self._levels[self._frames % len(self._levels)] = level
        self._frames += 1
        quiet = round(QUIETEST * len(self._levels))
        return bool(level > np.partition(self._levels, quiet)[quiet] + ABOVE)


class SpeechGate:
    """Passes on the frames of each utterance.

    ``patience`` is how many seconds of quiet end the utterance. Whoever listens may change it at any time,
    since the words heard so far tell a finished command from a sentence that goes on.
    """

    def __init__(self, is_voice: Detector | None = None) -> None:
        self._is_voice = is_voice or voice_detector()
        self._floor = Floor()
        self._rest: Pcm = np.zeros(0, np.int16)
        self._before: deque[Pcm] = deque(maxlen=round(PRE_ROLL * RATE / FRAME))
        self._voiced: deque[bool] = deque(maxlen=OPENING[1])
        self._frames = 0
        self._opened: int | None = None  # frame number at which the utterance began, pre-roll included
        self._first_voice = 0
        self._last_voice = 0
        self.patience = LONG

    @property
    def open(self) -> bool:
        return self._opened is not None

    @property
    def pausing(self) -> bool:
        """Whether nobody has spoken in the last two frames."""
        return not any(list(self._voiced)[-2:])

    @property
    def speech_start(self) -> float:
        """Seconds at which the current, or else the last, utterance's voice began."""
        return self._first_voice * FRAME / RATE

    @property
    def speech_end(self) -> float:
        """Seconds at which its voice was last heard."""
        return self._last_voice * FRAME / RATE

    def accept(self, pcm: Pcm) -> Iterator[Stretch]:
        """Take samples of any length; yield what belongs to an utterance, a frame at a time."""
        samples = np.concatenate([self._rest, pcm])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        for at in range(0, whole, FRAME):
            stretch = self._frame(samples[at : at + FRAME])
            if stretch is not None:
                yield stretch

    def close(self) -> None:
        """Forget the utterance under way; what was heard so far may still be before the next one."""
        self._opened = None
        self._voiced.clear()
        self._before.clear()

    def _frame(self, frame: Pcm) -> Stretch | None:
        self._frames += 1
        stands_out = self._floor.stands_out(frame)
        self._voiced.append(stands_out and self._is_voice(frame))
        now = self._frames * FRAME / RATE
        if self._opened is None:
            self._before.append(frame)
            if sum(self._voiced) < OPENING[0]:
                return None
            self._opened = self._frames - len(self._before)
            self._first_voice = self._frames - len(self._voiced) + self._voiced.index(True)
            self._last_voice = self._frames
            return Stretch(np.concatenate(self._before), now, opens=True, closes=False)
        # Two voiced frames in a row count: a lone one is as often a click or the room.
        if self._voiced[-1] and self._voiced[-2]:
            self._last_voice = self._frames
        quiet = (self._frames - self._last_voice) * FRAME / RATE
        length = (self._frames - self._opened) * FRAME / RATE
        closes = quiet >= self.patience or length >= LONGEST
        if closes:
            self.close()
        return Stretch(frame, now, opens=False, closes=closes)
