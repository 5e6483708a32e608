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
REASON = (
    0.8  # the most that a reason costs: "louder please i'm a bit deaf", "that was the postman right carry on"
)
LIGHT = 0.5  # what a small word or filler in a match is worth; any other is worth 1
UNKNOWN = 0.3  # what a word is worth that matched only a slot for words of any kind
SPARE = 0.7  # strength that must remain: a single word stands nearly alone
LEAST_ALLOWED, MOST_ALLOWED = 0.25, 3.0


@dataclass(frozen=True, slots=True)
class Weights:
    """The kinds of word that a language pack lists, and its intents."""

    fillers: Collection[str]
    small: Collection[str]
    against: Collection[str]  # ask or deny something
    reasons: Collection[str]  # begin a reason rather than an object
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
    for match in matches:
        strong = strength(words, match, weights)
        left = cost(words, match, covered[match.label], weights)
        if left <= (LEAST_ALLOWED if match.label in weights.alone else allowed(strong)):
            length = match.end - match.start
            key = (strong - left, length, -weights.order.index(match.label), len(match.slots))
            if best is None or key > best_key:
                best, best_key = match, key
    return best


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
    new_clause = match.start - 1 in free and match.end - match.start > 1
    if match.label in weights.eager and before and _breaks_in(words[match.start - 1], before, weights):
        before = []
    reason = bool(after) and after[0] in weights.reasons
    if match.label in weights.eager and reason and weights.others.isdisjoint(after):
        after = []
    total = _side(before, new_clause, weights) + _side(after, reason, weights)
    has_object = bool(after) and match.end not in free and not reason
    return total + OBJECT if has_object else total


def _breaks_in(word: str, before: Sequence[str], weights: Weights) -> bool:
    """Whether a command may begin after ``word``: "it hurts, stop", not "can't stop"."""
    tied = word in weights.small or word in weights.against
    return before[0] in weights.reasons and not tied and weights.others.isdisjoint(before)


def _side(left: Sequence[str], clause: bool, weights: Weights) -> float:
    """The cost of the words on one side; a ``clause`` of its own costs little, whatever its length."""
    costs = [_word_cost(word, weights) for word in left]
    return min(sum(costs), REASON) if clause and max(costs, default=0) <= OTHER_WORD else sum(costs)


def _word_cost(word: str, weights: Weights) -> float:
    if word in weights.others:
        return SOMEBODY_ELSE
    if word in weights.against:
        return AGAINST
    return SMALL if word in weights.small else OTHER_WORD
