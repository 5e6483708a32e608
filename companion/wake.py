"""The wake phrase: where one is set, it alone opens the ears between sessions, for a while. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from companion.nlu.sounds_like import normalise

OPEN = 10.0  # seconds for which the phrase opens the ears

Verdict = Literal["pass", "woken", "closed"]


@dataclass(frozen=True, slots=True)
class Wake:
    """``phrase`` as a person wrote it, empty where the ears are always open; ``until``: seconds to which it
    has opened them."""

    phrase: str
    until: float = 0.0

    def hear(self, readings: Iterable[str], nothing_runs: bool, now: float) -> tuple[Wake, Verdict]:
        """What an utterance in these readings is: to be passed on, the phrase itself, or not for us; and
        the ears from now on. ``nothing_runs``: there is no session, in which no phrase is needed."""
        if not self.phrase or not nothing_runs:
            return self, "pass"
        if normalise(self.phrase) in map(normalise, readings):
            return replace(self, until=now + OPEN), "woken"
        return self, "pass" if now < self.until else "closed"
