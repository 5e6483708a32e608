"""How much of a session is still to come, for the screen and for "how long left"."""

from __future__ import annotations

from companion.content.estimate import QUESTIONS, round_seconds, teaching_seconds
from companion.content.model import Routine
from companion.session.plan import Step, compile_plan

TALKING_STEPS = 5  # greet, screen, pain before, pain after, close


def step_seconds(routine: Routine, step: Step) -> float:
    """About how long one step of the plan takes, in seconds."""
    if step.item is None:
        return QUESTIONS / TALKING_STEPS
    item = routine.items[step.item]
    match step.kind:
        case "teach":
            return teaching_seconds(item)
        case "rest":
            return item.rest
        case _:
            return round_seconds(item)


def seconds_from(routine: Routine, place: int) -> float:
    """About how long a session takes from this step of the plan to its end, in seconds."""
    return sum(step_seconds(routine, step) for step in compile_plan(routine)[place:])
