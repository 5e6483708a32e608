"""``kill -9`` of a process that writes, at a hundred moments: nothing is lost but the last second."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sqlite3
import time
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from companion.history.journal import read_journal
from companion.keep import Keeper
from tests.history.killed import write_until_killed

LANES, ROUNDS = 25, 4  # journals, and how often the writer of each is killed
LONGEST = 1.6  # seconds that a writer lives, about
MAY_BE_LOST = 1.0  # seconds


def test_a_hundred_kills_lose_nothing_but_the_last_second(tmp_path) -> None:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.history.killed"])  # so that a writer begins to write at once
    moments = random.Random(5)
    lanes = [Lane(tmp_path / str(number)) for number in range(LANES)]
    checked = 0
    for _ in range(ROUNDS):
        for lane in lanes:
            lane.start(forks)
        begun = time.monotonic()
        for moment, lane in sorted(
            ((moments.uniform(0.0, LONGEST), lane) for lane in lanes), key=itemgetter(0)
        ):
            lane.kill(max(0.0, begun + moment - time.monotonic()))
        checked += sum(lane.check() for lane in lanes)
    assert checked > 1000, "the writers lived long enough for something to be older than a second"


class Lane:
    """One journal, and a writer after the other that is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "journal.sqlite"
        self.acknowledged = folder / "acknowledged"
        self.number = 0  # of the next record
        folder.mkdir()

    def start(self, forks) -> None:
        self.acknowledged.unlink(missing_ok=True)
        arguments = (str(self.folder), self.number, str(self.acknowledged))
        self.writer = forks.Process(target=write_until_killed, args=arguments)
        self.writer.start()

    def kill(self, after: float) -> None:
        """Kill the writer with signal 9 after so many seconds."""
        self.writer.join(after)
        self.killed = time.monotonic()
        self.writer.kill()
        self.writer.join()
        assert self.writer.exitcode == -signal.SIGKILL

    def check(self) -> int:
        """Hold what is there against what was acknowledged; returns how many records had to be there."""
        lines = self.acknowledged.read_text().splitlines() if self.acknowledged.exists() else []
        happened = {int(number): float(at) for number, at in map(str.split, lines)}
        safe = {number for number, at in happened.items() if at < self.killed - MAY_BE_LOST}
        numbers = self.numbers()
        assert numbers == list(range(len(numbers))), "no gap, nothing twice"
        assert safe <= set(numbers)
        if safe:
            self.check_hold_and_place(self.killed - min(happened.values()) - MAY_BE_LOST)
        self.number = len(numbers)
        return len(safe)

    def numbers(self) -> list[int]:
        """The numbers of all records that are there, in a file that is sound."""
        if not self.file.exists():
            return []
        with closing(sqlite3.connect(self.file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        past = read_journal(self.file)
        assert past.damage is None
        assert len(past.sessions) <= 1, "a session that was broken off is gone on with"
        assert past.outside == ()
        return [event.facts["score"] for session in past.sessions for event in session.events]

    def check_hold_and_place(self, at_least: float) -> None:
        """The hold that was broken off counts for so many seconds, and the place knows it."""
        (session,) = read_journal(self.file).sessions
        assert session.holds[-1].seconds >= at_least
        place = Keeper(self.folder).place()
        assert place is not None
        assert place.state.clock.held >= at_least
