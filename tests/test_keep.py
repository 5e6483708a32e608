"""What outlives the process: never lost, never wrong, nobody else's business."""

from __future__ import annotations

import dataclasses
import json
import stat

import pytest

from companion.keep import PLACE_LASTS, Keeper
from companion.nlu.meaning import Tier
from companion.session.events import Leave, Record, command
from companion.session.state import Sign, State
from companion.session.table import BEFORE_OR_AFTER, LOCKED, STATES
from tests.session.stage import Stage, to_state, world


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(tmp_path, clock) -> Keeper:
    return Keeper(tmp_path / "data", clock)


def left_session() -> Stage:
    stage = Stage().until_held(12)
    stage.take(Leave())
    return stage


def test_a_lock_is_kept_and_cleared(keeper) -> None:
    stage = to_state("locked")
    keeper.keep(Record("lock"), stage.state, stage.now)
    restored = keeper.start_state()
    assert (restored.name, restored.lock) == ("locked", stage.state.lock)
    assert keeper.clear()
    assert not keeper.clear()
    assert keeper.start_state().lock is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"tier": "none"}', '{"tier": "bad", "flag": "x", "words": ""}', "\0"]
)
def test_an_unreadable_lock_is_a_lock(keeper, tmp_path, text: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lock.json").write_text(text)
    lock = keeper.start_state().lock
    assert lock is not None
    assert lock.tier is Tier.EMERGENCY


def test_a_place_can_be_taken_up_within_two_hours(keeper, clock, tmp_path) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    clock.now += 600
    place = keeper.place()
    assert (place.routine, place.ago) == (str(stage.world.routine(stage.state).file), 600)
    assert place.fits(stage.world.library)
    assert place.state.clock.left == pytest.approx(18)
    clock.now += PLACE_LASTS + 1
    assert keeper.place() is None


def test_a_clock_that_was_set_back_by_a_power_cut_costs_no_place(keeper, clock) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    clock.now -= 1800
    assert keeper.place().ago == 0
    clock.now -= PLACE_LASTS
    assert keeper.place() is None


@pytest.mark.parametrize("name", [name for name in STATES if name not in (*BEFORE_OR_AFTER, *LOCKED)])
def test_every_state_of_a_session_has_a_place_and_goes_on_from_it(keeper, name: str) -> None:
    stage = to_state(name)
    keeper.keep_place(stage.world, stage.state, stage.now)
    again = Stage(None)
    again.state = keeper.place().state
    again.take(command("resume"))
    assert again.state.name != "paused"
    assert again.finish().state.name in ("ended", "locked", "paused")


def test_a_session_that_ended_leaves_no_place(keeper) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    stage.take(command("stop"))
    keeper.keep_place(stage.world, stage.state, stage.now)
    assert keeper.place() is None


def test_a_running_session_has_the_place_where_it_stands(keeper) -> None:
    """As if it were left at that moment, though it goes on: the power may go."""
    stage = Stage().until_held(12)
    keeper.keep_place(stage.world, stage.state, stage.now)
    place = keeper.place()
    assert (place.state.name, place.state.back, place.state.queue) == ("paused", "holding", ())
    assert place.state.clock.left == pytest.approx(18)
    assert stage.state.name == "holding"


def test_an_open_question_about_a_sign_is_asked_again_where_the_power_went(keeper) -> None:
    stage = to_state("checking")
    keeper.keep_place(stage.world, stage.state, stage.now)
    again = Stage(None)
    again.state = keeper.place().state
    again.take(command("resume"))
    assert again.state.name == "checking"
    assert again.spoken() == list(stage.state.last_said)[:1]
    assert again.finish().state.name == "locked", "silence is a yes, as ever"


def test_a_session_without_an_exercise_leaves_the_place_of_another_alone(keeper) -> None:
    """Who is told of a place only after they have begun anew can still take it up."""
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    for other in (to_state("idle"), to_state("greeting"), to_state("ended")):
        keeper.keep_place(other.world, other.state, other.now)
    assert keeper.place().state.clock.left == pytest.approx(18)
    other = Stage("desk-break").until("preparing")
    keeper.keep_place(other.world, other.state, other.now)
    assert keeper.place().state.routine == "desk-break"


def test_a_lock_leaves_no_place(keeper) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    keeper.keep_place(world(), keeper_locked(), 0.0)
    assert keeper.place() is None


def keeper_locked() -> State:
    return State(name="locked", lock=Sign(Tier.EMERGENCY, "bladder", "words"))


def test_a_place_stays_fresh_through_a_long_pause(keeper, clock) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    clock.now += 3 * 3600
    keeper.keep_place(stage.world, stage.state, stage.now)
    assert keeper.place().ago == 0


def test_a_place_does_not_fit_a_routine_that_was_changed(keeper) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    library = stage.world.library
    routine = library.routines["sciatica-relief"]
    changed = library.including(dataclasses.replace(routine, items=routine.items[1:]))
    assert not keeper.place().fits(changed)


def test_what_tells_of_past_sessions_can_be_forgotten_but_not_a_lock(keeper) -> None:
    stage = left_session()
    keeper.keep_place(stage.world, stage.state, stage.now)
    keeper.keep(Record("screened"), stage.state, stage.now)
    keeper.keep(Record("lock"), to_state("locked").state, 0.0)
    keeper.forget()
    assert keeper.place() is None
    assert not keeper.screened_lately()
    assert keeper.start_state().lock is not None


@pytest.mark.parametrize("text", ["", "{}", '{"at": 1, "state": {}, "file": null}', "nonsense", "[1]"])
def test_a_place_that_cannot_be_read_is_none(keeper, tmp_path, text: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "place.json").write_text(text)
    assert keeper.place() is None


def test_a_screening_counts_for_a_week(keeper, clock) -> None:
    assert not keeper.screened_lately()
    stage = Stage().until("teaching")
    assert stage.events("screened")
    keeper.keep(Record("screened"), stage.state, stage.now)
    clock.now += 6 * 86400
    assert keeper.screened_lately()
    clock.now += 2 * 86400
    assert not keeper.screened_lately()


def test_files_are_readable_by_their_owner_alone_and_whole(keeper, tmp_path) -> None:
    stage = to_state("locked")
    keeper.keep(Record("lock"), stage.state, stage.now)
    file = tmp_path / "data" / "lock.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text())["flag"] == "bladder"
    assert [f.name for f in file.parent.iterdir()] == ["lock.json"]


def test_a_lock_that_the_disk_refuses_still_holds_as_long_as_the_program_runs(tmp_path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.touch()  # a file, where the folder should be: nobody can write below it, not even root
    keeper = Keeper(in_the_way)
    locked = State(name="locked", lock=Sign(Tier.EMERGENCY, "bladder", "i wet myself"))
    with pytest.raises(OSError):
        keeper.keep(Record("lock"), locked, 0.0)
    assert keeper.start_state() == locked
