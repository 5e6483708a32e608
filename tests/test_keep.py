"""What outlives the process: never lost, never wrong, nobody else's business."""

from __future__ import annotations

import json
import stat

import pytest

from companion.keep import PLACE_LASTS, Keeper
from companion.nlu.meaning import Tier
from companion.session.events import Leave, Record
from tests.session.stage import Stage, to_state


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
    keeper.keep_place(stage.state, stage.now, tmp_path / "mine.yaml")
    clock.now += 600
    place = keeper.place()
    assert (place.routine, place.ago) == (str(tmp_path / "mine.yaml"), 600)
    assert place.state.clock.left == pytest.approx(18)
    clock.now += PLACE_LASTS + 1
    assert keeper.place() is None


def test_a_session_that_ended_leaves_no_place(keeper) -> None:
    stage = left_session()
    keeper.keep_place(stage.state, stage.now, None)
    keeper.keep_place(to_state("ended").state, 0.0, None)
    assert keeper.place() is None


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
