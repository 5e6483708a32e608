"""Text to finding: the wordings that were said, their context, and the rules that hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.nlu.meaning import Evidence, Tier
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms.context import Said, Status, status
from companion.nlu.symptoms.finding import Finding
from companion.nlu.symptoms.lexicon import CONTEXTS, WORD_LISTS, Rule, compile_lexicon, tokens
from companion.nlu.symptoms.opinion import SecondOpinion
from companion.nlu.symptoms.phrases import Span, read_through
from companion.nlu.symptoms.slips import alternatives

WINDOW = 60  # words read at once: more than anyone says in one breath
OVERLAP = 20
LONGEST = 6000  # characters; of a longer text the beginning and the end are read

EXCUSES = ("negated", "resolved", "past", "other", "hypothetical")  # a symptom so marked is not reported
SECOND_TIER = (Tier.EMERGENCY, Tier.URGENT)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that holds, by these spans."""

    rule: Rule
    spans: tuple[Span, ...]
    ask: bool

    def gravity(self) -> tuple[int, bool, int]:
        """Sorts the gravest first, then what is certain, then as the file has it."""
        return (self.rule.tier.rank, self.ask, self.rule.order)


class SymptomReader:
    """Reads utterances for symptoms by one language's lexicon. Pure; holds nothing between utterances."""

    def __init__(self, lexicon: Mapping[str, Any], second_opinion: Mapping[str, Any] | None = None) -> None:
        """``lexicon`` and ``second_opinion`` are the parsed ``symptoms.yaml`` and ``second_opinion.yaml``.

        Raises ``ValueError`` for a lexicon that cannot be read.
        """
        self._lexicon = compile_lexicon(lexicon)
        self._opinion = SecondOpinion(second_opinion) if second_opinion else None

    def __repr__(self) -> str:
        rules = {rule.id for rules in self._lexicon.rules.values() for rule in rules}
        return f"SymptomReader({len(self._lexicon.wordings)} concepts, {len(rules)} rules)"

    def read(self, text: str, *, asking: bool = False) -> Finding | None:
        """The gravest finding, or ``None`` where the text tells of no symptom at all.

        ``asking`` tells that a question about symptoms is open: the second opinion then needs less to ask.
        Never raises, whatever the text.
        """
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
        words = [w for token in tokens(normalise(text)) for w in self._lexicon.spellings.get(token, (token,))]
        starts = range(0, max(1, len(words) - OVERLAP), WINDOW - OVERLAP)
        found = [f for start in starts if (f := self._read(words[start : start + WINDOW], asking))]
        return min(found, key=lambda f: (f.tier.rank, f.ask, not f.about_body), default=None)

    def _read(self, words: Sequence[str], asking: bool) -> Finding | None:
        said, spans, heard_as = self._said(words)
        marks = status(said)
        hits = sorted(self._hits(said, spans, marks), key=_Hit.gravity)
        if hits and hits[0].rule.tier in SECOND_TIER:
            return self._finding(hits[0], said, marks, heard_as)
        raised = self._second_opinion(said, marks, asking)
        if raised or hits:
            return raised or self._finding(hits[0], said, marks, heard_as)
        return _nothing_to_act_on(said, marks)

    def _said(self, words: Sequence[str]) -> tuple[Said, Sequence[Span], Sequence[tuple[Span, str]]]:
        lexicon = self._lexicon
        heard_as = alternatives(words, lexicon.slips)
        also: dict[int, list[tuple[int, str]]] = {}
        padded = ["START", *words, "END"]
        for span in heard_as:
            also.setdefault(span.start + 1, []).append((span.end + 1, span.name))
        spans = [
            Span(max(s.start - 1, 0), min(s.end - 1, len(words)), s.name)
            for s in read_through(lexicon.levels, padded, also)
        ]
        spans = [s for s in spans if s.end > s.start]
        by_kind: dict[str, list[Span]] = {}
        for span in spans:
            by_kind.setdefault(lexicon.kinds[span.name], []).append(span)
        idioms = by_kind.get("idiom", [])
        symptoms = [s for s in by_kind.get("symptoms", ()) if not any(s.inside(i) for i in idioms)]
        cues = {kind: _longest(by_kind.get(kind, ()), idioms, symptoms) for kind in CONTEXTS}
        lists = {name: lexicon.words[name] for name in WORD_LISTS}
        return Said(words, symptoms, cues, lists), spans, []

    def _hits(self, said: Said, spans: Sequence[Span], marks: Status) -> Iterator[_Hit]:
        for symptom in said.symptoms:
            excused = [mark for mark in EXCUSES if mark in marks[symptom]]
            for rule in self._lexicon.rules.get(symptom.name, ()):
                ask = rule.ask or "question" in marks[symptom]
                if excused:
                    continue
                found = _needs(rule, symptom, said, spans)
                if found is not None and not any(s.name in rule.unless for s in spans):
                    yield _Hit(rule, found, ask)

    def _second_opinion(self, said: Said, marks: Status, asking: bool) -> Finding | None:
        """Ask where the learned opinion suspects what no rule found, and nothing explains it away."""
        return None

    def _finding(self, hit: _Hit, said: Said, marks: Status, heard_as: Iterable[tuple[Span, str]]) -> Finding:
        evidence = [
            Evidence(
                _text(said, s), _KIND.get(self._lexicon.kinds[s.name], self._lexicon.kinds[s.name]), s.name
            )
            for s in hit.spans
        ]
        evidence.append(Evidence(_text(said, hit.spans[0]), "rule", hit.rule.id))
        return Finding(hit.rule.tier, hit.rule.flag, hit.ask, tuple(evidence), True)


_KIND = {"symptoms": "symptom", "places": "place", "courses": "course"}


def _text(said: Said, span: Span) -> str:
    return " ".join(said.words[span.start : span.end])


def _longest(spans: Iterable[Span], idioms: Sequence[Span], symptoms: Sequence[Span]) -> list[Span]:
    """Cues that are no part of an idiom or of a symptom's own words ("no feeling")."""
    shadows = [*idioms, *symptoms]
    return [s for s in spans if not any(s.inside(other) for other in shadows)]


def _needs(rule: Rule, symptom: Span, said: Said, spans: Sequence[Span]) -> tuple[Span, ...] | None:
    """The spans that meet a rule's needs around this symptom, or ``None``."""
    found = [symptom]
    for need in rule.needs[1:]:
        near = [s for s in spans if s.name in need and _apart(s, symptom) <= rule.within and s != symptom]
        if not near:
            return None
        found.append(min(near, key=lambda s: _apart(s, symptom)))
    return tuple(found)


def _apart(a: Span, b: Span) -> int:
    """Words between two spans; 0 where they touch or overlap."""
    return max(a.start - b.end, b.start - a.end, 0)


def _nothing_to_act_on(said: Said, marks: Status) -> Finding | None:
    if not said.symptoms:
        return None
    evidence = []
    for symptom in said.symptoms:
        evidence.append(Evidence(_text(said, symptom), "symptom", symptom.name))
        evidence += [Evidence(_text(said, cue), mark, cue.name) for mark, cue in marks[symptom].items()]
    mine = any("other" not in m and "hypothetical" not in m and "question" not in m for m in marks.values())
    return Finding(Tier.NONE, None, False, tuple(evidence), mine)
