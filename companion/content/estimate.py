"""How long things take: estimates for lists, for the greeting, for progress and for rehearsals."""

from __future__ import annotations

from companion.content.model import Item, Routine

WORDS_A_SECOND = 2.4  # of a calm voice
LINE_PAUSE = 0.4  # seconds of quiet that each line costs
SPOKEN_A_HOLD = 4.0  # seconds for "Right side. Hold." and "Release."
QUESTIONS = 60.0  # seconds for the greeting, the screening, both pain scores and the goodbye


def speaking_seconds(text: str, rate: float = 1.0) -> float:
    """About how long a line takes to be said, in seconds; ``rate`` 1.0 is a calm voice."""
    return (LINE_PAUSE + len(text.split()) / WORDS_A_SECOND) / rate


def teaching_seconds(item: Item) -> float:
    """About how long an exercise takes to be taught in full."""
    lines = item.exercise.gentler.teach if item.gentle else item.exercise.teach
    return sum(speaking_seconds(line) for line in lines)


def round_seconds(item: Item) -> float:
    """About how long one round of an item takes, with getting into position on each side."""
    ready = speaking_seconds(item.exercise.get_ready)
    return len(item.sides) * (item.changeover + ready + SPOKEN_A_HOLD + item.seconds)


def item_seconds(item: Item) -> float:
    """About how long an item takes: taught once, all its rounds, and the rest after it."""
    return teaching_seconds(item) + item.rounds * round_seconds(item) + item.rest


def routine_minutes(routine: Routine) -> int:
    """About how many minutes the exercises of a routine take, taught in full, to the nearest whole one."""
    return max(1, round(sum(map(item_seconds, routine.items)) / 60))
