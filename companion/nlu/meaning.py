"""What an utterance means: the value that understanding returns and everything else consumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Slot = str | int | float


class Tier(StrEnum):
    """How dangerous a reported symptom is, most dangerous first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    CAUTION = "caution"
    ADVICE = "advice"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for ``emergency``, growing towards ``none``."""
        return list(Tier).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an utterance was judged as it was: these words, matched as that kind of thing, meant this."""

    words: str  # as they stood in the utterance
    kind: str  # symptom, place, course, whose, negation, hypothetical, command, sound-alike, ...
    meaning: str  # the lexicon's or template's name for it


@dataclass(frozen=True, slots=True)
class Meaning:
    """One understood utterance.

    ``intent`` is one of ``companion.nlu.INTENTS``. ``tier`` and ``flag`` are set for ``report_symptom``
    (``flag`` stays ``None`` where the tier is ``none``). ``ask`` is true where the words are unclear:
    ``tier`` and ``flag`` are then what a yes/no question has to settle before anything else happens.
    """

    text: str
    intent: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    tier: Tier | None = None
    flag: str | None = None
    ask: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the interpreter may know about the moment in which something was said."""

    state: str = "idle"  # a name of the session's state table
    question: str | None = None  # the open question: "yes_no", "score", "which", or None
    playing: str = ""  # the words the companion is saying right now
