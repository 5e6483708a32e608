"""A learned guess at what is wanted, for wordings that no template has.

A linear model over hashed character and word n-grams, as the second opinion on symptoms is;
``tests/guess/train.py`` makes its data from the templates themselves and from example sentences. What it
guesses is kept only where nothing else was understood, and any symptom outranks it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any
from zlib import crc32

import numpy as np

from companion.nlu.packed import SCALE, unpack

FILE = "guesses.yaml"
CHARACTERS = (3, 4, 5)  # how many make an n-gram; words are marked at both ends
NOTHING = "nothing"  # the label of what is for somebody else, and of reports
STRANGE = ("strange",)  # the kind of a word that nothing in the language pack has


def families(words: Sequence[str], kinds: Mapping[str, Sequence[str]], size: int) -> list[list[int]]:
    """The hashed features of an utterance: its words, neighbouring words, n-grams of characters, and kinds.

    ``kinds`` are those of each word that is known; two kinds anywhere in an utterance are a feature too.

    Each family weighs as much as another, however many features it has.
    """
    edged = ["START", *words, "END"]
    pairs = {f"{a} {b}" for a, b in pairwise(edged)} | {
        f"{a} _ {b}" for a, b in zip(edged, edged[2:], strict=False)
    }
    grams = {gram for word in set(words) for gram in _grams(word)}
    held = sorted({kind for word in words for kind in kinds.get(word, STRANGE)})
    alike = {f"kind {kind}" for kind in held} | {f"kinds {a} {b}" for a, b in combinations(held, 2)}
    found = ({*words}, pairs, grams, alike)
    return [sorted({crc32(part.encode()) % size for part in parts}) for parts in found if parts]


def kinds_of_words(kinds: Mapping[str, Sequence[str]], known: Iterable[str]) -> dict[str, list[str]]:
    """The kinds of each word, from the words of each kind; a known word may be of none."""
    found: dict[str, list[str]] = {word: [] for word in known}
    for kind, words in kinds.items():
        for word in words:
            found.setdefault(word, []).append(kind)
    return found


@lru_cache(maxsize=20_000)
def _grams(word: str) -> tuple[str, ...]:
    marked = f"<{word}>"
    return tuple(marked[i : i + n] for n in CHARACTERS for i in range(len(marked) - n + 1))


class Guesser:
    """Which of the labels, each an intent or "question" and a topic, an utterance sounds like most."""

    def __init__(self, data: Mapping[str, Any], kinds: Mapping[str, Sequence[str]]) -> None:
        """``kinds`` are those of each known word; ``data`` is the parsed ``guesses.yaml``: ``labels``,
        ``size`` (features) and the packed ``weights`` (a row a feature and a last one of biases, a column a
        label).

        Raises ``ValueError`` where the weights do not fit.
        """
        self._kinds = kinds
        self._labels: Sequence[str] = data["labels"]
        self._size = int(data["size"])
        self._weights = unpack(data["weights"], self._size + 1, FILE)
        if self._weights.shape[1] != len(self._labels):
            raise ValueError(f"{FILE}: the weights do not fit the labels; make it anew")

    def __repr__(self) -> str:
        return f"Guesser({len(self._labels)} labels, {self._size} features)"

    def guess(self, words: Sequence[str]) -> tuple[str, float]:
        """The label that the words sound like most, and how probable it is, from 0 to 1."""
        scores = self._weights[-1].astype(np.float64)
        for at in families(words, self._kinds, self._size):
            scores += self._weights[at].sum(axis=0, dtype=np.float64) / np.sqrt(len(at))
        odds = np.exp((scores - scores.max()) / SCALE)
        best = int(np.argmax(odds))
        return self._labels[best], float(odds[best] / odds.sum())
