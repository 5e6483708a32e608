"""What the echo filter leaves over is made quieter, frequency by frequency, without delaying the sound."""

from __future__ import annotations

import numpy as np

from companion.audio.echo_filter import BINS, BLOCK, Powers, Spectrum, Wave, late_half, spectrum

LEAST = 10 ** (-25 / 20)  # gain where there is nothing but echo
MORE = 2.0  # the echo that is left is taken for so many times as strong as believed
SMOOTH = 0.6  # of powers, over about two blocks
MUCH = 1e14  # power above that of any sound
QUIET = 1e-3  # power; keeps logarithms and quotients finite


class Suppressor:
    """Filters blocks by a gain a frequency: a Wiener filter, as a minimum-phase response."""

    def __init__(self) -> None:
        self._rest = np.zeros(BLOCK, np.float32)  # the block before
        self._response = np.ones(BINS, np.complex64)
        self._power: Powers = np.ones(BINS, np.float32)
        self._unwanted: Powers = np.zeros(BINS, np.float32)

    def __call__(self, rest: Wave, left: Powers) -> Wave:
        """``rest``: the block without the echo; ``left``: the power of the echo that may still be in it, per
        bin of a transform whose first half is zero."""
        error = late_half(rest)
        self._power = SMOOTH * self._power + (1 - SMOOTH) * np.abs(error) ** 2
        self._unwanted = SMOOTH * self._unwanted + (1 - SMOOTH) * np.minimum(MORE * left, MUCH)
        gain = np.maximum(LEAST, 1 - self._unwanted / (self._power + QUIET))
        before, self._response = self._response, minimum_phase(gain)
        both = spectrum(np.concatenate([self._rest, rest]))
        self._rest = rest
        old, new = np.fft.irfft(np.array([both * before, both * self._response]), axis=1)[:, BLOCK:]
        fade = np.arange(BLOCK) / BLOCK
        return np.asarray(old + fade * (new - old), np.float32)


def minimum_phase(gain: Powers) -> Spectrum:
    """The causal response with this gain whose sound comes earliest, cut to a block.

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing, section 13.5 (the complex cepstrum).
    """
    cepstrum = np.fft.irfft(np.log(gain))
    cepstrum[1:BLOCK] *= 2
    cepstrum[BLOCK + 1 :] = 0
    response = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))
    response[BLOCK:] = 0
    return np.fft.rfft(response).astype(np.complex64)
