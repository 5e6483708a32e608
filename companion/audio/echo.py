"""Takes the companion's own voice out of what the microphone hears, so that a person can talk over it.

The filter is our own, in numpy. Speex's, the best of the libraries that were measured, is no better at it
(54 against 37 dB of echo taken out in a simulated room; as many commands understood over the voice) and, as
all of them, loses the echo where two clocks drift apart by 100 ppm (12 dB) or where it comes later than the
filter is long (2 dB); its wheel has not been touched since December 2024 and names no licence.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr
from numpy.typing import NDArray

from companion.audio.devices import devices
from companion.audio.echo_delay import RATE, REACH, Drift, find_delay
from companion.audio.echo_filter import BINS, BLOCK, SIZE, EchoFilter, Spectrum, late_half, spectrum
from companion.audio.echo_suppress import Suppressor

Pcm = NDArray[np.int16]  # shape (samples,)
Wave = NDArray[np.float32]

PARTITIONS = 14  # blocks of 20 ms that the response covers: 280 ms
LEAD = 1.5 * BLOCK  # samples of the response before the echo comes: room for a delay that is only about right
KEPT = 12 * RATE  # samples of the reference; the microphone's listener may be 10 s behind
LOOK = 3 * RATE  # samples in which the delay is looked for
OFTEN, SELDOM = 10, 25  # blocks from one look to the next, before and after the echo was found
CLEAR = 13.0  # clarity of a delay that is believed: unrelated speech reaches 12.4, an echo 13 to 38
FAINT = 20  # looks in a row without an echo, after which there is none (headphones), or it was lost
WORSE = 1.5  # power after the filter to power before, where the filter has gone astray
ALL = np.full(BINS, np.inf, np.float32)  # a power that leaves nothing
WATCHED = 0.8  # smoothing of both powers, over about 0.1 s
RECENT = 150  # blocks with an echo, by which it is judged how much is taken out
SETTLING = 50  # of them, in which half-learnt echo would sound like other words: all is made quiet
QUARTER = 0.25  # of them are the judges: in most of the others somebody talks, or the echo is faint
GONE = 15.0  # decibels taken out of an echo of which no recogniser understands a word any more
BACKLOG = 2000  # blocks of the player (10 ms or more) that may wait for the microphone
CANCELLED = ("echo-cancel", "echo cancel", "echocancel")  # in the names that PulseAudio and PipeWire give


def cancelled_microphone() -> int | None:
    """The number of a microphone whose echo the system cancels; None where there is none."""
    return next((d.number for d in devices() if d.can("input") and system_cancelled(d.name)), None)


def system_cancelled(device_name: str) -> bool:
    """Whether the system has taken the echo out of what this microphone hears, by its name."""
    return any(mark in device_name.casefold() for mark in CANCELLED)


class EchoGuard:
    """Stands between a player and a microphone that run in threads of their own.

    ``played`` is the player's tap; ``rate`` is the player's. The two are paired by counting samples, so
    neither jitter nor a listener that is behind moves them against each other.
    """

    def __init__(self, rate: int) -> None:
        self.canceller = EchoCanceller()
        self._played: deque[Pcm] = deque(maxlen=BACKLOG)
        self._anew = True
        # LQ keeps back 25 ms, less than any card does between the fill and the loudspeaker; HQ 40 ms.
        self._resampler = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, "int16", quality="LQ")

    def __repr__(self) -> str:
        return f"<EchoGuard {self.canceller!r}>"

    @property
    def echo_gone(self) -> bool:
        """Whether what was heard now cannot be an echo: see ``EchoCanceller``."""
        return self.canceller.echo_gone

    def played(self, pcm: Pcm) -> None:
        """The next samples that the loudspeaker gets. Quick; from any one thread."""
        self._played.append(pcm)

    def pair(self) -> None:
        """Pair the two anew: the microphone or the loudspeaker was away and is back."""
        self._anew = True

    def clean(self, microphone: Pcm) -> Pcm:
        """The microphone's next block (320 samples at 16 kHz) without the echo; from any one thread."""
        while self._played:
            pcm = self._played.popleft()
            self.canceller.play(self._resampler.resample_chunk(pcm) if self._resampler else pcm)
        if self._anew:
            self._anew = False
            self.canceller.pair()
        return self.canceller.hear(microphone)


class EchoCanceller:
    """Microphone and reference in, in blocks of 320 samples at 16 kHz; the microphone without the echo out.

    The reference is what the loudspeaker was given. It finds by itself how much later that is heard, follows
    two clocks that drift apart, and gives back the microphone's samples untouched where nothing plays or
    nothing of it is heard. Not thread-safe.
    """

    def __init__(self) -> None:
        self._reference = Reference()
        self._heard = np.zeros(LOOK, np.float32)
        self._blocks = 0  # of the microphone so far
        self._began = 0.0  # sample of the reference that was paired with the microphone's first
        self._at = 0.0  # sample of the reference that belongs to the end of the microphone's block
        self._recent = np.zeros((PARTITIONS, BINS), np.complex64)
        self._filter = EchoFilter(PARTITIONS)
        self._suppress = Suppressor()
        self._drift = Drift()
        self._delay = 0.0
        self._misses = 0
        self._before = self._after = 1.0
        self._ratios: deque[float] = deque(maxlen=RECENT)  # of powers, after and before the filter
        self._leak = 1.0  # the part of the echo's power that the filter lets through
        self.echo_present = False

    def __repr__(self) -> str:
        return f"<EchoCanceller delay {self.delay:.3f} s, {self.erle_db:.0f} dB, echo {self.echo_present}>"

    @property
    def delay(self) -> float:
        """Seconds from the reference to its echo, counted in the samples that were given of both."""
        return self._delay / RATE

    @property
    def drift(self) -> float:
        """How much faster the loudspeaker's clock runs than the microphone's: 0.0001 is 100 ppm."""
        return self._drift.rate

    @property
    def erle_db(self) -> float:
        """Decibels by which the filter makes the echo quieter, where nobody talks over it; 0 for no echo."""
        return float(-10 * np.log10(self._leak)) if self.echo_present else 0.0

    @property
    def echo_gone(self) -> bool:
        """Whether what is heard cannot be an echo: it is well taken out, or there is none (headphones)."""
        return self.erle_db > GONE if self.echo_present else self._misses >= FAINT

    def process(self, microphone: Pcm, reference: Pcm) -> Pcm:
        """The block without the echo, for a reference that comes in step."""
        self.play(reference)
        if not self._blocks:
            self.pair()
        return self.hear(microphone)

    def pair(self) -> None:
        """What the loudspeaker was given by now belongs to the end of the microphone's next block."""
        self._forget()
        self._at = float(self._reference.given - BLOCK)
        self._began = self._at - self._blocks * BLOCK
        self._recent[:] = 0

    def play(self, reference: Pcm) -> None:
        """The next samples that the loudspeaker was given, any number."""
        self._reference.append(reference)

    def hear(self, microphone: Pcm) -> Pcm:
        """The microphone's next block without the echo."""
        block = microphone.astype(np.float32)
        self._heard = np.concatenate([self._heard[BLOCK:], block])
        self._at += BLOCK * (1 + self._drift.rate)
        self._blocks += 1
        self._recent = np.roll(self._recent, 1, axis=0)
        self._recent[0] = self._reference.spectrum(self._at)
        if not self._recent.any():
            return microphone
        if self._blocks % (SELDOM if self.echo_present else OFTEN) == 0:
            self._look()
        rest, echo, left = self._filter(block, self._recent)
        self._watch(block, rest, echo)
        if not self.echo_present:
            return microphone
        settled = len(self._ratios) >= SETTLING
        # In a tail that dies away faster than was learnt, the filter adds what it should take out.
        added = np.maximum(0, np.abs(late_half(rest)) ** 2 - np.abs(late_half(block)) ** 2)
        out = self._suppress(rest, left + self._leak * np.abs(echo) ** 2 + added if settled else ALL)
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)

    def _look(self) -> None:
        """Find the echo, and have the filter begin a little before it."""
        end = round(self._at)
        found = find_delay(self._heard, self._reference.samples(end - LOOK - REACH, end + REACH))
        if found is None:
            return
        if found.clarity < CLEAR:
            self._miss()
            return
        self._misses = 0
        self.echo_present = True
        self._delay = self._began + self._blocks * BLOCK - self._at + found.samples
        self._drift.add(self._blocks * BLOCK, self._delay)
        if abs(found.samples - LEAD) > BLOCK:
            known = (self._reference.given - self._at) // BLOCK  # what has not been given cannot be used
            self._move(int(min(known, round((LEAD - found.samples) / BLOCK))))

    def _miss(self) -> None:
        """Where nothing is found for long, nothing is there, or it is out of reach: pair the two anew."""
        self._misses += 1
        if self._misses % FAINT == 0:
            self.echo_present = False
            self.pair()

    def _move(self, blocks: int) -> None:
        """Let the filter begin so many blocks later (positive) in the reference."""
        self._at += blocks * BLOCK
        self._filter.shift(-blocks)
        step = BLOCK * (1 + self._drift.rate)
        self._recent = np.array([self._reference.spectrum(self._at - i * step) for i in range(PARTITIONS)])

    def _watch(self, before: Wave, after: Wave, echo: Spectrum) -> None:
        """Judge how much is taken out, and forget a response that makes things worse."""
        power, rest = (float(np.mean(wave**2)) + 1e-3 for wave in (before, after))
        if np.sum(np.abs(echo) ** 2) > BLOCK * SIZE * power / 8:  # a good part of what is heard
            self._ratios.append(min(1.0, rest / power))
            self._leak = float(np.quantile(self._ratios, QUARTER))
        self._before = WATCHED * self._before + (1 - WATCHED) * power
        self._after = WATCHED * self._after + (1 - WATCHED) * rest
        if self._after > WORSE * self._before:
            self._forget()
            self._after = self._before

    def _forget(self) -> None:
        self._filter.reset()
        self._ratios.clear()
        self._leak = 1.0


class Reference:
    """The latest ``KEPT`` samples that the loudspeaker was given."""

    def __init__(self) -> None:
        self.given = 0  # samples so far
        self._buffer = np.zeros(4 * KEPT, np.float32)
        self._end = 0  # of what is known, in the buffer

    def append(self, pcm: Pcm) -> None:
        if self._end + len(pcm) > len(self._buffer):  # seldom, since it copies
            self._buffer[:KEPT] = self._buffer[self._end - KEPT : self._end]
            self._end = KEPT
        self._buffer[self._end : self._end + len(pcm)] = pcm
        self._end += len(pcm)
        self.given += len(pcm)

    def samples(self, start: int, end: int) -> Wave:
        """From one sample to another, zeros where they are not known (any more, or yet)."""
        zero = self.given - self._end  # the sample at which the buffer begins
        known = self._buffer[max(0, start - zero) : max(0, min(end - zero, self._end))]
        if len(known) == end - start:
            return known
        before = min(end - start, max(0, zero - start))
        return np.pad(known, (before, end - start - len(known) - before))

    def spectrum(self, end: float) -> Spectrum:
        """Of the ``SIZE`` samples before a time that may lie between two samples."""
        whole = round(end)
        turn = np.exp(2j * np.pi * (end - whole) / SIZE * np.arange(BINS))
        return np.asarray(spectrum(self.samples(whole - SIZE, whole)) * turn, np.complex64)
