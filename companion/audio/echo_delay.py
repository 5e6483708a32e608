"""How far the loudspeaker's sound comes behind in the microphone, and how two clocks drift apart."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples a second
BAND = (300, 3400)  # hertz: where loudspeakers and voices are strong
REACH = round(0.5 * RATE)  # samples by which the echo may come earlier or later than expected
LOUD = 100.0  # RMS of a reference in which something sounds
DRIFT_LIMIT = 500e-6  # clocks of sound cards differ by less
SPAN = 8.0  # seconds that measurements have to cover before a drift is believed
KEPT = 80  # measurements
JUMP = 0.002 * RATE  # samples; a way that changes by more within a second is no drift

Wave = NDArray[np.float32]  # shape (samples,)


@dataclass(frozen=True, slots=True)
class Delay:
    """Where the reference was found in the microphone's sound."""

    samples: float  # behind (positive) or ahead of where it was expected
    clarity: float  # of the correlation's peak over the rest of it; pure chance stays below 6


def find_delay(microphone: Wave, reference: Wave) -> Delay | None:
    """Where the echo of ``reference`` is in ``microphone``; None where the reference is silent.

    ``reference`` reaches ``REACH`` samples further than the microphone's sound to both sides. The correlation
    is whitened (PHAT), so a room's echoes do not blur its peak. Source: C. Knapp and G. Carter, The
    generalized correlation method for estimation of time delay, IEEE Trans. ASSP 24 (1976).
    """
    if np.sqrt(np.mean(reference**2)) < LOUD:
        return None
    if not microphone.any():
        return Delay(0.0, 0.0)
    size, band = _transform(len(reference))
    cross = np.fft.rfft(microphone, size) * np.conj(np.fft.rfft(reference, size))
    cross[: band.start] = cross[band.stop :] = 0
    cross[band] /= np.abs(cross[band]) + 1e-9
    correlation = np.roll(np.fft.irfft(cross, size), 2 * REACH)[: 2 * REACH + 1]
    peak = int(np.argmax(np.abs(correlation)))
    clarity = float(np.abs(correlation[peak]) / np.sqrt(np.mean(correlation**2)))
    return Delay(peak - REACH + _between(np.abs(correlation), peak), clarity)


@cache
def _transform(samples: int) -> tuple[int, slice]:
    """A quick size of transform for so many samples, and the bins of ``BAND`` in it."""
    size = next(s for k in range(30) for s in sorted((2**k * 5, 2**k * 6, 2**k * 8)) if s >= samples)
    return size, slice(*(round(hertz * size / RATE) for hertz in BAND))


def _between(values: NDArray[np.float64], peak: int) -> float:
    """How far the top of a parabola through a peak and its neighbours is from the peak."""
    if not 0 < peak < len(values) - 1:
        return 0.0
    left, top, right = values[peak - 1 : peak + 2]
    return float(0.5 * (left - right) / (left - 2 * top + right))


class Drift:
    """How much faster the loudspeaker's clock runs than the microphone's, from delays over time."""

    def __init__(self) -> None:
        self.rate = 0.0  # seconds a second; 0.0001 is 100 ppm
        self._measured: deque[tuple[float, float]] = deque(maxlen=KEPT)

    def add(self, time: float, delay: float) -> None:
        """A delay (samples) that was measured at a time (samples of the microphone)."""
        if self._measured:
            last_time, last = self._measured[-1]
            if abs(delay - last) > JUMP + DRIFT_LIMIT * (time - last_time):
                self._measured.clear()
        self._measured.append((time, delay))
        times, delays = np.array(self._measured).T
        if times[-1] - times[0] > SPAN * RATE:
            slope = _median_slope(times, delays)
            self.rate = -slope if abs(slope) < DRIFT_LIMIT else 0.0


def _median_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """The slope of a line through points of which some may be wrong (Theil and Sen)."""
    first, second = np.triu_indices(len(x), k=max(1, len(x) // 3))
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))
