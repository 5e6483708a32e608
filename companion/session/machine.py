"""The session itself: an event and a time go in, a new state and effects come out.

``advance`` is the only way in. It decides nothing by itself: it finds the row of ``table.TABLE`` for the
present state and what has happened, and takes that row's action. ``deadline`` says when to send a ``Tick``.
"""

from __future__ import annotations

from typing import Any

from companion.nlu.meaning import Meaning
from companion.session import flow, interruption, interview, navigation, replies, safety, timing
from companion.session.cues import cues
from companion.session.events import Begin, Effect, Event, Greet, Heard, Leave, Notice, SpeechEnded, Tick
from companion.session.state import State
from companion.session.table import SAME, TABLE
from companion.session.turn import INSTANT, Action, Turn
from companion.session.world import World

SAID_TWICE = 1.0  # seconds within which the same command is taken for one, said or heard twice
NOT_TWICE = ("stop", "report_symptom", "score", "yes", "no")  # these do no harm, or must never be lost

_NOTHING = Meaning("", "chatter")

ACTIONS: dict[str, Action] = {
    action.__name__: action
    for module in (flow, interruption, interview, navigation, replies, safety, timing)
    for action in vars(module).values()
    if callable(action) and getattr(action, "__module__", None) == module.__name__
}


def advance(world: World, state: State, event: Event, now: float) -> tuple[State, tuple[Effect, ...]]:
    """What the session becomes by this event at this time (seconds, never going backwards).

    Pure: the same arguments always give the same result. Raises nothing for any sequence of events.
    """
    turn = Turn(world, state, now)
    match event:
        case Heard(meaning):
            _hear(turn, meaning)
        case SpeechEnded(utterance):
            if utterance == state.utterance and state.queue and turn.spoken():
                _take(turn, "spoken", _NOTHING)
        case Tick():
            due = deadline(world, state)
            if due is not None and due <= now + INSTANT:
                _take(turn, "elapsed", _NOTHING)
        case Leave():
            _take(turn, "leave", _NOTHING)
        case Begin(routine):
            _take(turn, "start", Meaning("", "start", {"routine": routine}))
        case Notice(prompt):
            turn.reply(turn.prompt(prompt))
        case Greet(left):
            turn.narrate((*turn.prompt("greet.hello"), *(turn.prompt("greet.left") if left else ())))
    return turn.state, tuple(turn.effects)


def deadline(world: World, state: State) -> float | None:
    """When the next ``Tick`` is wanted, in the time of the events; None where nothing is waited for."""
    if state.name == "holding":
        if state.since is None:
            return None
        clock = state.clock
        zero = state.since - clock.held
        coming = (cue.at for cue in cues(world.exercise(state), clock.total) if cue.at > state.cued)
        return zero + min(clock.total, next(coming, clock.total))
    return None if state.queue else state.due


def _hear(turn: Turn, meaning: Meaning) -> None:
    facts: dict[str, Any] = {"text": meaning.text, "intent": meaning.intent}
    if meaning.slots:
        facts["slots"] = dict(meaning.slots)
    if meaning.tier is not None:
        facts |= {"tier": meaning.tier.value, "flag": meaning.flag, "ask": meaning.ask}
    turn.record("heard", **facts)
    if _said_twice(turn, meaning):
        return
    _take(turn, meaning.intent, meaning)


def _said_twice(turn: Turn, meaning: Meaning) -> bool:
    """Whether this is the same command once more, before it can have been meant anew."""
    last = turn.state.heard
    key = f"{meaning.intent} {sorted(meaning.slots.items())}"
    turn.set(heard=(key, turn.now))
    return (
        meaning.intent not in NOT_TWICE
        and last is not None
        and last[0] == key
        and turn.now - last[1] < SAID_TWICE
    )


def _take(turn: Turn, trigger: str, meaning: Meaning) -> None:
    before = turn.state.name
    row = TABLE[before, trigger]
    ACTIONS[row.action](turn, meaning)
    after = turn.state.name
    assert after in row.to or (after == before and SAME in row.to), f"{row.action}: {before} to {after}"
