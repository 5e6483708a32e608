"""Whether an utterance was one of the phrases: pure, and the one place where that is decided.

A grammar always answers with a phrase. What tells a phrase from any other sound is the ``margin``: by how
many nats (natural-log units) the phrase explains the sound better than the best sentence of common English
does, both scored by the same acoustic model and English paying for its words as well. Whole sentences lie
below -1000, phrases about +40. The words that must never be missed have a second witness, the spotter.

The thresholds were chosen on speakers and voices that ``tests/evaluate_audio.py`` does not use; it measures
what they are worth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NEAR = 10.0  # nats from which a phrase is believed
CERTAIN = 60.0  # nats from which it is believed against the spotter
FAR = -150.0  # nats from which a word is believed that the spotter has heard
SPOTTED = 0.6  # probability from which the spotter has heard a word
BOTH = 0.2  # probability from which it has, where the grammar says the same
OTHER = 0.8  # probability from which it has heard a word that is no phrase
ALONE = 1.3  # seconds of voice: a word by itself is not longer


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an utterance, or of its beginning."""

    phrase: str  # the grammar's best whole phrase, or nothing
    margin: float  # nats
    dictated: str  # the best sentence of common English
    seconds: float  # of voice
    spotted: Mapping[str, float]  # words that the spotter knows and their best probabilities
    vouched: frozenset[str]  # those of them that are phrases and that it may vouch for


def phrase_in(evidence: Evidence) -> str:
    """The phrase that was said, or nothing."""
    word, probability = _best(evidence, vouched=True)
    _, of_another = _best(evidence, vouched=False)
    certain = evidence.margin >= CERTAIN and evidence.phrase != ""
    alone = evidence.seconds <= ALONE and evidence.margin >= FAR
    enough = BOTH if word == evidence.phrase else SPOTTED
    if alone and not certain and probability >= max(enough, of_another):
        return word
    # Where English finds no word at all there was only noise, which a short phrase fits as well as any.
    if evidence.margin >= NEAR and evidence.dictated and (certain or of_another < OTHER):
        return evidence.phrase
    return ""


def _best(evidence: Evidence, *, vouched: bool) -> tuple[str, float]:
    """The likeliest of the spotter's words that it may, or may not, vouch for."""
    odds = {word: p for word, p in evidence.spotted.items() if (word in evidence.vouched) == vouched}
    return max(odds.items(), key=lambda item: item[1], default=("", 0.0))
