"""What routines and language packs are made of, once they have been read and checked.

Durations are seconds. Text in ``{braces}`` is filled in by the narration:
``{side}`` is the side being stretched and ``{other}`` the opposite one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Side = Literal["left", "right"]

OTHER_SIDE: dict[Side, Side] = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Pace:
    """One beat of a paced exercise: what is said, and how long the beat lasts (seconds)."""

    say: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Gentler:
    """The gentler version of an exercise: replaces teaching, reminder and hold."""

    teach: tuple[str, ...]
    brief: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise of the library, or one that a routine defines inline.

    ``teach`` holds the full instruction, a sentence each, said the first time; ``brief`` is the reminder
    said from the second time on; ``get_ready`` is said before each side. ``leave_out_if`` lists who
    should leave it out, each as words that follow "if you have" or "if you are" are not assumed: they are
    noun phrases ("glaucoma or recent eye surgery").
    """

    id: str
    name: str
    also: tuple[str, ...]  # other names that people say for it
    position: Literal["chair", "floor", "standing", "lying", "anywhere"]
    action: Literal["hold", "move"]  # "hold" is a static stretch, "move" goes on moving for the time
    stretches: tuple[str, ...]
    teach: tuple[str, ...]
    brief: str
    get_ready: str
    seconds: float
    sides: bool
    gentler: Gentler
    leave_out_if: tuple[str, ...]
    pace: tuple[Pace, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise as a routine wants it done: ``rounds`` times through ``sides``."""

    exercise: Exercise
    seconds: float
    rounds: int
    sides: tuple[Side | None, ...]  # ("right", "left"), one side only, or (None,) without sides
    changeover: float  # to get into position before each hold
    rest: float  # after the exercise; 0 for none
    gentle: bool  # starts in its gentler version


@dataclass(frozen=True, slots=True)
class Routine:
    """A routine, compiled from one YAML file; ``file`` is where it was read from."""

    id: str
    name: str
    also: tuple[str, ...]
    about: str
    items: tuple[Item, ...]
    sources: tuple[str, ...]
    file: Path


@dataclass(frozen=True, slots=True)
class Voice:
    """How the companion sounds, from ``voices/<language>/voice.yaml``."""

    id: str  # "calm"
    engine: str  # "pyttsx3"
    voice: str  # the engine's name for it, "en-gb"
    rate: int  # words a minute
    pitch: int  # 0 to 100, 50 is the engine's own
    volume: float  # 0 to 1, before the player's own volume
    pause: float  # seconds of quiet after each line
