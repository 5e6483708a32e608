"""Actions that interrupt a session, and those that take it up again."""

from __future__ import annotations

from companion.nlu.meaning import Meaning
from companion.session import flow, navigation
from companion.session.table import INTERRUPTED, QUESTIONING
from companion.session.turn import Turn


def suspend(turn: Turn, to: str = "paused") -> None:
    """Stand still: keep the hold's clock, what is left of a rest, and the narration not yet said."""
    state = turn.state
    turn.stop_clock()
    kept = turn.cut()
    if state.name not in INTERRUPTED:
        left = max(0.0, state.due - turn.now) if state.due is not None else state.left
        turn.set(back=state.name, kept=kept, left=left)
    turn.go(to)


def pause(turn: Turn, meaning: Meaning) -> None:
    suspend(turn)
    turn.reply(turn.prompt("pause.done"))


def remind_paused(turn: Turn, meaning: Meaning) -> None:
    """Said twice, it is still paused; there is nothing to add."""


def resume(turn: Turn, meaning: Meaning) -> None:
    turn.hush()
    turn.say(turn.prompt("resume.done"), "reply")
    go_back(turn)


def go_back(turn: Turn) -> None:
    """Take up what was interrupted. A hold is gone into anew, by way of getting ready; a stretch that was
    broken off for a caution is not."""
    back, kept = turn.state.back, turn.state.kept
    turn.set(back=None, kept=())
    if back in ("preparing", "holding"):
        flow.prepare(turn)
    elif back in ("greeting", "teaching", "closing"):
        turn.go(back)
        turn.say(line.text for line in kept)
        if not turn.state.queue:
            flow.next_step(turn)
    elif back == "resting":
        turn.go(back)
        if not turn.state.queue:
            flow.start_rest(turn, Meaning("", "chatter"))
    elif back == "asking":
        flow.ask(turn)
    elif back == "offering":
        navigation.next_exercise(turn, Meaning("", "next"))
    else:
        turn.go(back or "idle")


def interrupt(turn: Turn, to: str) -> None:
    """Stand still for a question about something else than the plan."""
    if turn.state.name not in QUESTIONING:
        turn.set(came_from=turn.state.name)
    suspend(turn, to)


def return_from(turn: Turn) -> None:
    """That question is settled: be where it came up."""
    came_from = turn.state.came_from
    turn.set(came_from=None)
    if came_from == "offering":
        turn.go("offering")
        turn.say(turn.state.offer, "safety")
    elif came_from == "paused":
        turn.go("paused")
    else:
        go_back(turn)


def start_while_paused(turn: Turn, meaning: Meaning) -> None:
    if _is_other_routine(turn, meaning):
        _refuse_second_routine(turn)
    else:
        resume(turn, meaning)


def start_while_running(turn: Turn, meaning: Meaning) -> None:
    """Another routine needs a stop first; an exercise of this one is gone to."""
    if not navigation.go_to_named_exercise(turn, meaning) and _is_other_routine(turn, meaning):
        _refuse_second_routine(turn)


def _is_other_routine(turn: Turn, meaning: Meaning) -> bool:
    wanted = meaning.slots.get("routine") or meaning.slots.get("exercise")
    return wanted is not None and wanted != turn.state.routine


def _refuse_second_routine(turn: Turn) -> None:
    turn.reply(turn.prompt("start.already", routine=turn.world.routine(turn.state).name))


def leave(turn: Turn, meaning: Meaning) -> None:
    """Say goodbye and keep the place, as a pause does."""
    suspend(turn)
    turn.say(turn.prompt("leave.kept"))
