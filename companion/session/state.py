"""Where a session stands: one frozen value that turns into JSON and back at any moment."""

from __future__ import annotations

import types
import typing
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any

from companion.content.model import Side
from companion.nlu.meaning import Tier
from companion.session.events import Priority


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be spoken."""

    text: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Clock:
    """How long one side is to be held in this round, and how much of it has been held. Seconds."""

    side: Side | None
    total: float
    held: float = 0.0

    @property
    def left(self) -> float:
        return self.total - self.held


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of danger that was reported, or is being asked about; ``words`` are the person's own."""

    tier: Tier
    flag: str
    words: str


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the session remembers.

    ``since`` and ``due`` are points in the time that events carry; everything else survives a restart
    as it is.
    """

    name: str = "idle"  # a state of table.py
    routine: str | None = None  # id in the library
    place: int = 0  # index into the plan
    queue: tuple[Line, ...] = ()  # lines to be spoken; the first one is being spoken now
    utterance: int = 0  # number of the line that is, or was last, spoken
    last_said: tuple[str, ...] = ()  # what "repeat" says again
    clocks: tuple[Clock, ...] = ()  # of the present round, a clock a side, in the order of the sides
    side: int = 0  # which of the clocks it is about
    since: float | None = None  # the hold's clock runs since then
    cued: float = 0.0  # seconds into the hold up to which cues have been given
    due: float | None = None  # when getting ready, resting or waiting for an answer is over
    left: float = 0.0  # what was left of `due` when it was interrupted
    back: str | None = None  # the state to return to from an interruption
    kept: tuple[Line, ...] = ()  # lines that an interruption cut off
    asked: int = 0  # how often the open question has been asked
    taught: tuple[str, ...] = ()  # exercises that have been taught in full
    gentle: tuple[int, ...] = ()  # items that are done in their gentler version
    left_out: tuple[str, ...] = ()  # exercises that are not to come again
    done: tuple[str, ...] = ()  # names of the exercises of which a hold was completed
    pain_before: int | None = None
    pain_after: int | None = None
    doubt: Sign | None = None  # what a yes-or-no question is about
    came_from: str | None = None  # the state in which that question, or an interview, came up
    question: int = 0  # how far an interview is
    offer: tuple[str, ...] = ()  # what may come instead of the stretch that was broken off
    cautions: tuple[str, ...] = ()  # flags of tier caution so far
    advised: tuple[str, ...] = ()  # flags of tier advice that have been answered
    lock: Sign | None = None  # no more exercise today, because of this
    topic: str | None = None  # the last question answered, for "say more"
    volume: float = 0.8
    rate: float = 1.0
    heard: tuple[str, float] | None = None  # the last command and when, to take a repetition for one

    @property
    def clock(self) -> Clock:
        """The clock of the side that is being held or comes next."""
        return self.clocks[self.side]

    @property
    def speaking(self) -> Line | None:
        return self.queue[0] if self.queue else None


_POINTS_IN_TIME = ("since", "due")


def to_json(state: State, now: float) -> dict[str, Any]:
    """The state as plain JSON values, its points in time relative to ``now``."""
    data = asdict(replace(state, heard=None))
    for name in _POINTS_IN_TIME:
        if data[name] is not None:
            data[name] = round(data[name] - now, 6)
    return data


def from_json(data: dict[str, Any], now: float) -> State:
    """The state that ``to_json`` wrote, moved to ``now``.

    Raises ``ValueError`` where the data is not such a state.
    """
    state = _build(State, data)
    assert isinstance(state, State)
    for name in _POINTS_IN_TIME:
        if (value := getattr(state, name)) is not None:
            state = replace(state, **{name: value + now})
    return state


def _build(wanted: Any, value: Any) -> Any:
    """Turn JSON values into what the annotation ``wanted`` says, or raise ``ValueError``."""
    if is_dataclass(wanted):
        return _build_dataclass(wanted, value)
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _build(next(a for a in arguments if a is not type(None)), value)
    if origin is typing.Literal:
        if value in arguments:
            return value
    elif origin is tuple:
        if isinstance(value, list | tuple):
            kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
            if len(kinds) == len(value):
                return tuple(_build(kind, v) for kind, v in zip(kinds, value, strict=True))
    elif wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    elif isinstance(wanted, type) and (wanted is Tier or type(value) is wanted):
        return wanted(value)
    raise ValueError(f"expected {wanted}, found {value!r}")


def _build_dataclass(wanted: Any, value: Any) -> Any:
    if not isinstance(value, dict) or set(value) - {f.name for f in fields(wanted)}:
        raise ValueError(f"expected the fields of {wanted.__name__}, found {value!r}")
    hints = typing.get_type_hints(wanted)
    try:
        return wanted(**{name: _build(hints[name], v) for name, v in value.items()})
    except TypeError as error:
        raise ValueError(str(error)) from None
