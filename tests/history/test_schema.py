"""The journal's file: private, brought up to date, never the end of a session, and gone when it is to go."""

from __future__ import annotations

import random
import sqlite3
import stat
from pathlib import Path

import pytest

from companion.history.chart import in_words
from companion.history.export import as_csv, as_json
from companion.history.journal import Event, Hold, Journal, read_journal
from companion.history.picture import as_svg
from companion.history.progress import summarise
from companion.history.schema import (
    MIGRATIONS,
    JournalError,
    NewerJournalError,
    forget,
    migrate,
    open_journal,
)

WORDS = "my left foot went numb on the stairs"


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "history" / "journal.sqlite"


def fill(file: Path, sessions: int = 3) -> None:
    with Journal(file) as journal, journal.transaction():
        for number in range(sessions):
            session = journal.begin("desk-break", 1000.0 * number)
            hold = journal.hold(session, Hold(1000.0 * number + 5, "calf-stretch", "left", 0.0, 30.0))
            journal.held(hold, 20.0, 10.0)
            journal.add(session, Event(1000.0 * number + 7, "pain", {"when": "before", "score": 4}))
            journal.add(session, Event(1000.0 * number + 9, "report", {"flag": "numb", "text": WORDS}))
            journal.went_on(session, 300.0)
            journal.end(session, "finished")


def bytes_of(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


# -- versions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_a_journal_of_every_earlier_version_is_brought_up_to_date(file, version: int) -> None:
    file.parent.mkdir()
    old = sqlite3.connect(file, isolation_level=None)
    migrate(old, to=version)
    assert old.execute("PRAGMA user_version").fetchone() == (version,)
    if version:
        old.execute("INSERT INTO sessions (routine, started) VALUES ('desk-break', 1.0)")
    old.close()
    fill(file)
    assert len(read_journal(file).sessions) == 3 + bool(version)


def test_a_migration_keeps_what_is_there_and_is_done_wholly_or_not_at_all(file) -> None:
    fill(file)
    database, _ = open_journal(file)
    coming = ("ALTER TABLE sessions ADD COLUMN mood TEXT", "UPDATE sessions SET mood = 'well'")
    with pytest.raises(sqlite3.OperationalError):
        migrate(database, (*MIGRATIONS, coming, ("CREATE TABLE x (y)", "nonsense")))
    assert database.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert "mood" not in str(database.execute("SELECT sql FROM sqlite_schema").fetchall())
    migrate(database, (*MIGRATIONS, coming))
    assert database.execute("SELECT routine, mood FROM sessions").fetchall() == [("desk-break", "well")] * 3
    database.close()


def test_a_journal_of_a_newer_companion_is_left_as_it_is(file) -> None:
    fill(file)
    with sqlite3.connect(file) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    before = file.read_bytes()
    with pytest.raises(NewerJournalError, match="update the companion"):
        read_journal(file)
    assert file.read_bytes() == before


# -- permissions ----------------------------------------------------------------------------------------


def test_the_file_and_what_sqlite_keeps_beside_it_are_private(file) -> None:
    file.parent.mkdir(mode=0o755)
    file.touch(0o644)
    fill(file, 1)
    with Journal(file) as journal, journal.transaction():
        journal.begin("desk-break", 0.0)
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
        assert modes == dict.fromkeys((file.name, f"{file.name}-wal", f"{file.name}-shm"), 0o600)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_commit_is_on_the_disk_before_it_counts(file) -> None:
    database, _ = open_journal(file)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert database.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    database.close()


# -- damage ---------------------------------------------------------------------------------------------


def test_a_damaged_journal_is_set_aside_and_a_new_one_begun(file) -> None:
    for _ in range(2):
        fill(file)
        file.write_bytes(b"not a database at all" * 100)
        past = read_journal(file)
        assert past.sessions == ()
        assert "damaged" in past.damage
    aside = sorted(each.name for each in file.parent.glob("*.damaged-*"))
    assert aside == ["journal.damaged-1", "journal.damaged-2"]
    fill(file)
    assert len(read_journal(file).sessions) == 3


def test_whatever_happens_to_its_bytes_it_can_be_opened_and_read(file) -> None:
    """Bytes overwritten and ends torn off, wherever; what the check cannot see must not hurt, either."""
    fill(file, 50)
    sound = file.read_bytes()
    chance = random.Random(5)
    set_aside = 0
    for _ in range(150):
        damaged = bytearray(sound)
        for _ in range(chance.choice((1, 8, 64))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        file.write_bytes(damaged[: chance.choice((len(sound), chance.randrange(len(sound))))])
        try:
            past = read_journal(file)
        except JournalError:
            continue  # the damage is in the tables' own text; that is told, too
        assert len(past.sessions) <= 51
        summary = summarise(past.sessions, 1000.0)
        assert list(in_words(summary)) and as_svg(past.sessions) and as_csv(past) and as_json(past)
        set_aside += past.damage is not None
    assert set_aside > 50


def test_a_full_disk_or_a_busy_one_is_no_damage(file, monkeypatch) -> None:
    monkeypatch.setattr("companion.history.schema.BUSY_FOR", 0.01)
    fill(file)
    locked = pytest.raises(JournalError, match="locked")
    with Journal(file) as other, other.transaction(), locked:
        read_journal(file)
    past = read_journal(file)
    assert (len(past.sessions), past.damage) == (3, None)


# -- forgetting -----------------------------------------------------------------------------------------


def test_forgetting_leaves_no_byte_of_the_words(file) -> None:
    fill(file, 200)
    with Journal(file), Journal(file) as other:  # open, so that the write-ahead log is there
        with other.transaction():
            other.add(None, Event(1.0, "report", {"text": WORDS}))
        assert WORDS.encode() in bytes_of(file.parent)
        forget(file)
        left = bytes_of(file.parent)
    for trace in (WORDS, "numb", "desk-break", "calf-stretch"):
        assert trace.encode() not in left
    assert read_journal(file).sessions == ()


def test_a_companion_that_runs_on_writes_into_the_emptied_journal(file) -> None:
    with Journal(file) as journal:
        with journal.transaction():
            before = journal.begin("desk-break", 1.0)
        forget(file)
        with journal.transaction():
            journal.went_on(before, 5.0)
            assert journal.begin("desk-break", 2.0) > before, "no number is given twice"
        assert [session.started for session in journal.sessions()] == [2.0]


@pytest.mark.parametrize("spoil", ["damaged", "newer"])
def test_what_cannot_be_read_can_be_forgotten(file, spoil: str) -> None:
    fill(file)
    if spoil == "damaged":
        file.write_bytes(b"x" + file.read_bytes())
        read_journal(file)
        fill(file)
    else:
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
    forget(file)
    assert WORDS.encode() not in bytes_of(file.parent)
    assert read_journal(file).sessions == ()


def test_nothing_to_forget_is_no_error(file) -> None:
    forget(file)
    assert not file.exists()


def test_what_is_being_written_is_not_forgotten_by_halves(file, monkeypatch) -> None:
    monkeypatch.setattr("companion.history.schema.BUSY_FOR", 0.01)
    fill(file)
    refused = pytest.raises(JournalError, match="end the session")
    with Journal(file) as journal, journal.transaction(), refused:
        forget(file)
    assert len(read_journal(file).sessions) == 3
