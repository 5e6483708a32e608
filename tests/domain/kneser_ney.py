"""A trigram language model with interpolated Kneser-Ney smoothing, as an ARPA file has it.

Source: Kneser and Ney, Improved backing-off for m-gram language modeling (ICASSP 1995), interpolated as in
Chen and Goodman (1999). A word is as likely after an unseen beginning as it has different words before it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

DISCOUNT = 0.75  # taken off every count, for what was never seen
TINY = 1e-10
DIGITS = 3  # after the point, of a logarithm

Gram = tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """Probabilities of words after words, and how much what is not listed there backs off."""

    grams: Sequence[Mapping[Gram, float]]  # by length: of one word, of two, of three
    backoffs: Sequence[Mapping[Gram, float]]  # by length of what stands before


def learn(sentences: Sequence[str], least: Sequence[int]) -> Model:
    """A model of the sentences; of two and three words it lists what was seen ``least`` so often."""
    pairs, triples = _counts(sentences, 2), _counts(sentences, 3)
    lefts = Counter(gram[1:] for gram in triples)  # how many different words stand before each pair
    lefts.update({gram: n - lefts[gram] for gram, n in pairs.items() if gram[0] == "<s>"})  # none before <s>
    firsts = Counter(gram[1:] for gram in pairs)
    ones = {gram: n / firsts.total() for gram, n in firsts.items()}
    twos, after_one = _order(lefts, ones.__getitem__, lambda gram: pairs[gram] >= least[0])

    def of_two(gram: Gram) -> float:
        return twos[gram] if gram in twos else after_one.get(gram[:1], 1.0) * ones[gram[1:]]

    threes, after_two = _order(triples, of_two, lambda gram: triples[gram] >= least[1] and gram[:2] in twos)
    return Model([ones, twos, threes], [after_one, after_two])


def _counts(sentences: Iterable[str], length: int) -> Counter[Gram]:
    counts: Counter[Gram] = Counter()
    for sentence in sentences:
        words = ["<s>", *sentence.split(), "</s>"]
        counts.update(zip(*(words[i:] for i in range(length)), strict=False))
    return counts


def _order(
    counts: Mapping[Gram, int], shorter: Callable[[Gram], float], kept: Callable[[Gram], bool]
) -> tuple[dict[Gram, float], dict[Gram, float]]:
    """The probabilities of the grams that are kept, and the weights with which the others back off."""
    seen, kinds = Counter[Gram](), Counter[Gram]()
    for gram, n in counts.items():
        seen[gram[:-1]] += n
        kinds[gram[:-1]] += 1
    found = {}
    for gram, n in counts.items():
        if kept(gram):
            before = gram[:-1]
            spared = DISCOUNT * kinds[before] / seen[before]
            found[gram] = (n - DISCOUNT) / seen[before] + spared * shorter(gram[1:])
    listed: dict[Gram, float] = {}
    shadowed: dict[Gram, float] = {}
    for gram, p in found.items():
        listed[gram[:-1]] = listed.get(gram[:-1], 0.0) + p
        shadowed[gram[:-1]] = shadowed.get(gram[:-1], 0.0) + shorter(gram[1:])
    return found, {b: max(1 - listed[b], TINY) / max(1 - shadowed[b], TINY) for b in listed}


def arpa(model: Model) -> str:
    """The model as the text of an ARPA file."""
    start = {("<s>",): 0.0, **model.grams[0]}  # which is never said itself
    orders = [start, *model.grams[1:]]
    lines = ["\\data\\", *(f"ngram {n}={len(grams)}" for n, grams in enumerate(orders, start=1))]
    for n, grams in enumerate(orders, start=1):
        lines += ["", f"\\{n}-grams:"]
        for gram, p in sorted(grams.items()):
            line = f"{_log(p)} {' '.join(gram)}"
            lines.append(f"{line} {_log(model.backoffs[n - 1].get(gram, 1.0))}" if n < len(orders) else line)
    return "\n".join([*lines, "", "\\end\\", ""])


def _log(p: float) -> str:
    return f"{math.log10(p):.{DIGITS}f}" if p else "-99"
