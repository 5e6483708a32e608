"""A small network of our own that listens for the few words that must never be missed.

It looks at the last second of sound and says how likely it was each of ``Spotter.words`` alone, spoken by
itself. It is sensitive and cheap (a tenth of a megabyte, a millisecond a look) and not selective enough to be
believed alone. The weights, ``spotter.npz``, come from ``tests/spotter/train.py``, which names what they were
trained on: Speech Commands by Pete Warden and Google (CC BY 4.0), and synthetic voices.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from companion.asr.base import RATE, Pcm

WINDOW = RATE  # samples that one look takes in
LOOK = RATE // 11  # samples between two looks
NOT_WORDS = ("speech", "noise")  # what else the network tells apart
FRAME, HOP, FFT = 400, 160, 512  # 25 ms, 10 ms
BANDS = 40
FLOOR = 1e-3  # of a band's power, samples in ±1: far below a quiet room

Array = NDArray[np.float32]


@cache
def mel_bands() -> Array:
    """Triangular filters from 80 Hz to 7.6 kHz, shape (BANDS, FFT // 2 + 1)."""

    def mel(hertz: float) -> float:
        return float(2595 * np.log10(1 + hertz / 700))

    edges = 700 * (10 ** (np.linspace(mel(80), mel(7600), BANDS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    low, mid, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bands = np.minimum((bins - low) / (mid - low), (high - bins) / (high - mid))
    return np.maximum(bands, 0).astype(np.float32)


def features(pcm: Pcm) -> Array:
    """Log power in mel bands, shape (BANDS, frames), about zero whatever the loudness."""
    frames = sliding_window_view(pcm.astype(np.float32) / 32768, FRAME)[::HOP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), FFT)) ** 2
    logs = np.log(mel_bands() @ spectrum.T.astype(np.float32) + FLOOR)
    return cast(Array, logs - logs.mean())


class Spotter:
    """The network, read from the weights that the package carries."""

    def __init__(self) -> None:
        with (files("companion.asr") / "spotter.npz").open("rb") as file, np.load(file) as arrays:
            self.words = tuple(str(word) for word in arrays["words"])
            self._weights = {
                name: arrays[name].astype(np.float32) for name in arrays.files if name != "words"
            }
        self._blocks = sum(name.startswith("skip") and name.endswith("weight") for name in self._weights)

    def probabilities(self, pcm: Pcm) -> dict[str, float]:
        """How likely the last second of ``pcm`` (at least ``WINDOW`` samples) was each word."""
        x = self._conv("first", features(pcm[-WINDOW:]), relu=True)
        for block in range(self._blocks):
            inner = self._conv(f"a{block}", x, stride=2, relu=True)
            x = np.maximum(self._conv(f"b{block}", inner) + self._conv(f"skip{block}", x, stride=2), 0)
        logits = self._weights["out.weight"] @ x.mean(axis=1) + self._weights["out.bias"]
        odds = np.exp(logits - logits.max())
        return dict(zip(self.words, (odds / odds.sum()).tolist(), strict=True))

    def _conv(self, name: str, x: Array, *, stride: int = 1, relu: bool = False) -> Array:
        """A convolution over time that keeps the length (before the stride); ``x`` is (channels, frames)."""
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        width = weight.shape[2]
        padded = np.pad(x, ((0, 0), (width // 2, width // 2)))
        windows = sliding_window_view(padded, width, axis=1)[:, ::stride]  # (channels, frames, width)
        y = np.tensordot(weight, windows, axes=([1, 2], [0, 2])) + bias[:, None]
        return cast(Array, np.maximum(y, 0) if relu else y)


class Watch:
    """The spotter's looks at one utterance; ``best`` has every word's highest probability so far."""

    def __init__(self, spotter: Spotter) -> None:
        self._spotter = spotter
        self.begin()

    def begin(self) -> None:
        """A new utterance."""
        self._last_second = np.zeros(WINDOW, np.int16)
        self._unseen = 0
        self.best = {word: 0.0 for word in self._spotter.words if word not in NOT_WORDS}

    def feed(self, pcm: Pcm) -> None:
        self._last_second = np.concatenate([self._last_second, pcm])[-WINDOW:]
        self._unseen += len(pcm)
        if self._unseen >= LOOK:
            self._unseen = 0
            now = self._spotter.probabilities(self._last_second)
            self.best = {word: max(best, now[word]) for word, best in self.best.items()}
