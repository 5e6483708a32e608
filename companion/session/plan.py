"""A routine, laid out as the steps of one session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from companion.content.model import Routine

StepKind = Literal["greet", "screen", "pain_before", "teach", "round", "rest", "pain_after", "close"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the plan. ``item`` is an index into the routine's items; ``round`` counts from 1."""

    kind: StepKind
    item: int | None = None
    round: int = 0


@lru_cache(maxsize=32)
def compile_plan(routine: Routine) -> tuple[Step, ...]:
    """All steps of a session with this routine, in order."""
    return tuple(_steps(routine))


def _steps(routine: Routine) -> Iterator[Step]:
    yield Step("greet")
    yield Step("screen")
    yield Step("pain_before")
    last = len(routine.items) - 1
    for index, item in enumerate(routine.items):
        yield Step("teach", index)
        for number in range(1, item.rounds + 1):
            yield Step("round", index, number)
        if item.rest > 0 and index != last:
            yield Step("rest", index)
    yield Step("pain_after")
    yield Step("close")
