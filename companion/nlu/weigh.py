"""Whether a command that was found among other words was meant, and which one of several.

"Pause" is a command in "could you pause for me please" and none in "pause the telly would you". What is
left over decides: politeness and fillers cost nothing, small words little, other words more, and words
that speak of somebody or something else most. The more words a command matched, the more it may leave.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from companion.nlu.templates import Match

SMALL, OTHER_WORD, AGAINST, SOMEBODY_ELSE = 0.3, 1.0, 2.0, 3.0  # what a left-over word costs
OBJECT = 0.5  # added where a word that is not polite follows at once: "pause the telly", "stop barking"
CLAUSE = 0.7  # the most that a clause of its own costs: "can we have more volume the fan's on"
SHORT_CLAUSE = 0.25  # and beside a command of one word: "pardon my hearing aid was out"
LIGHT = 0.5  # what a small word or filler in a match is worth; any other is worth 1
UNKNOWN = 0.3  # what a word is worth that matched only a slot for words of any kind
SPARE = 0.7  # strength that must remain: a single word stands nearly alone
LEAST_ALLOWED, MOST_ALLOWED = 0.25, 3.0
BOLD = 2.5  # the strength from which on a command may follow what cannot be done
LONG = 4  # words: so much is hardly said by chance


@dataclass(frozen=True, slots=True)
class Weights:
    """The kinds of word that a language pack lists, and its intents."""

    fillers: Collection[str]
    small: Collection[str]
    against: frozenset[str]  # ask or deny something
    reasons: Collection[str]  # begin a clause rather than an object
    ties: Collection[str]  # what follows belongs to them, and is no command
    others: frozenset[str]
    alone: Collection[str]  # intents that count only with nothing else of weight beside them
    eager: Collection[str]  # intents that one word may call for beside a whole clause: "it hurts stop"
    order: Sequence[str]  # of two intents that match equally well the first is meant


def choose(
    words: Sequence[str], matches: Sequence[Match], free: Collection[int], weights: Weights
) -> Match | None:
    """The match that says most, or ``None`` where every one leaves too much.

    ``free`` holds the places of words that cost nothing; so do the words of other matches of the same
    intent ("hang on, wait a minute").
    """
    covered: dict[str, set[int]] = {label: set(free) for label in weights.order}
    for match in matches:
        if match.label not in weights.alone:
            covered[match.label].update(range(match.start, match.end))
    best: Match | None = None
    best_key = (0.0, 0, 0, 0)
    for match in _longest(matches, weights):
        strong = strength(words, match, weights)
        left = cost(words, match, covered[match.label], weights)
        if left <= (LEAST_ALLOWED if match.label in weights.alone else allowed(strong)):
            length = match.end - match.start
            key = (strong - left, length, -weights.order.index(match.label), len(match.slots))
            if best is None or key > best_key:
                best, best_key = match, key
    return best


def _longest(matches: Sequence[Match], weights: Weights) -> list[Match]:
    """All but the eager ones that are the beginning of a longer one: "stop" in "stop it rex"."""
    ends = {(m.label, m.start): 0 for m in matches if m.label in weights.eager}
    for m in matches:
        if m.label in weights.eager:
            ends[m.label, m.start] = max(ends[m.label, m.start], m.end)
    return [m for m in matches if m.end >= ends.get((m.label, m.start), 0)]


def strength(words: Sequence[str], match: Match, weights: Weights) -> float:
    """How much the matched words say."""
    light = sum(word in weights.small or word in weights.fillers for word in words[match.start : match.end])
    unknown = len(str(match.slots.get("unknown", "")).split())
    return (match.end - match.start) - (1 - LIGHT) * light - (1 - UNKNOWN) * unknown


def allowed(strong: float) -> float:
    """The cost that a match of this strength may leave over."""
    return min(max(strong - SPARE, LEAST_ALLOWED), MOST_ALLOWED)


def cost(words: Sequence[str], match: Match, free: Collection[int], weights: Weights) -> float:
    """What the words around a match speak against it."""
    before = [words[i] for i in range(match.start) if i not in free]
    after = [words[i] for i in range(match.end, len(words)) if i not in free]
    if before and _breaks_in(words, match, before, free, weights):
        led = min(_sum(before, weights), CLAUSE) if match.label not in weights.eager else 0.0
    else:
        led = _sum(before, weights)
    if not after:
        return led
    if _is_reason(words, match, after, weights):
        return led + _reason(words, match, after, weights)
    has_object = match.end not in free
    return led + _sum(after, weights) + (OBJECT if has_object else 0.0)


def _breaks_in(
    words: Sequence[str], match: Match, before: Sequence[str], free: Collection[int], weights: Weights
) -> bool:
    """Whether a command may begin here, after a clause: "it hurts, stop", but not "can't stop"."""
    last = words[match.start - 1]
    if match.label in weights.eager:
        tied = last in weights.small or last in weights.against or last in weights.ties
        return before[0] in weights.reasons and not tied and weights.others.isdisjoint(before)
    if match.end - match.start < 2 or not weights.others.isdisjoint(before):
        return False
    if match.start - 1 in free and weights.against.isdisjoint(before):
        return True
    if not weights.against.isdisjoint(before) and strength(words, match, weights) < BOLD:
        return False
    return before[0] in weights.reasons and last not in weights.ties and last not in weights.against


def _is_reason(words: Sequence[str], match: Match, after: Sequence[str], weights: Weights) -> bool:
    """Whether a clause begins behind the match: "i can't hear", "the dog's got my sock"."""
    first = words.index(after[0], match.end)
    somebody = after[0].endswith("'s") and first > match.end
    return somebody or any(word in weights.reasons for word in words[match.end : first + 1])


def _reason(words: Sequence[str], match: Match, after: Sequence[str], weights: Weights) -> float:
    """The cost of a reason behind a command: little, whatever it tells of."""
    length = match.end - match.start
    if match.label in weights.alone:  # "five" in other talk, but not "five out of ten which is better"
        return SHORT_CLAUSE if match.slots and length >= LONG else _sum(after, weights)
    if length > 1:
        return min(_sum(after, weights), CLAUSE)
    if match.start == 0 and weights.others.isdisjoint(after):
        return 0.0 if match.label in weights.eager else SHORT_CLAUSE
    return _sum(after, weights)


def _sum(left: Sequence[str], weights: Weights) -> float:
    return sum(_word_cost(word, weights) for word in left)


def _word_cost(word: str, weights: Weights) -> float:
    if word in weights.others:
        return SOMEBODY_ELSE
    if word in weights.against:
        return AGAINST
    return SMALL if word in weights.small else OTHER_WORD
