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
LOUDEST = 0.9  # of STEADY's frames, those below this share: how loud a room full of talk or music gets
NEARER = 6.0  # decibels above that from which somebody speaks who is nearer than what went on
RISING = (3, 5)  # this many of the latest so many frames have to be so loud
ONSET = 6  # frames from before these that belong to the nearer voice
SETTLED = 1.0  # seconds of an utterance before somebody may rise above it

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


class Loudness:
    """The levels of the latest seconds: of what always sounds, a vacuum cleaner or a fan, which the detector
    calls a voice, and of what goes on, music or the talk of others.

    Source of the floor: Martin, Noise power spectral density estimation based on optimal smoothing and
    minimum statistics (2001); here of the whole level, since it only has to tell that somebody speaks.
    """

    def __init__(self) -> None:
        self._levels = np.zeros(round(STEADY * RATE / FRAME), np.float32)  # dB, the latest last

    def add(self, frame: Pcm) -> None:
        """The next frame."""
        self._levels[:-1] = self._levels[1:]
        self._levels[-1] = 10 * np.log10(np.mean(frame.astype(np.float32) ** 2) + 1)

    @property
    def now(self) -> float:
        """The level of the latest frame in decibels."""
        return float(self._levels[-1])

    @property
    def floor(self) -> float:
        """The level of what always sounds."""
        return self._lowest(self._levels, QUIETEST)

    def talk(self, frames: int) -> float:
        """The level that the latest so many frames hardly ever exceeded, up to the last few."""
        return self._lowest(self._levels[-frames : -RISING[1]], LOUDEST)

    def rises_above(self, level: float) -> bool:
        """Whether most of the latest frames are louder."""
        return int((self._levels[-RISING[1] :] > level).sum()) >= RISING[0]

    def _lowest(self, levels: np.ndarray, share: float) -> float:
        at = round(share * len(levels))
        return float(np.partition(levels, at)[at])


class SpeechGate:
    """Passes on the frames of each utterance. Where one goes on, a radio or the talk of others, and somebody
    nearer begins to speak over it, it ends, and another begins that lasts as long as the nearer voice.

    ``patience`` is how many seconds of quiet end the utterance. Whoever listens may change it at any time,
    since the words heard so far tell a finished command from a sentence that goes on.
    """

    def __init__(self, is_voice: Detector | None = None) -> None:
        self._is_voice = is_voice or voice_detector()
        self._loudness = Loudness()
        self._background: float | None = None  # decibels of what a nearer voice rose above
        self._rest: Pcm = np.zeros(0, np.int16)
        self._before: deque[Pcm] = deque(maxlen=round(PRE_ROLL * RATE / FRAME))
        self._voiced: deque[bool] = deque(maxlen=OPENING[1])
        self._frames = 0
        self._opened: int | None = None  # frame number at which the utterance began, pre-roll included
        self._first_voice = 0
        self._last_voice = 0
        self.nearer = False  # whether the current, or else the last, utterance is a voice over other sound
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
            yield from self._frame(samples[at : at + FRAME])

    def close(self) -> None:
        """Forget the utterance under way; what was heard so far may still be before the next one."""
        self._opened = None
        self._background = None
        self._voiced.clear()
        self._before.clear()

    def _frame(self, frame: Pcm) -> Iterator[Stretch]:
        self._frames += 1
        self._loudness.add(frame)
        self._before.append(frame)
        heard = self._loudness.floor + ABOVE if self._background is None else self._background + NEARER / 2
        self._voiced.append(self._loudness.now > heard and self._is_voice(frame))
        if self._opened is None:
            if sum(self._voiced) >= OPENING[0]:
                yield self._open(len(self._before), len(self._voiced) - self._voiced.index(True))
            return
        nearer_than = self._nearer_than()
        if nearer_than is not None:
            yield Stretch(frame, self._now(), opens=False, closes=True)
            yield self._open(min(RISING[1] + ONSET, len(self._before)), RISING[1], nearer_than)
            return
        # Two voiced frames in a row count: a lone one is as often a click or the room.
        if self._voiced[-1] and self._voiced[-2]:
            self._last_voice = self._frames
        quiet = (self._frames - self._last_voice) * FRAME / RATE
        closes = quiet >= self.patience or self._length() >= LONGEST
        if closes:
            self.close()
        yield Stretch(frame, self._now(), opens=False, closes=closes)

    def _nearer_than(self) -> float | None:
        """The level of what went on, where somebody nearer now speaks over it."""
        if self._opened is None or self._length() < SETTLED:
            return None
        talk = self._loudness.talk(self._frames - self._opened)
        return talk if self._loudness.rises_above(talk + NEARER) else None

    def _open(self, frames: int, voiced: int, background: float | None = None) -> Stretch:
        """An utterance of so many of the latest frames, of which the latest so many are voice."""
        self._background = background
        self.nearer = background is not None
        self._opened = self._frames - frames
        self._first_voice = self._frames - voiced
        self._last_voice = self._frames
        return Stretch(np.concatenate(list(self._before)[-frames:]), self._now(), opens=True, closes=False)

    def _now(self) -> float:
        return self._frames * FRAME / RATE

    def _length(self) -> float:
        """Seconds that the utterance lasts."""
        return 0.0 if self._opened is None else (self._frames - self._opened) * FRAME / RATE
