"""Whatever happens, in whatever order: nothing raises, no stop is lost, no hold runs after a stop."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.session.events import Begin, Greet, Heard, Leave, SpeechEnded, Tick
from companion.session.machine import advance, deadline
from companion.session.state import State, from_json, to_json
from companion.session.table import STATES
from companion.session.transcript import entry, plain
from companion.session.view import view
from tests.session.stage import meaning, world
from tests.session.test_safety import ALL
from tests.session.test_table import SPOKEN_INTENTS

SLOTS = [
    "",
    " seconds=20",
    " seconds=100000",
    " score=4",
    " score=99",
    " side=left",
    " exercise=downward-dog",
]
SAID = st.one_of(
    st.builds(str.__add__, st.sampled_from(SPOKEN_INTENTS), st.sampled_from(SLOTS)),
    st.sampled_from([f"{tier.value}:{flag}{ask}" for tier, flag in ALL for ask in ("", "?")] + ["none:"]),
    st.sampled_from(["start routine=desk-break", "start routine=zumba", "question topic=sciatica", "stop"]),
)
HAPPENING = st.one_of(
    SAID,
    st.sampled_from(
        ["speech ends", "speech ends", "deadline", "deadline", "tick", "leave", "greet", "begin"]
    ),
)
STEPS = st.lists(st.tuples(HAPPENING, st.floats(0, 40)), max_size=60)


def event_of(what: str, state: State):
    fixed = {
        "speech ends": SpeechEnded(state.utterance),
        "deadline": Tick(),
        "tick": Tick(),
        "leave": Leave(),
        "greet": Greet(),
        "begin": Begin("gentle-relief"),
    }
    return fixed.get(what) or Heard(meaning(what))


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_no_sequence_of_events_breaks_the_rules(steps) -> None:
    state, now, ids = State(), 0.0, 0
    state, _ = advance(world(), state, Begin("sciatica-relief"), now)
    for what, wait in steps:
        due = deadline(world(), state)
        now = max(now, due) if what == "deadline" and due is not None else now + wait
        state, effects = advance(world(), state, event_of(what, state), now)

        # The clock runs in a hold only, and never past its end.
        assert state.name in STATES
        assert state.since is None or state.name == "holding"
        for clock in state.clocks:
            assert 0 <= clock.held <= clock.total
        # One line at a time, each with a new number; nothing is cut that was not being said.
        for effect in effects:
            json.dumps(entry(effect, now))
            plain(entry(effect, now))
            if type(effect).__name__ == "Speak":
                assert effect.utterance > ids
                ids = effect.utterance
        # A lock is a lock, and a stop is a stop.
        assert (state.lock is not None) == (state.name in ("locked", "clearing"))
        if what.startswith("stop"):
            assert state.name in ("ended", "locked")
        if what.startswith(("emergency", "urgent")) and not what.endswith("?"):
            assert state.name == "locked"
        # It can be written down and shown at any moment.
        assert to_json(from_json(to_json(state, now), now), now) == to_json(state, now)
        view(world(), state, now)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_after_a_stop_nothing_starts_by_itself(steps) -> None:
    state, now = State(), 0.0
    state, _ = advance(world(), state, Begin("sciatica-relief"), now)
    for what, wait in [*steps, ("stop", 1.0)]:
        now += wait
        state, _ = advance(world(), state, event_of(what, state), now)
    for _ in range(50):
        now += 20.0
        for event in (SpeechEnded(state.utterance), Tick()):
            state, effects = advance(world(), state, event, now)
            assert state.since is None
            assert state.name in ("ended", "locked")
            assert not [e for e in effects if getattr(e, "kind", "") == "hold"]
