"""Text to finding: the wordings that were said, their context, and the rules that hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from companion.nlu.meaning import Evidence, Tier
from companion.nlu.symptoms.concepts import hear
from companion.nlu.symptoms.context import Said, Status, contrasted, status
from companion.nlu.symptoms.finding import SECOND_OPINION, Finding
from companion.nlu.symptoms.lexicon import Rule, compile_lexicon, spelled
from companion.nlu.symptoms.opinion import SecondOpinion
from companion.nlu.symptoms.phrases import Span
from companion.nlu.symptoms.slips import alternatives

WINDOW = 60  # words read at once: more than anyone says in one breath
OVERLAP = 20
LONGEST = 3000  # characters; of a longer text the beginning and the end are read

EXCUSES = ("negated", "resolved", "past", "other", "hypothetical")  # a symptom so marked is not reported
MILD_EXCUSES = ("recent", "question")  # what is mild has to be there now; what is grave is heeded all day
STOPS_ALL = (Tier.EMERGENCY, Tier.URGENT)
EXPLAINS = ("idiom", "normal", "resolved", "past", "other", "hypothetical", "pleasant")
# Log odds from which on the second opinion is heard, by what the rules and the context say:
LEAST = -1.0  # nothing, where a body is spoken of
LEAST_OF_OTHER_TALK = 0.75  # nothing, of other talk
LEAST_BESIDE = -0.5  # something milder
LEAST_EXPLAINED = 0.5  # that there is nothing to act on
EXPECTED = 0.5  # less where a question about symptoms is open
SHORTEST = 4  # words from which on the second opinion is heard
OF_A_BODY = ("symptoms", "places")
NOT_MINE = ("other", "hypothetical", "question")


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
        return f"SymptomReader({len(self._lexicon.kinds)} concepts, {len(rules)} rules)"

    def read(self, text: str, *, asking: bool = False) -> Finding | None:
        """The gravest finding, or ``None`` where the text tells of no symptom at all.

        ``asking`` tells that a question about symptoms is open: the second opinion then needs less to ask.
        Never raises, whatever the text.
        """
        if len(text) > LONGEST:
            text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
        words = spelled(self._lexicon, text)
        starts = range(0, max(1, len(words) - OVERLAP), WINDOW - OVERLAP)
        found = [f for start in starts if (f := self._read(words[start : start + WINDOW], asking))]
        return min(found, key=_gravity, default=None)

    def _read(self, words: Sequence[str], asking: bool) -> Finding | None:
        said = hear(self._lexicon, words)
        best = self._judge(said)
        slips = alternatives(words, self._lexicon.slips)
        if slips:
            meant = hear(self._lexicon, words, slips)
            best = _graver_if_meant(best, self._judge(meant), slips, words)
            said = meant
        if best and (best.tier is Tier.EMERGENCY or (best.tier is Tier.URGENT and not best.ask)):
            return best
        return self._second_opinion(said, best, asking) or best

    def _judge(self, said: Said) -> Finding | None:
        """What the rules make of it."""
        marks = status(said)
        hit = min(self._hits(said, marks), key=_Hit.gravity, default=None)
        if hit:
            return self._finding(hit, said)
        told = [s for s in said.symptoms if self._lexicon.kinds[s.name] == "symptoms"]
        return _nothing_to_act_on(said, told, marks) if told else _well(said)

    def _second_opinion(self, said: Said, best: Finding | None, asking: bool) -> Finding | None:
        """A question, where it sounds like something graver than the rules found."""
        if self._opinion is None or len(said.words) < SHORTEST:
            return None
        least = self._least(said, best) - (EXPECTED if asking else 0.0)
        suspected = self._opinion.suspects(said, status(said), least)
        if suspected is None:
            return None
        flag, tier = suspected
        if best is not None and best.tier.rank <= tier.rank:
            return None
        evidence = Evidence(" ".join(said.words), SECOND_OPINION, flag)
        return Finding(tier, flag, True, (evidence,), True)

    def _least(self, said: Said, best: Finding | None) -> float:
        """How likely something graver has to be to be asked about."""
        if _explained(said, best):
            return LEAST_EXPLAINED
        if best is not None:
            return LEAST_BESIDE
        kinds = {self._lexicon.kinds[span.name] for span in said.spans}
        return LEAST_OF_OTHER_TALK if kinds.isdisjoint(OF_A_BODY) else LEAST

    def _hits(self, said: Said, marks: Status) -> Iterator[_Hit]:
        names = {span.name for span in said.spans}
        for symptom in said.symptoms:
            for rule in self._lexicon.rules.get(symptom.name, ()):
                grave = rule.tier in STOPS_ALL
                excuses = EXCUSES if grave else (*EXCUSES, *MILD_EXCUSES)
                if any(mark in marks[symptom] and mark not in rule.despite for mark in excuses):
                    continue
                found = _needs(rule, symptom, said)
                if found and rule.unless.isdisjoint(names):
                    yield _Hit(rule, found, rule.ask or "question" in marks[symptom])

    def _finding(self, hit: _Hit, said: Said) -> Finding:
        kinds = self._lexicon.kinds
        evidence = [Evidence(_text(said.words, s), _KIND.get(kinds[s.name], ""), s.name) for s in hit.spans]
        evidence.append(Evidence(_text(said.words, hit.spans[0]), "rule", hit.rule.id))
        return Finding(hit.rule.tier, hit.rule.flag, hit.ask, tuple(evidence), True)


_KIND = {"symptoms": "symptom", "hints": "hint", "places": "place", "courses": "course"}


def _gravity(finding: Finding) -> tuple[int, bool, bool]:
    return (finding.tier.rank, finding.ask, not finding.about_body)


def _text(words: Sequence[str], span: Span) -> str:
    return " ".join(words[span.start : span.end])


def _needs(rule: Rule, symptom: Span, said: Said) -> tuple[Span, ...] | None:
    """The spans that meet a rule's needs around this symptom, or ``None``."""
    found = [symptom]
    for need in rule.needs[1:]:
        near = [s for s in said.spans if s.name in need and _reaches(rule, said, symptom, s)]
        if not near:
            return None
        found.append(min(near, key=lambda s: _apart(s, symptom)))
    return tuple(found)


def _reaches(rule: Rule, said: Said, symptom: Span, other: Span) -> bool:
    if _apart(symptom, other) > rule.within:
        return False
    return rule.across or not contrasted(said, min(symptom.end, other.end), max(symptom.start, other.start))


def _apart(a: Span, b: Span) -> int:
    """Words between two spans; 0 where they touch or overlap."""
    return max(a.start - b.end, b.start - a.end, 0)


def _explained(said: Said, best: Finding | None) -> bool:
    """Whether the context says that there is nothing: it excused a symptom, or holds a cue that could."""
    excused = best is not None and best.tier is Tier.NONE
    return excused or any(said.of(kind) for kind in EXPLAINS) or said.words[0] in said.lists["refusals"]


def _graver_if_meant(
    best: Finding | None, meant: Finding | None, slips: Sequence[Span], words: Sequence[str]
) -> Finding | None:
    """What was found, or a question about something graver that may have been meant."""
    if not (meant and meant.flag and (best is None or meant.tier.rank < best.tier.rank)):
        return best
    heard = tuple(Evidence(_text(words, s), "sound-alike", s.name) for s in slips)
    return replace(meant, ask=True, evidence=(*meant.evidence, *heard))


def _nothing_to_act_on(said: Said, told: Sequence[Span], marks: Status) -> Finding:
    evidence = []
    for symptom in told:
        evidence.append(Evidence(_text(said.words, symptom), "symptom", symptom.name))
        evidence += [Evidence(_text(said.words, cue), mark, cue.name) for mark, cue in marks[symptom].items()]
    mine = any(marks[symptom].keys().isdisjoint(NOT_MINE) for symptom in told)
    return Finding(Tier.NONE, None, False, tuple(evidence), mine)


def _well(said: Said) -> Finding | None:
    """Something is said to be fine: about the body, but no symptom."""
    cues = [*said.of("normal"), *said.of("resolved")]
    if not cues or said.of("other"):
        return None
    return Finding(Tier.NONE, None, False, (Evidence(_text(said.words, cues[0]), "normal", "normal"),), True)
