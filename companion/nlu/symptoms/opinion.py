"""A learned second opinion beside the rules: it can only raise suspicion, and only to a question.

A linear model over hashed character and word n-grams (feature hashing: Weinberger et al. 2009): one score for
how grave an utterance sounds, one for its likeness to each finding. ``tests/opinion/train.py`` makes its
data. It knows nothing of negation or of whose symptom it is; so the reader asks it only where nothing in the
utterance explains a symptom away.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zlib import crc32

import numpy as np

from companion.nlu.meaning import Tier

CHARACTERS = (3, 4, 5)  # how many make an n-gram; words are marked at both ends
SCALE = 8.0  # the weights are stored in steps of an eighth


@lru_cache(maxsize=20_000)
def _word_features(word: str) -> tuple[int, ...]:
    marked = f"<{word}>"
    grams = [marked[i : i + n] for n in CHARACTERS for i in range(len(marked) - n + 1)]
    return tuple(crc32(gram.encode()) for gram in (f"w:{word}", *grams))


def features(words: Sequence[str], size: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The hashed n-grams of an utterance: distinct indexes below ``size``."""
    found = {number for word in words for number in _word_features(word)}
    found.update(crc32(" ".join(pair).encode()) for pair in _pairs(["START", *words, "END"]))
    return np.array(sorted({number % size for number in found}), dtype=np.intp)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Neighbours, and words with one between them."""
    yield from pairwise(words)
    yield from ((f"{a} _", b) for a, b in zip(words, words[2:], strict=False))


class SecondOpinion:
    """Whether an utterance sounds grave, and like which finding most."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """``data`` is the parsed ``second_opinion.yaml``: ``findings`` (flag to tier), ``size`` (features),
        ``least`` (log odds from which on it is suspicious) and ``weights`` (base64 of signed bytes: a row a
        feature and a last one of biases, a column for “grave” and one for each finding).

        Raises ``ValueError`` where the weights do not fit.
        """
        self._findings = [(flag, Tier(tier)) for flag, tier in data["findings"].items()]
        self._size = int(data["size"])
        self._least = float(data["least"])
        stored = np.frombuffer(base64.b64decode(data["weights"]), dtype=np.int8)
        if len(stored) != (self._size + 1) * (len(self._findings) + 1):
            raise ValueError("second_opinion.yaml: the weights do not fit size and findings")
        weights = stored.reshape(self._size + 1, -1).astype(np.float32) / SCALE
        self._weights, self._bias = weights[:-1], weights[-1]

    def __repr__(self) -> str:
        return f"SecondOpinion({len(self._findings)} findings, {self._size} features)"

    def suspects(self, words: Sequence[str], more: float = 0.0) -> tuple[str, Tier] | None:
        """The flag and tier that these words sound like, or ``None``; ``more`` log odds than usual needed."""
        at = features(words, self._size)
        grave, *likeness = self._weights[at].sum(axis=0) / np.sqrt(len(at)) + self._bias
        return self._findings[int(np.argmax(likeness))] if grave >= self._least + more else None
