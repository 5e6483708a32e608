"""The table generates the cases: every trigger in every state, in a session that really came there."""

from __future__ import annotations

import json

import pytest

from companion.session.events import Leave, SpeechEnded, Tick
from companion.session.machine import ACTIONS, advance, deadline
from companion.session.state import from_json, to_json
from companion.session.table import ROWS, SAME, STATES, TABLE, TRIGGERS
from companion.session.turn import Turn
from tests.session.stage import Stage, meaning, to_state, world

SPOKEN_INTENTS = [t for t in TRIGGERS if t not in ("spoken", "elapsed", "leave", "report_symptom")]
REPORTS = ["emergency:bladder", "urgent:leg_weakness", "caution:dizziness", "advice:persisting", "none:"]
IN_A_STATE = [(state, text) for state in STATES for text in (*SPOKEN_INTENTS, *REPORTS, "emergency:bowel?")]


def is_silent_and_still(stage: Stage) -> bool:
    return stage.state.since is None and stage.state.name in ("ended", "locked")


def test_each_pair_has_one_row_and_each_row_an_action() -> None:
    assert set(TABLE) == {(state, trigger) for state in STATES for trigger in TRIGGERS}
    assert {row.action for row in ROWS} <= set(ACTIONS)
    assert {to for row in ROWS for to in row.to} <= {*STATES, SAME}


@pytest.mark.parametrize(("state", "text"), IN_A_STATE)
def test_what_is_said_leads_where_the_table_says(state: str, text: str) -> None:
    stage = to_state(state)
    row = TABLE[state, meaning(text).intent]
    heard, *others = stage.say(text)
    assert heard["event"] == "heard"
    after = stage.state.name
    assert after in row.to or (after == state and SAME in row.to)
    if row.action == "ignore":
        assert others == []
    # Wherever it led: it goes on to its end, in JSON, and the clock runs in a hold only.
    stage.finish()
    json.dumps(stage.transcript)
    assert_holds_are_well_formed(stage)


@pytest.mark.parametrize("state", STATES)
def test_stop_stops_everywhere_at_once_and_says_so_afterwards(state: str) -> None:
    stage = to_state(state)
    was_speaking = stage.state.speaking is not None
    after = stage.say("stop")
    assert is_silent_and_still(stage)
    kinds = [entry["event"] for entry in after]
    if was_speaking:
        assert "cut" in kinds
    if "speak" in kinds:
        assert kinds.index("speak") > max((kinds.index(k) for k in ("cut", "state") if k in kinds), default=0)
    later = stage.say("stop") + stage.finish().transcript[-1:]
    assert not [e for e in later if e["event"] == "hold" and e["phase"] == "start"]
    assert is_silent_and_still(stage)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("text", ["emergency:saddle_numbness", "urgent:clot"])
def test_a_red_flag_locks_everywhere(state: str, text: str) -> None:
    stage = to_state(state)
    stage.say(text)
    assert stage.state.name == "locked"
    assert stage.state.since is None
    assert stage.state.lock is not None


@pytest.mark.parametrize("state", STATES)
def test_the_state_survives_json_and_goes_on_as_if_nothing_had_been(state: str) -> None:
    stage = to_state(state)
    text = json.dumps(to_json(stage.state, stage.now))
    later = 10_000.0
    restored = from_json(json.loads(text), later)
    assert json.dumps(to_json(restored, later)) == text
    one, two = advance_to_end(stage.state, stage.now), advance_to_end(restored, later)
    assert [effect for _, effect in one] == [effect for _, effect in two]
    assert [at - stage.now for at, _ in one] == pytest.approx([at - later for at, _ in two])


@pytest.mark.parametrize(
    "data",
    [{}, {"name": 3}, {"name": "idle", "speed": 1}, {"clocks": [{"side": "up", "total": 1.0}]}, [], None],
)
def test_what_is_no_state_is_refused(data: object) -> None:
    if data == {}:
        assert from_json({}, 0.0) == from_json({}, 5.0)
        return
    with pytest.raises(ValueError, match="expected"):
        from_json(data, 0.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", STATES)
def test_leaving_says_goodbye_and_keeps_the_place(state: str) -> None:
    stage = to_state(state)
    place = stage.state.place
    stage.take(Leave())
    assert stage.state.since is None
    assert stage.state.place == place
    assert stage.events("speak")


def test_a_tick_at_any_other_time_is_harmless() -> None:
    stage = to_state("holding")
    before = stage.state
    stage.take(Tick())
    assert stage.state == before


def test_the_end_of_a_line_that_was_cut_is_harmless() -> None:
    stage = to_state("teaching")
    cut = stage.state.utterance
    stage.say("pause")
    before = stage.state
    stage.take(SpeechEnded(cut))
    assert stage.state == before


def test_a_turn_tells_about_itself() -> None:
    assert "holding" in repr(Turn(world(), to_state("holding").state, 3.0))


def advance_to_end(state, now):
    """All effects of a session left to itself, with their times."""
    found = []
    for _ in range(2000):
        if state.queue:
            now += 1.0
            event = SpeechEnded(state.utterance)
        elif (due := deadline(world(), state)) is not None:
            now = max(now, due)
            event = Tick()
        else:
            return found
        state, effects = advance(world(), state, event, now)
        found += [(now, effect) for effect in effects]
    raise AssertionError("it never ends")


def assert_holds_are_well_formed(stage: Stage) -> None:
    """Holds start and end in turn, and last as long as they say."""
    open_hold = None
    for entry in stage.events("hold"):
        if entry["phase"] == "start":
            assert open_hold is None
            open_hold = entry
        else:
            assert open_hold is not None
            assert entry["t"] - open_hold["t"] == pytest.approx(entry["seconds"], abs=1e-3)
            open_hold = None
    assert open_hold is None or stage.state.since is not None
