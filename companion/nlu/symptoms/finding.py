"""What the symptom reader found in an utterance."""

from __future__ import annotations

from dataclasses import dataclass

from companion.nlu.meaning import Evidence, Tier

SECOND_OPINION = "second opinion"  # the kind of evidence that it gives


@dataclass(frozen=True, slots=True)
class Finding:
    """The gravest thing that an utterance tells of.

    With ``ask`` the words are unclear, and ``tier`` and ``flag`` are what a yes/no question has to settle.
    ``flag`` is ``None`` where the tier is ``none``: something was said of symptoms, but nothing to act on.
    ``about_body`` is true where that something was said of the speaker (denied, gone, or the ordinary feel
    of a stretch) and not of somebody else, of a film, or in a question.
    """

    tier: Tier
    flag: str | None
    ask: bool
    evidence: tuple[Evidence, ...]
    about_body: bool

    @property
    def is_guess(self) -> bool:
        """Whether no rule found it, and only the second opinion asks."""
        return any(evidence.kind == SECOND_OPINION for evidence in self.evidence)
