"""The thread that writes: a session goes on whatever the disk does."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from companion.history.journal import Journal, read_journal
from companion.history.recorder import Recorder
from companion.history.writer import Writer
from companion.session.events import Record
from companion.session.state import State
from tests.session.stage import to_state

HOLDING = to_state("holding").state


class Running:
    """A writer in its thread, with periods that pass as fast as they can."""

    def __init__(self, file: Path) -> None:
        self.notes: list[str] = []
        self.places: list[State] = []
        self.has_room = True
        self._periods = 0
        self._passed = threading.Condition()
        self.recorder = Recorder(file, self.notes.append)
        self.writer = Writer(self.recorder, self._look, self._keep_place, self.notes.append, period=0.001)

    def _look(self) -> tuple[State, float]:
        with self._passed:
            self._periods += 1
            self._passed.notify_all()
        return HOLDING, float(self._periods)

    def _keep_place(self, state: State, now: float) -> None:
        if not self.has_room:
            raise OSError("no space left on device")
        self.places.append(state)

    def begins(self, routine: str) -> None:
        self.recorder.keep(Record("session", {"phase": "start", "routine": routine}), HOLDING, 0.0)

    def hurts(self, score: int) -> None:
        self.recorder.keep(Record("pain", {"when": "before", "score": score}), HOLDING, 0.0)

    def let_periods_pass(self, number: int = 3) -> None:
        """Wait till so many have begun anew, so that all but the last of them are over."""
        with self._passed:
            end = self._periods + number
            assert self._passed.wait_for(lambda: self._periods >= end, 30)


@contextmanager
def running(file: Path) -> Iterator[Running]:
    it = Running(file)
    with it.writer:
        yield it


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "history" / "journal.sqlite"


def scores(file: Path) -> list[object]:
    return [event.facts["score"] for session in read_journal(file).sessions for event in session.events]


def test_what_happens_is_written_in_the_next_period_and_the_rest_at_the_end(file) -> None:
    with running(file) as it:
        it.hurts(1)
        it.let_periods_pass()
        assert scores(file) == [1]
        it.hurts(2)
    assert scores(file) == [1, 2]
    assert it.notes == []


def test_every_period_keeps_the_place(file) -> None:
    with running(file) as it:
        it.let_periods_pass()
    assert len(it.places) >= 3
    assert it.places[0] is HOLDING


def test_a_place_that_cannot_be_kept_is_told_once_and_costs_nothing_else(file) -> None:
    with running(file) as it:
        it.has_room = False
        it.hurts(1)
        it.let_periods_pass(5)
    assert scores(file) == [1]
    assert len(it.notes) == 1


def test_a_disk_that_cannot_be_written_is_told_once_and_tried_again(file) -> None:
    file.parent.write_text("a file where the folder belongs")
    with running(file) as it:
        it.hurts(1)
        it.let_periods_pass(5)
        assert [note[:38] for note in it.notes] == ["This session is not being written down"]
        file.parent.unlink()
        it.hurts(2)
    assert scores(file) == [1, 2]


def test_while_another_holds_the_journal_it_is_tried_again(file, monkeypatch) -> None:
    monkeypatch.setattr("companion.history.schema.BUSY_FOR", 0.01)
    with running(file) as it:
        it.hurts(1)
        it.let_periods_pass()
        with Journal(file) as other, other.transaction():
            it.hurts(2)
            it.let_periods_pass(5)
            assert it.notes == ["This session is not being written down: database is locked"]
    assert scores(file) == [1, 2]


def test_a_newer_journal_is_left_alone(file) -> None:
    Journal(file).close()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with running(file) as it:
        it.hurts(1)
        it.let_periods_pass(5)
    assert len(it.notes) == 1
    assert "update the companion" in it.notes[0]


def test_two_companions_can_write_at_once(file) -> None:
    """Each its own session: what they write does not get lost, whoever waits for whom."""
    with running(file) as one, running(file) as other:
        for number, it in enumerate((one, other)):
            it.begins(f"routine-{number}")
            for score in range(5):
                it.hurts(score)
                it.let_periods_pass(1)
    by_routine = {s.routine: [e.facts["score"] for e in s.events] for s in read_journal(file).sessions}
    assert by_routine == {"routine-0": [0, 1, 2, 3, 4], "routine-1": [0, 1, 2, 3, 4]}
    assert one.notes == other.notes == []
