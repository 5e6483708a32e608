"""When something is said during a hold, so that nobody has to look at a clock."""

from __future__ import annotations

from dataclasses import dataclass

from companion.content.model import Exercise

HALF_WAY_FROM = 20.0  # seconds a hold must last to have a half-way cue
TEN_LEFT_FROM = 30.0  # … and one at ten seconds left
COUNTDOWN_FROM = 5.0  # … and the count of three, two, one
LATE = 0.3  # a cue this many seconds late is worse than none


@dataclass(frozen=True, slots=True)
class Cue:
    """``at`` seconds into the hold: a prompt's key or, for a paced exercise, the words themselves."""

    at: float
    chime: str
    prompt: str | None = None
    words: str = ""


def cues(exercise: Exercise, total: float) -> tuple[Cue, ...]:
    """The cues of one hold of ``total`` seconds, in order; the release at its end is not one of them."""
    if exercise.pace:
        return _paced(exercise, total)
    found = []
    if total >= HALF_WAY_FROM:
        found.append(Cue(total / 2, "half", "cue.half"))
    if total >= TEN_LEFT_FROM:
        found.append(Cue(total - 10, "ten", "cue.ten"))
    if total >= COUNTDOWN_FROM:
        found += [Cue(total - n, "tick", f"cue.{n}") for n in (3, 2, 1)]
    return tuple(sorted(found, key=lambda cue: cue.at))


def _paced(exercise: Exercise, total: float) -> tuple[Cue, ...]:
    """One cue a beat; a beat that would not be whole is left out, for nobody can half breathe in."""
    found: list[Cue] = []
    at = 0.0
    while True:
        for beat in exercise.pace:
            if at + beat.seconds > total:
                return tuple(found)
            found.append(Cue(at, "tick", words=beat.say))
            at += beat.seconds
