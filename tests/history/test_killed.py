"""``kill -9`` of a process that writes, at a hundred moments: nothing is lost but the last second."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from companion.history.journal import read_journal
from companion.keep import Keeper
from tests.history.killed import write_until_killed

LANES, KILLS = 20, 5  # journals, and how often each is written to and its writer killed
LONGEST = 1.6  # seconds that a writer lives
MAY_BE_LOST = 1.0  # seconds


@pytest.fixture(scope="module")
def forks():
    """Processes that have all imports done: they begin to write at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.history.killed"])
    return context


def test_a_hundred_kills_lose_nothing_but_the_last_second(forks, tmp_path) -> None:
    with ThreadPoolExecutor(LANES) as lanes:
        checked = sum(
            lanes.map(lambda lane: kill_again_and_again(forks, tmp_path / str(lane), lane), range(LANES))
        )
    assert checked > LANES * KILLS, "the writers lived long enough for something to be older than a second"


def kill_again_and_again(forks, folder: Path, lane: int) -> int:
    """Returns how many of the acknowledged records had to be there."""
    moments = random.Random(lane)
    folder.mkdir()
    number = checked = 0
    for run in range(KILLS):
        acknowledged = folder / f"acknowledged-{run}"
        writer = forks.Process(target=write_until_killed, args=(str(folder), number, str(acknowledged)))
        writer.start()
        writer.join(moments.uniform(0.0, LONGEST))
        killed = time.monotonic()
        writer.kill()
        writer.join()
        assert writer.exitcode == -9
        lines = acknowledged.read_text().splitlines() if acknowledged.exists() else []
        happened = {int(n): float(at) for n, at in map(str.split, lines)}
        safe = [n for n, at in happened.items() if at < killed - MAY_BE_LOST]
        numbers = what_is_there(folder)
        assert numbers == list(range(len(numbers))), "no gap, nothing twice"
        assert set(safe) <= set(numbers)
        if safe:
            the_hold_and_the_place_are_fresh(folder, killed - min(happened.values()) - MAY_BE_LOST)
        number, checked = len(numbers), checked + len(safe)
    return checked


def what_is_there(folder: Path) -> list[int]:
    file = folder / "journal.sqlite"
    if not file.exists():
        return []
    with sqlite3.connect(file) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    past = read_journal(file)
    assert past.damage is None
    assert len(past.sessions) <= 1, "a session that was broken off is gone on with"
    assert past.outside == ()
    return [event.facts["score"] for session in past.sessions for event in session.events]


def the_hold_and_the_place_are_fresh(folder: Path, at_least: float) -> None:
    (session,) = read_journal(folder / "journal.sqlite").sessions
    assert session.holds[-1].seconds >= at_least
    assert session.seconds >= at_least
    place = Keeper(folder).place()
    assert place is not None
    assert place.state.clock.held >= at_least
