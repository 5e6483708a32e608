"""Numbers in words: scores and durations, as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
UNITS = {word: value for value, word in enumerate(_BELOW_TWENTY.split())} | {"nought": 0, "nil": 0}
TENS = {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
SECONDS = {"second": 1, "seconds": 1, "sec": 1, "secs": 1, "minute": 60, "minutes": 60, "min": 60, "mins": 60}
MINUTES = (("minute",), ("minutes",), ("min",), ("mins",))
ADDED = frozenset({"more", "extra", "another"})
VAGUE = {("couple",): 2, ("couple", "of"): 2, ("few",): 3}  # of minutes; "a few seconds" says no number
BEGINNINGS = frozenset({"a", "an", "another", "half", *UNITS, *TENS, *(w for w, *_ in (*VAGUE, *MINUTES))})
WORDS = frozenset({*UNITS, *TENS, *SECONDS, "half"})
HEARD = {"to": 2, "too": 2, "for": 4, "won": 1, "ate": 8, "oh": 0, "tan": 10, "sex": 6}  # a score misheard
WORST = 10  # of a pain score


def number(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The whole number below 1000 that starts at ``at``: (end, value), or ``None``."""
    word = words[at] if at < len(words) else ""
    if word.isdecimal() and len(word) <= 3:
        return at + 1, int(word)
    if word in TENS:
        unit = UNITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
        return (at + 2, TENS[word] + unit) if 0 < unit < 10 else (at + 1, TENS[word])
    if word in UNITS:
        return at + 1, UNITS[word]
    return None


def _skip(words: Sequence[str], at: int, *these: str) -> int:
    return at + 1 if at < len(words) and words[at] in these else at


def durations(words: Sequence[str], at: int) -> Iterable[tuple[int, int]]:
    """The durations, in seconds, that start at ``at``: "half a minute", "a minute and a half", "twenty"."""
    if words[at] not in BEGINNINGS and not words[at].isdecimal():
        return
    start = _skip(words, at, "a", "an", "another")
    for vague, value in VAGUE.items():
        after = _skip(words, start + len(vague), "more", "extra")
        if tuple(words[start : start + len(vague)]) == vague and tuple(words[after : after + 1]) in MINUTES:
            yield after + 1, value * 60
    if words[at] == "half":
        after = _skip(words, at + 1, "a")
        if tuple(words[after : after + 1]) in MINUTES:
            yield after + 1, 30
    elif tuple(words[start : start + 1]) in MINUTES:
        yield from _with_unit(words, start, 1)
    found = number(words, at)
    if found:
        yield from _with_unit(words, found[0], found[1])
        yield found


def more_durations(words: Sequence[str], at: int) -> Iterable[tuple[int, int]]:
    """The durations that say themselves that they are to be added: "one more minute"."""
    return [(end, value) for end, value in durations(words, at) if not ADDED.isdisjoint(words[at:end])]


def _with_unit(words: Sequence[str], at: int, value: int) -> Iterable[tuple[int, int]]:
    """Read "minutes", "more minutes", "minute and a half" behind a number."""
    at = _skip(words, at, "more", "extra", "less", "fewer")
    if at >= len(words) or words[at] not in SECONDS:
        return
    unit = SECONDS[words[at]]
    yield at + 1, value * unit
    if tuple(words[at + 1 : at + 4]) == ("and", "a", "half"):
        yield at + 4, value * unit + unit // 2
    more = number(words, _skip(words, at + 1, "and"))
    if unit == 60 and more:
        yield _skip(words, more[0], "second", "seconds", "sec", "secs"), value * unit + more[1]


def scores(words: Sequence[str], at: int) -> Iterable[tuple[int, int]]:
    """The pain scores, 0 to 10, that start at ``at``; of "six or seven" the higher, which is the safer."""
    found = _one_score(words, at)
    if not found:
        return
    end, value = found
    yield end, value
    if end < len(words) and words[end] in ("or", "to", "maybe", "and"):
        other = _one_score(words, _skip(words, end + 1, "maybe", "a", "even"))
        if other:
            yield other[0], max(value, other[1])
    if tuple(words[end : end + 3]) == ("and", "a", "half"):
        yield end + 3, min(WORST, value + 1)


def heard_scores(words: Sequence[str], at: int) -> Iterable[tuple[int, int]]:
    """The scores that a recogniser may have written as another word: "a for out of ten"."""
    if words[at] in HEARD:
        yield at + 1, HEARD[words[at]]


def _one_score(words: Sequence[str], at: int) -> tuple[int, int] | None:
    found = number(words, at)
    return found if found and found[1] <= WORST else None
