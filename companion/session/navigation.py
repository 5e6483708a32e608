"""Actions that go by exercise: to the next, the one before, one that is named, or a gentler one."""

from __future__ import annotations

from companion.nlu.meaning import Meaning
from companion.session import flow, narration
from companion.session.turn import Turn


def next_exercise(turn: Turn, meaning: Meaning) -> None:
    if go_to_named_exercise(turn, meaning):
        return
    plan = turn.world.plan(turn.state)
    later = [i for i in range(turn.state.place + 1, len(plan)) if plan[i].kind in ("teach", "pain_after")]
    go_to(turn, later[0] if later else len(plan) - 1)


def previous_exercise(turn: Turn, meaning: Meaning) -> None:
    """The exercise before this one; at the first one, that one from its beginning."""
    if go_to_named_exercise(turn, meaning):
        return
    plan = turn.world.plan(turn.state)
    earlier = [i for i in range(turn.state.place + 1) if plan[i].kind == "teach"]
    if earlier:
        go_to(turn, earlier[-2] if len(earlier) > 1 else earlier[0])
    else:
        go_to(turn, 0)


def go_to_named_exercise(turn: Turn, meaning: Meaning) -> bool:
    """Go to the exercise that was named, if this routine has it."""
    wanted = meaning.slots.get("exercise")
    items = turn.world.routine(turn.state).items
    for place, step in enumerate(turn.world.plan(turn.state)):
        if step.kind == "teach" and step.item is not None and items[step.item].exercise.id == wanted:
            go_to(turn, place)
            return True
    return False


def go_to(turn: Turn, place: int) -> None:
    """Go to this step of the plan. Nothing jumps over the screening."""
    turn.stop_clock()
    turn.hush()
    item = turn.step.item
    if turn.step.kind in ("teach", "round") and item != turn.world.plan(turn.state)[place].item:
        turn.record("exercise", exercise=turn.exercise.id, phase="skipped")
    (screening,) = (i for i, step in enumerate(turn.world.plan(turn.state)) if step.kind == "screen")
    if turn.state.place <= screening:
        place = min(place, screening)
    turn.set(place=place, back=None, kept=(), cued=0.0)
    flow.enter(turn)


def easier(turn: Turn, meaning: Meaning) -> None:
    """From here on the gentler version of this exercise, taught anew."""
    if turn.step.item is None:
        return
    if turn.exercise.id in turn.state.left_out:
        next_exercise(turn, meaning)
        return
    turn.stop_clock()
    turn.hush()
    state, plan = turn.state, turn.world.plan(turn.state)
    already = turn.world.is_gentle(state)
    item = turn.step.item
    place = next(i for i, step in enumerate(plan) if step.kind == "teach" and step.item == item)
    if item is not None and item not in state.gentle:
        turn.set(gentle=(*state.gentle, item))
    turn.set(place=place, back=None, kept=(), cued=0.0)
    turn.go("teaching")
    intro = turn.prompt("easier.already" if already else "easier.now")
    turn.narrate((*intro, *narration.instruction(turn, gentle=True)))
