"""How far a session is and how long it will still take: estimates for the screen and for "how long left"."""

from __future__ import annotations

from companion.content.model import Routine
from companion.session.plan import Step, compile_plan, item_seconds

WORDS_A_SECOND = 2.4  # of a calm voice, pauses included
LINE_OVERHEAD = 0.4  # seconds of quiet that each line costs
QUESTION = 8.0  # seconds that a question and its answer take
GREETING = 10.0
SPOKEN_PER_HOLD = 4.0  # "Right side. Hold." and "Release."


def speaking_seconds(text: str, rate: float = 1.0) -> float:
    """About how long a line takes to be said, in seconds."""
    return (LINE_OVERHEAD + len(text.split()) / WORDS_A_SECOND) / rate


def step_seconds(routine: Routine, step: Step, gentle: bool = False, taught: bool = False) -> float:
    """About how long one step of the plan takes, in seconds."""
    if step.item is None:
        return GREETING if step.kind in ("greet", "close") else QUESTION
    item = routine.items[step.item]
    if step.kind == "rest":
        return item.rest
    if step.kind == "teach":
        lines = (item.exercise.brief,) if taught else item.exercise.teach
        return sum(speaking_seconds(line) for line in lines)
    hold = item_seconds(item, gentle or item.gentle)
    ready = speaking_seconds(item.exercise.get_ready)
    return len(item.sides) * (item.changeover + ready + SPOKEN_PER_HOLD + hold)


def routine_seconds(routine: Routine, start: int = 0) -> float:
    """About how long a session takes from the step at ``start`` to its end, in seconds."""
    return sum(step_seconds(routine, step) for step in compile_plan(routine)[start:])
