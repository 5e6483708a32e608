"""Whose symptom, whether it is there, and when: the ConText algorithm on spoken English's cues.

NegEx (Chapman et al. 2001, J Biomed Inform 34) looks for negation cues ("no", "haven't"), gives each a
scope, and ends the scope at terminators ("but"); ConText (Harkema et al. 2009, J Biomed Inform 42) does the
same for whose symptom it is, whether it is past, and whether it is hypothetical. Pseudo-cues ("not only")
look like cues and are none; here, as there, the longer wording wins. Speech has no punctuation, so a new
subject ("no pain *my* leg gives way") also ends a negation. All cues are data; only the scopes are here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from companion.nlu.symptoms.phrases import Span

TERMINATORS = ("terminator", "contrast")
NEGATION_REACH = 6  # words without any symptom; NegEx uses 5, but counts no fillers


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance in words, and what of the lexicon was found in it, by kind."""

    words: Sequence[str]
    spans: Sequence[Span]  # all that was found
    symptoms: Sequence[Span]
    cues: Mapping[str, Sequence[Span]]  # kind of context → its cues
    lists: Mapping[str, Collection[str]]  # subjects, prepositions, connectors

    def of(self, kind: str) -> Sequence[Span]:
        """The cues of one kind, in order."""
        return self.cues.get(kind, ())


Status = dict[Span, dict[str, Span]]  # symptom → what is true of it, each with the cue that says so


def status(said: Said) -> Status:
    """What holds for each symptom: negated, resolved, past, other, hypothetical, question, recent."""
    result: Status = {symptom: {} for symptom in said.symptoms}
    _negated(said, result)
    _resolved(said, result)
    _past(said, result)
    _forward(said, result, "other", ("mine",))
    _forward(said, result, "hypothetical", (*TERMINATORS, "assertion"))
    _forward(said, result, "question", TERMINATORS)
    return result


def same_clause(said: Said, a: int, b: int) -> bool:
    """Whether no terminator stands between two words."""
    return not any(_between(said, a, b, kind) for kind in TERMINATORS)


def contrasted(said: Said, a: int, b: int) -> bool:
    """Whether a "but" or the like stands between two words."""
    return _between(said, a, b, "contrast")


def _between(said: Said, a: int, b: int, kind: str) -> bool:
    return any(min(a, b) <= cue.start and cue.end <= max(a, b) for cue in said.of(kind))


def _breaks(said: Said, start: int, end: int) -> bool:
    """Whether a new statement begins here: a terminator, or a subject that follows no preposition."""
    if any(start <= cue.start < end for kind in TERMINATORS for cue in said.of(kind)):
        return True
    before = said.lists["prepositions"]
    return any(
        said.words[i] in said.lists["subjects"] and (i == 0 or said.words[i - 1] not in before)
        for i in range(start, end)
    )


def _negated(said: Said, result: Status) -> None:
    """Mark the symptom that a cue negates, other readings of its words, and what is joined to it by "or"."""
    for cue in said.of("negation"):
        at = cue.end
        for symptom in said.symptoms:
            if symptom.start < cue.end or _breaks(said, cue.end, symptom.start + 1):
                continue
            if symptom.start >= at:
                joined = at == cue.end or _only_joined(said, at, symptom.start)
                if not joined or symptom.start - at > NEGATION_REACH:
                    break
            result[symptom].setdefault("negated", cue)
            at = max(at, symptom.end)


def _only_joined(said: Said, start: int, end: int) -> bool:
    """Whether these words only join one symptom to the next ("or", "in my foot or")."""
    between = said.words[start:end]
    return not between or any(word in said.lists["connectors"] for word in between)


def _resolved(said: Said, result: Status) -> None:
    """A cue that follows ("it's gone now") is about the nearest symptom before it and that one's clause."""
    for cue in said.of("resolved"):
        before = [s for s in said.symptoms if s.end <= cue.start]
        if not before:
            continue
        nearest = max(before, key=lambda s: s.end)
        for symptom in before:
            if same_clause(said, symptom.end, nearest.start):
                result[symptom].setdefault("resolved", cue)


def _past(said: Said, result: Status) -> None:
    for kind in ("past", "recent"):
        for cue in said.of(kind):
            for symptom in said.symptoms:
                near = same_clause(said, min(cue.end, symptom.end), max(cue.start, symptom.start))
                if near and not _present(said, symptom):
                    result[symptom].setdefault(kind, cue)


def _present(said: Said, symptom: Span) -> bool:
    return any(
        same_clause(said, min(cue.end, symptom.end), max(cue.start, symptom.start))
        for cue in said.of("present")
    )


def _forward(said: Said, result: Status, kind: str, ends: Sequence[str]) -> None:
    """A cue holds from where it stands to the first cue that ends it; "if i've …" asserts nothing."""
    for cue in said.of(kind):
        stops = [
            end.start
            for name in ends
            for end in said.of(name)
            if end.start > cue.end or (end.start == cue.end and name != "assertion")
        ]
        stop = min(stops, default=len(said.words))
        for symptom in said.symptoms:
            if cue.start <= symptom.start < stop:
                result[symptom].setdefault(kind, cue)
