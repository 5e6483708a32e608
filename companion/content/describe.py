"""Routines and exercises in words, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from companion.content.durations import format_duration
from companion.content.estimate import routine_minutes
from companion.content.model import Exercise, Item, Routine

WIDTH = 88


def describe(routine: Routine) -> str:
    """A routine for ``companion routines show``: its steps and, once each, the exercises in them."""
    exercises = {item.exercise.id: item.exercise for item in routine.items}
    parts = [
        f"{routine.name} ({routine.id}), about {routine_minutes(routine)} min",
        _wrapped(routine.about),
        "\n".join(f"{i:3}. {describe_item(item)}" for i, item in enumerate(routine.items, 1)),
        *map(describe_exercise, exercises.values()),
        _listed("Sources of the routine", routine.sources),
        f"File: {routine.file}",
    ]
    return "\n\n".join(parts)


def describe_item(item: Item) -> str:
    """A step in a line: ``Calf stretch, gentler: 2 × 30s, right then left``."""
    name = f"{item.exercise.name}, gentler" if item.gentle else item.exercise.name
    times = f"{item.rounds} × " if item.rounds > 1 else ""
    sides = f", {' then '.join(side for side in item.sides if side)}" if any(item.sides) else ""
    rest = f", then {format_duration(item.rest)} rest" if item.rest else ""
    return f"{name}: {times}{format_duration(item.seconds)}{sides}{rest}"


def describe_exercise(exercise: Exercise) -> str:
    """An exercise: how it is done, what it stretches, who should leave it out, and where that is from."""
    return "\n".join(_exercise_lines(exercise))


def _exercise_lines(exercise: Exercise) -> Iterator[str]:
    how = (
        exercise.position,
        format_duration(exercise.seconds),
        "each side" if exercise.sides else "no sides",
    )
    yield f"{exercise.name} ({exercise.id}): {', '.join(how)}"
    yield _wrapped(" ".join(exercise.teach))
    yield _wrapped(
        f"Gentler, {format_duration(exercise.gentler.seconds)}: {' '.join(exercise.gentler.teach)}"
    )
    yield _wrapped(f"Stretches or works: {'; '.join(exercise.stretches)}.")
    yield _wrapped(f"Leave it out if you have: {'; '.join(exercise.leave_out_if) or 'nothing named'}.")
    yield _listed("Sources", exercise.sources)


def _wrapped(text: str, indent: str = "  ") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _listed(title: str, entries: Sequence[str]) -> str:
    lines = (textwrap.fill(e, WIDTH, initial_indent="    - ", subsequent_indent="      ") for e in entries)
    return "\n".join((f"  {title}:", *lines))
