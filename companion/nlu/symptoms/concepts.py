"""What of the lexicon was said, and with which cues of context: the longer wording wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from companion.nlu.symptoms.context import Said
from companion.nlu.symptoms.lexicon import CONTEXTS, TELLING, Lexicon
from companion.nlu.symptoms.phrases import Span, read_through

FREE = ("mine", "negation")  # cues that count though part of a symptom's wording: "i don't feel sick"


def hear(lexicon: Lexicon, words: Sequence[str], slips: Sequence[Span] = ()) -> Said:
    """The concepts in these words; ``slips`` are words that may have been meant besides."""
    spans = _spans(lexicon, words, slips)
    by_kind: dict[str, list[Span]] = {}
    for span in spans:
        by_kind.setdefault(lexicon.kinds[span.name], []).append(span)
    idioms, pseudo = by_kind.get("idiom", []), by_kind.get("pseudo", [])
    symptoms = [
        s for kind in TELLING for s in by_kind.get(kind, ()) if not any(_is_idiom(s, i) for i in idioms)
    ]
    cues = {}
    for kind in CONTEXTS:
        shadows = [*idioms, *pseudo, *(() if kind in FREE else symptoms)]
        cues[kind] = [s for s in by_kind.get(kind, ()) if not any(s.inside(other) for other in shadows)]
    cues["idiom"] = idioms
    return Said(words, spans, sorted(symptoms), cues, lexicon.words)


def _spans(lexicon: Lexicon, words: Sequence[str], slips: Sequence[Span]) -> list[Span]:
    """Everything in the lexicon that was said, but no place or idiom that is part of a longer wording."""
    also: dict[int, list[tuple[int, str]]] = {}
    for slip in slips:
        also.setdefault(slip.start + 1, []).append((slip.end + 1, slip.name))
    found = read_through(lexicon.levels, ["START", *words, "END"], also)
    spans = [Span(max(s.start - 1, 0), min(s.end - 1, len(words)), s.name) for s in found]
    spans = [s for s in spans if s.end > s.start and lexicon.kinds[s.name] != "groups"]
    symptoms = [s for s in spans if lexicon.kinds[s.name] == "symptoms"]
    spans = [s for s in spans if lexicon.kinds[s.name] != "idiom" or not _within_any(s, symptoms)]
    larger = [s for s in spans if lexicon.kinds[s.name] in ("places", "idiom")]
    return [s for s in spans if lexicon.kinds[s.name] != "places" or not _within_any(s, larger)]


def _is_idiom(symptom: Span, idiom: Span) -> bool:
    """Whether a saying takes the words of this symptom: it shares some and is no shorter."""
    shares = symptom.start < idiom.end and idiom.start < symptom.end
    return shares and idiom.end - idiom.start >= symptom.end - symptom.start


def _within_any(span: Span, others: Iterable[Span]) -> bool:
    """Whether the span is a part, and not the whole, of another."""
    return any(span.inside(o) and (o.start, o.end) != (span.start, span.end) for o in others)
