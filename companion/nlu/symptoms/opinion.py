"""A learned second opinion beside the rules: it can only raise suspicion, and only to a question.

A linear model over hashed features (feature hashing: Weinberger et al. 2009): the words, their n-grams and
their sounds, and what the lexicon makes of them: its concepts, beside which others and which words they
stand, and their context. So it weighs what no rule has foreseen, "the need just gave from under me", or what
a recogniser made of it, "i col apsed", and yet knows a denial when it sees one. ``tests/opinion/train.py``
makes its data.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from companion.nlu.meaning import Tier
from companion.nlu.packed import SCALE, Weights, unpack
from companion.nlu.sounds_like import consonants
from companion.nlu.symptoms.context import Said, Status
from companion.nlu.symptoms.phrases import Span

FILE = "second_opinion.yaml"
CHARACTERS = (3, 4, 5)  # how many make an n-gram; words are marked at both ends
SOUNDS = (4, 5)  # how many consonants of the whole utterance do, whatever words they are written as
NEAR = 7  # words between two concepts that stand together
GRAVE = (Tier.EMERGENCY, Tier.URGENT)
HEADS = 3  # rows of gravity: emergency, grave, anything
LEAST_AT_ALL = -0.75  # log odds of anything below which what sounds grave is mere noise
LEAST_EMERGENCY = -2.0  # log odds from which on what is grave is asked about as an emergency
MILD = 1.5  # log odds more for what is less than grave

Indexes = np.ndarray[Any, np.dtype[np.intp]]
Values = np.ndarray[Any, np.dtype[np.float64]]


@lru_cache(maxsize=50_000)
def _number(*parts: str) -> int:
    return zlib.crc32(" ".join(parts).encode())


@lru_cache(maxsize=20_000)
def _characters(word: str) -> tuple[int, ...]:
    marked = f"<{word}>"
    grams = [marked[i : i + n] for n in CHARACTERS for i in range(len(marked) - n + 1)]
    return tuple(zlib.crc32(gram.encode()) for gram in grams)


def signs(said: Said, marks: Status) -> tuple[Indexes, Values]:
    """The features of an utterance, any large numbers, and their values: each family has unit length."""
    words = said.words
    families = (
        {number for word in words for number in _characters(word)},
        {_number(f"w:{word}") for word in words},
        {_number(*pair) for pair in _pairs(["START", *words, "END"])},
        {_number("concept", span.name) for span in said.spans},
        {_number("concepts", *pair) for pair in _together(said.spans)},
        {_number("context", *mark) for mark in _context(said, marks)},
        {_number("beside", span.name, word) for span in said.spans for word in words},
        {_number("sounds", gram) for gram in _sounds(words)},
    )
    numbers = np.array([number for family in families for number in family], dtype=np.intp)
    lengths = [len(family) for family in families if family]
    return numbers, np.repeat(1 / np.sqrt(lengths), lengths)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Neighbours, and words with one between them."""
    yield from pairwise(words)
    yield from ((f"{a} _", b) for a, b in zip(words, words[2:], strict=False))


def _sounds(words: Sequence[str]) -> Iterator[str]:
    sounds = consonants(words)
    return (sounds[i : i + n] for n in SOUNDS for i in range(len(sounds) - n + 1))


def _together(spans: Sequence[Span]) -> set[tuple[str, str]]:
    """The concepts that stand near each other, whichever comes first."""
    return {
        (a.name, b.name) if a.name < b.name else (b.name, a.name)
        for a, b in combinations(spans, 2)
        if b.start - a.end <= NEAR and a.name != b.name
    }


def _context(said: Said, marks: Status) -> Iterator[tuple[str, ...]]:
    """What holds of the symptoms, and which cues there are at all."""
    yield from ((kind,) for kind, cues in said.cues.items() if cues)
    for symptom, held in marks.items():
        yield from ((symptom.name, kind) for kind in held or ("asserted",))
        yield from (("any", kind) for kind in held or ("asserted",))


class SecondOpinion:
    """Whether an utterance sounds like something to act on, how grave, and like which finding most."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """``data`` is the parsed ``second_opinion.yaml``: ``findings`` (flag to tier), and the packed
        weights ``gravity`` (a row each for “emergency”, “grave” and “anything”) and ``likeness`` (a row a
        finding, over features folded to fewer); a column a feature and a last one of biases.

        Raises ``ValueError`` where the weights do not fit.
        """
        self._findings = [(flag, Tier(tier)) for flag, tier in data["findings"].items()]
        self._gravity = unpack(data["gravity"], HEADS, FILE)
        self._likeness = unpack(data["likeness"], len(self._findings), FILE)

    def __repr__(self) -> str:
        return f"SecondOpinion({len(self._findings)} findings, {self._gravity.shape[1] - 1} features)"

    def suspects(self, said: Said, marks: Status, least: float) -> tuple[str, Tier] | None:
        """The flag and tier that an utterance sounds like with log odds of ``least``, or ``None``.

        What is not grave takes ``MILD`` more, since it costs little to miss.
        """
        at, values = signs(said, marks)
        emergency, grave, anything = _scores(self._gravity, at, values)
        if grave >= least and anything >= LEAST_AT_ALL:
            tiers = {Tier.EMERGENCY if emergency >= LEAST_EMERGENCY else Tier.URGENT}
        elif anything >= least + MILD:
            tiers = {Tier.CAUTION, Tier.ADVICE}
        else:
            return None
        likeness = _scores(self._likeness, at, values)
        among = [i for i, (_, tier) in enumerate(self._findings) if tier in tiers]
        return self._findings[max(among, key=lambda i: float(likeness[i]))]


def _scores(weights: Weights, at: Indexes, values: Values) -> Values:
    """Log odds, one a row of weights."""
    found: Values = (weights[:, at % (weights.shape[1] - 1)] @ values + weights[:, -1]) / SCALE
    return found
