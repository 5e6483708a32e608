"""The journal's tables, and opening the file that holds them.

The file is in write-ahead mode and every commit is on the disk before it counts (``synchronous=FULL``), so
what has been committed survives a killed process and a pulled plug. See https://sqlite.org/wal.html.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from companion.config import data_folder

# One entry leads from each version to the next; PRAGMA user_version counts how many a file has had. What has
# been released is never changed: a new version is a new entry.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # `started` and `at` are seconds since 1970, UTC. `seconds` counts while a session goes on, without
        # pauses. `how` is how it ended; empty while it runs, and where it was left or broken off.
        """
        CREATE TABLE sessions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            routine TEXT NOT NULL,
            started REAL NOT NULL,
            seconds REAL NOT NULL DEFAULT 0,
            how TEXT
        ) STRICT
        """,
        # A row grows while its hold goes on. `remaining` is what was left of the hold when it ended.
        """
        CREATE TABLE holds (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER NOT NULL REFERENCES sessions,
            at REAL NOT NULL,
            exercise TEXT NOT NULL,
            side TEXT,
            seconds REAL NOT NULL,
            remaining REAL NOT NULL
        ) STRICT
        """,
        # Everything else: a record's kind, and its facts as JSON. While a lock is on there is no session.
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            session INTEGER REFERENCES sessions,
            at REAL NOT NULL,
            kind TEXT NOT NULL,
            facts TEXT NOT NULL CHECK (json_valid(facts))
        ) STRICT
        """,
        "CREATE INDEX holds_of ON holds (session)",
        "CREATE INDEX events_of ON events (session)",
    ),
)

BUSY_FOR = 5.0  # seconds to wait for another process that is writing
_OTHERS = ("-wal", "-shm")  # what SQLite keeps beside the file


class JournalError(Exception):
    """The journal cannot be used; the message says what to do."""


class NewerJournalError(JournalError):
    """A newer companion wrote the journal."""


def journal_file() -> Path:
    """Where the journal of this person is."""
    return data_folder() / "history" / "journal.sqlite"


def open_journal(file: Path) -> tuple[sqlite3.Connection, str | None]:
    """The journal, made or brought up to date where need be, and a note where a damaged one was set aside.

    File and folder are made private to their owner. Raises ``NewerJournalError``, and ``sqlite3.Error`` or
    ``OSError`` where the disk does not let it be used.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.parent.chmod(0o700)
    try:
        return _open(file), None
    except sqlite3.OperationalError:
        raise  # the disk is full, or another process is writing: the file itself is sound
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # SQLite's own message may quote the damage
        aside = _set_aside(file)
        return _open(file), f"The history was damaged; it is kept as {aside}, and a new one has begun."


def _open(file: Path) -> sqlite3.Connection:
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode
    file.chmod(0o600)
    database = sqlite3.connect(file, timeout=BUSY_FOR, isolation_level=None)
    database.text_factory = lambda text: text.decode("utf-8", "replace")  # one bad byte spoils one letter
    try:
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("the check found damage")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def migrate(
    database: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS, to: int | None = None
) -> None:
    """Bring the tables to version ``to`` (the newest), wholly or not at all. Raises ``NewerJournalError``."""
    with transaction(database):
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > len(migrations):
            raise NewerJournalError(
                f"the history is of version {version}, and this companion knows {len(migrations)} at most;"
                " update the companion to read it. It has been left as it is."
            )
        for statements in migrations[version:to]:
            version += 1
            for statement in statements:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {version}")


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All that is written within, or none of it."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


# -- doing away with it ---------------------------------------------------------------------------------


def _set_aside(file: Path) -> Path:
    """Rename a damaged journal, and return its new name."""
    number = 1
    while (aside := file.with_suffix(f".damaged-{number}")).exists():
        number += 1
    file.rename(aside)
    for ending in _OTHERS:
        beside = file.with_name(file.name + ending)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + ending))
    return aside


def forget(file: Path) -> None:
    """Delete everything that was written down, for good: overwritten with zeros, then given back.

    The journal itself stays, empty, since a companion may have it open. Raises ``JournalError`` where one is
    just writing.
    """
    if not file.parent.exists():
        return
    try:
        if file.exists():
            _empty(file)
    except NewerJournalError:
        _erase(file)
    except sqlite3.OperationalError as error:
        raise JournalError(f"the history is in use ({error}); end the session, then try again") from None
    for left_over in file.parent.iterdir():
        if left_over.name not in (file.name, *(file.name + ending for ending in _OTHERS)):
            _erase(left_over)


def _empty(file: Path) -> None:
    database, _ = open_journal(file)
    try:
        database.execute("PRAGMA secure_delete = ON")
        with transaction(database):
            for table in ("events", "holds", "sessions"):
                database.execute(f"DELETE FROM {table}")
        database.execute("VACUUM")
        busy, _, _ = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("it is being read")
    finally:
        database.close()


def _erase(file: Path) -> None:
    """Overwrite a file with zeros and remove it."""
    with file.open("r+b") as stream:
        stream.write(bytes(file.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    file.unlink()
