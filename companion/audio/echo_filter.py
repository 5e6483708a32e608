"""An adaptive model of the way from loudspeaker to microphone, block by block in the frequency domain.

A partitioned-block Kalman filter: for each frequency it keeps, beside the estimated response, how unsure it
is of it, and learns only as fast as that uncertainty exceeds what cannot be echo. So a person who talks over
the loudspeaker does not lead it astray, and no step size has to be chosen.

Source: G. Enzner and P. Vary, Frequency-domain adaptive Kalman filter for acoustic echo control in
hands-free telephones, Signal Processing 86 (2006); F. Kuech, E. Mabande and G. Enzner, State-space
architecture of the partitioned-block-based acoustic echo controller, ICASSP 2014.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 320  # samples; 20 ms at 16 kHz
SIZE = 2 * BLOCK  # of a Fourier transform
BINS = BLOCK + 1
STEADY = 0.999  # what remains of a response from block to block: the room changes within about 20 s
UNSURE = 0.1  # the uncertainty to begin with, as a squared gain of each partition
NEAR = 0.9  # smoothing of the power that is not echo, over about 0.2 s
FLOOR = 30.0  # RMS of one sample that counts as silence in the microphone

Spectrum = NDArray[np.complex64]  # shape (BINS,)
Spectra = NDArray[np.complex64]  # shape (partitions, BINS)
Powers = NDArray[np.floating]  # shape (BINS,) or (partitions, BINS)
Wave = NDArray[np.float32]  # shape (samples,)


class EchoFilter:
    """Learns the response that turns the reference into the echo, ``partitions`` blocks of 20 ms long."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.reset()

    def reset(self) -> None:
        """Forget the response."""
        self.response: Spectra = np.zeros((self.partitions, BINS), np.complex64)
        self._unsure: Powers = np.full((self.partitions, BINS), UNSURE, np.float32)
        self._near: Powers = np.full(BINS, FLOOR**2 * SIZE, np.float32)

    def shift(self, blocks: int) -> None:
        """Follow a reference that from now on comes so many blocks later: its response begins earlier."""
        kept = np.zeros_like(self.response)
        unsure = np.full_like(self._unsure, UNSURE)
        if abs(blocks) < self.partitions:
            old = slice(max(0, blocks), self.partitions + min(0, blocks))
            new = slice(max(0, -blocks), self.partitions - max(0, blocks))
            kept[new], unsure[new] = self.response[old], self._unsure[old]
        self.response, self._unsure = kept, unsure

    def __call__(self, microphone: Wave, references: Spectra) -> tuple[Wave, Spectrum, Powers]:
        """The block without its echo, the echo, and the power of the echo that may still be in it.

        ``references``: the spectra of the latest ``partitions`` pairs of reference blocks, newest first.
        Echo and power are per bin of a transform of ``SIZE`` samples whose first half is zero.
        """
        echo = np.fft.irfft((self.response * references).sum(axis=0))[BLOCK:].astype(np.float32)
        rest = microphone - echo
        error, whole = late_half(rest), late_half(echo)
        power = (references.real**2 + references.imag**2).astype(np.float32)
        left = 0.5 * (power * self._unsure).sum(axis=0)
        self._near = NEAR * self._near + (1 - NEAR) * (error.real**2 + error.imag**2)
        gain = self._unsure / (left + self._near + FLOOR**2)
        step = np.fft.irfft(gain * np.conj(references) * error, axis=1)
        step[:, BLOCK:] = 0.0  # a block's response is no longer than the block
        self.response = STEADY * (self.response + np.fft.rfft(step, axis=1).astype(np.complex64))
        learnt = STEADY**2 * (1.0 - 0.5 * gain * power) * self._unsure
        drifted = (1.0 - STEADY**2) * (self.response.real**2 + self.response.imag**2)
        self._unsure = (learnt + drifted).astype(np.float32)
        return rest, whole, left


def spectrum(samples: Wave) -> Spectrum:
    """The Fourier transform of ``SIZE`` real samples."""
    return np.fft.rfft(samples).astype(np.complex64)


def late_half(block: Wave) -> Spectrum:
    """The Fourier transform of a block that follows as much silence."""
    return spectrum(np.concatenate([np.zeros(BLOCK, np.float32), block]))
