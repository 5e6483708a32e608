"""Words that the recogniser may have meant: read beside those it wrote, never instead of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.nlu.symptoms.lexicon import Slip
from companion.nlu.symptoms.phrases import Span


def alternatives(words: Sequence[str], slips: Mapping[str, Sequence[Slip]]) -> list[Span]:
    """Where a slip fits its surroundings: the words heard, under the name of what may have been meant."""
    found = []
    for start, word in enumerate(words):
        for slip in slips.get(word, ()):
            end = start + len(slip.heard)
            if tuple(words[start:end]) == slip.heard and _fits(slip, words, start, end):
                found.append(Span(start, end, " ".join(slip.meant)))
    return found


def _fits(slip: Slip, words: Sequence[str], start: int, end: int) -> bool:
    """Every condition that the slip names has to hold."""
    before = words[start - 1] if start else "START"
    after = words[end] if end < len(words) else "END"
    return (
        (not slip.after or before in slip.after)
        and (not slip.before or after in slip.before)
        and (not slip.near or not slip.near.isdisjoint(words))
        and before not in slip.never_after
    )
