"""Short tones that stand for a cue where speech would be too much."""

from __future__ import annotations

import numpy as np

from companion.tts.base import Sound

RATE = 22_050  # samples a second
PEAK = 9000  # of 32767: a soft partner to speech
EDGE = 0.01  # seconds of attack; without it a tone begins with a click

# name → notes, one after the other: (hertz, seconds). Rising begins, falling ends.
CHIMES: dict[str, tuple[tuple[float, float], ...]] = {
    "start": ((523.25, 0.15), (783.99, 0.30)),
    "half": ((659.25, 0.30),),
    "ten": ((659.25, 0.12), (659.25, 0.25)),
    "tick": ((880.00, 0.12),),
    "end": ((783.99, 0.15), (523.25, 0.40)),
}


def chime(name: str) -> Sound:
    """The chime of that name (a key of ``CHIMES``); KeyError for any other."""
    notes = [_note(hertz, seconds) for hertz, seconds in CHIMES[name]]
    return Sound(np.rint(PEAK * np.concatenate(notes)).astype(np.int16), RATE)


def _note(hertz: float, seconds: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A sine that dies away like a struck bar: by 40 dB over its length."""
    time = np.arange(round(seconds * RATE)) / RATE
    attack = np.minimum(1.0, time / EDGE)
    release = np.minimum(1.0, (seconds - time) / EDGE)
    return np.asarray(np.sin(2 * np.pi * hertz * time) * attack * release * 10 ** (-2 * time / seconds))
