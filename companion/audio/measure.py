"""Measures sound: how loud it is, and whether what was played came back. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from companion.audio.microphone import RATE, Pcm
from companion.tts.base import Sound

SILENCE = -120.0  # dB, of nothing but zeros
SWEEP = (500.0, 3500.0)  # hertz: what small loudspeakers and every microphone manage
SWEEP_SECONDS = 0.5
SWEEP_PEAK = 8000  # of 32767: as loud as speech
CLEAR = 10.0  # how far the echo of a sweep stands out of everything else; pure noise reaches 5


@dataclass(frozen=True, slots=True)
class Echo:
    """``delay``: seconds after it was played; ``level``: dB against what was played."""

    delay: float
    level: float


def level(pcm: Pcm) -> float:
    """Loudness (RMS) in dB of full scale: 0 is the loudest, speech near by about -30, a quiet room -60."""
    if not pcm.any():
        return SILENCE
    return 20 * math.log10(float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2))) / 32768)


def sweep() -> Sound:
    """A rising tone, which stands out of any noise when it is looked for."""
    time = np.arange(round(SWEEP_SECONDS * RATE)) / RATE
    low, high = SWEEP
    phase = 2 * np.pi * (low * time + (high - low) / (2 * SWEEP_SECONDS) * time**2)
    edges = np.minimum(1.0, np.minimum(time, SWEEP_SECONDS - time) / 0.02)
    return Sound(np.rint(SWEEP_PEAK * edges * np.sin(phase)).astype(np.int16), RATE)


def find_echo(heard: Pcm, played: Pcm, when: float) -> Echo | None:
    """The first clear echo of ``played`` in ``heard`` (both at 16 kHz); None where there is none.

    ``when``: seconds from the first sample of ``heard`` to the moment at which it was played.
    """
    if len(heard) < len(played) or not heard.any():
        return None
    size = 1 << (len(heard) + len(played)).bit_length()
    sound = played.astype(np.float64)
    spectrum = np.fft.rfft(heard.astype(np.float64), size) * np.conj(np.fft.rfft(sound, size))
    match = np.abs(np.fft.irfft(spectrum, size)[: len(heard) - len(played) + 1])
    at = int(match.argmax())
    elsewhere = np.delete(
        match, slice(max(0, at - RATE // 4), at + RATE // 4)
    )  # a room answers for that long
    if not len(elsewhere) or match[at] < CLEAR * float(np.sqrt(np.mean(elsewhere**2)) + 1e-9):
        return None
    gain = float(match[at] / np.sum(sound**2))
    return Echo(at / RATE - when, 20 * math.log10(gain))
