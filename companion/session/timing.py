"""Actions about the hold, or the rest, that is going on: its sides and its time."""

from __future__ import annotations

from dataclasses import replace

from companion.content.model import OTHER_SIDE
from companion.nlu.meaning import Meaning
from companion.session import flow, narration
from companion.session.turn import INSTANT, Turn

MORE_TIME = 30.0  # seconds that "more time" gives where no number is said
LESS_TIME = 10.0  # … and that "less time" takes


def swap_sides(turn: Turn, meaning: Meaning) -> None:
    """To the other side, or to the one that was named. Each side keeps what it has still to be held."""
    if turn.state.name == "teaching":
        turn.hush()
        flow.next_step(turn)
        turn.hush()
    clocks, index = turn.state.clocks, turn.state.side
    if len(clocks) < 2:
        turn.reply(turn.prompt("swap.no_sides"))
        return
    named = meaning.slots.get("side")
    wanted = named if named in OTHER_SIDE else clocks[1 - index].side
    target = next(i for i, clock in enumerate(clocks) if clock.side == wanted)
    turn.stop_clock()
    turn.hush()
    if turn.state.clocks[target].left <= INSTANT:  # it has had its time: once more, if that is wished
        turn.set_clock(target, replace(turn.state.clocks[target], held=0.0))
    turn.set(side=target, cued=turn.state.clocks[target].held)
    flow.prepare(turn)


def more_time(turn: Turn, meaning: Meaning) -> None:
    seconds = float(meaning.slots.get("seconds", MORE_TIME))
    _change_time(turn, seconds)
    turn.reply(turn.prompt("time.more", seconds=narration.duration(turn, seconds)))


def less_time(turn: Turn, meaning: Meaning) -> None:
    """Shorten the hold; where that time has been held already, it ends now."""
    seconds = float(meaning.slots.get("seconds", LESS_TIME))
    if _change_time(turn, -seconds) and turn.state.name == "holding":
        turn.hush()
        flow.release(turn)
    else:
        turn.reply(turn.prompt("time.less"))


def _change_time(turn: Turn, seconds: float) -> bool:
    """Change the present side's time, and the time of a side that has not begun: they get the same.

    Returns whether the present side has thereby had all its time.
    """
    held = turn.held()
    clock = turn.state.clock
    shortest = held if held > 0 else min(clock.total, 5.0)
    total = max(shortest, clock.total + seconds)
    for index, other in enumerate(turn.state.clocks):
        if index == turn.state.side or other.held == 0:
            turn.set_clock(index, replace(other, total=total))
    return total - held < INSTANT


def more_rest(turn: Turn, meaning: Meaning) -> None:
    seconds = float(meaning.slots.get("seconds", MORE_TIME))
    if turn.state.due is None:
        turn.set(left=turn.state.left + seconds)
    else:
        turn.set(due=turn.state.due + seconds)
    turn.reply(turn.prompt("time.more", seconds=narration.duration(turn, seconds)))
