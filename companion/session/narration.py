"""What is said along the plan: functions from a turn to lines, all words from the language pack."""

from __future__ import annotations

from companion.content.model import OTHER_SIDE
from companion.session.turn import Turn


def listed(turn: Turn, words: tuple[str, ...], joiner: str = "list.and") -> str:
    """``a, b and c`` in the language of the prompts."""
    if len(words) < 2:
        return "".join(words)
    (joined,) = turn.prompt(joiner, first=", ".join(words[:-1]), last=words[-1])
    return joined


def duration(turn: Turn, seconds: float) -> str:
    """``30 seconds``, ``1 minute and 10 seconds``, ``4 minutes``: a long time is told without seconds."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60) if whole < 120 else (round(whole / 60), 0)
    parts = [
        turn.prompt(f"duration.{unit}{'' if number == 1 else 's'}", n=number)[0]
        for unit, number in (("minute", minutes), ("second", rest))
        if number
    ]
    return listed(turn, tuple(parts))


def side_words(turn: Turn) -> dict[str, str]:
    """The slots ``side``, ``Side`` and ``other`` for the side that the clock is about; empty for none."""
    side = turn.state.clock.side
    if side is None:
        return {}
    names = {name: turn.prompt(f"side.{name}")[0] for name in ("left", "right")}
    return {"side": names[side], "Side": names[side].capitalize(), "other": names[OTHER_SIDE[side]]}


def teaching(turn: Turn) -> tuple[str, ...]:
    """The name, and the full instruction the first time, a reminder from the second time on."""
    exercise, state = turn.exercise, turn.state
    gentle = turn.world.is_gentle(state)
    first = not state.taught
    name = turn.prompt("teach.first" if first else "teach.then", exercise=exercise.name)
    if exercise.id in state.taught:
        return (*name, exercise.gentler.brief if gentle else exercise.brief)
    return (*name, *warning(turn), *instruction(turn, gentle))


def instruction(turn: Turn, gentle: bool) -> tuple[str, ...]:
    """How the exercise is done, in full."""
    return turn.exercise.gentler.teach if gentle else turn.exercise.teach


def warning(turn: Turn) -> tuple[str, ...]:
    """Who should leave this exercise out."""
    reasons = turn.exercise.leave_out_if
    return turn.prompt("teach.leave_out", reasons=listed(turn, reasons, "list.or")) if reasons else ()


def get_ready(turn: Turn) -> tuple[str, ...]:
    """How to get into position for the side that comes now."""
    state = turn.state
    sides = side_words(turn)
    started = [clock for clock in state.clocks if clock.held > 0]
    if state.clock.held > 0:  # interrupted: the person may have left the position
        left = duration(turn, state.clock.left)
        lines = turn.prompt("ready.back", exercise=turn.exercise.name, left=left)
        return (*lines, *position(turn, sides))
    if started:
        return (*turn.prompt("ready.swap"), *position(turn, sides))
    if turn.step.round > 1:
        key = "ready.again_side" if sides else "ready.again"
        return turn.prompt(key, **sides)
    first = turn.prompt("ready.first_side", **sides) if len(state.clocks) > 1 else ()
    return (*first, *position(turn, sides, named=bool(first)))


def position(turn: Turn, sides: dict[str, str], named: bool = False) -> tuple[str, ...]:
    """The position itself. The gentler version's reminder names no side: unless it has been named, it is."""
    exercise = turn.exercise
    if not turn.world.is_gentle(turn.state):
        return (exercise.get_ready.format(**sides),)
    return (*(turn.prompt("ready.side", **sides) if sides and not named else ()), exercise.gentler.brief)


def announcement(turn: Turn) -> tuple[str, ...]:
    """Said just before the clock starts; it names the side."""
    sides = side_words(turn)
    return turn.prompt(f"{turn.exercise.action}.{'start_side' if sides else 'start'}", **sides)


def release(turn: Turn) -> tuple[str, ...]:
    return turn.prompt(f"{turn.exercise.action}.end")


def summary(turn: Turn) -> str:
    """One sentence of what was done."""
    state = turn.state
    if not state.done:
        return turn.prompt("close.nothing")[0]
    slots = {"exercises": listed(turn, state.done)}
    if state.pain_before is None or state.pain_after is None:
        return turn.prompt("close.done", **slots)[0]
    return turn.prompt("close.done_pain", before=state.pain_before, after=state.pain_after, **slots)[0]
