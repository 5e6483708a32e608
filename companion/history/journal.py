"""Writing sessions into the journal, and reading them back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.history.schema import JournalError, open_journal, transaction

# Facts that readers count on. An event that has lost one to a bad byte on the disk is left out.
NEEDED = {"pain": ("when", "score"), "exercise": ("exercise", "phase")}


@dataclass(frozen=True, slots=True)
class Hold:
    """One stretch of holding. ``at`` is seconds since 1970; ``seconds`` held, ``remaining`` not held."""

    at: float
    exercise: str
    side: str | None
    seconds: float
    remaining: float


@dataclass(frozen=True, slots=True)
class Event:
    """Something else that happened: a record's kind and facts. ``at`` is seconds since 1970."""

    at: float
    kind: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """One session. ``seconds`` is how long it went on, without pauses; ``how`` is None where it was left."""

    id: int
    routine: str
    started: float
    seconds: float
    how: str | None
    holds: tuple[Hold, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """The whole journal. ``outside`` is what happened while a lock was on, and ``damage`` a note of any."""

    sessions: tuple[Session, ...] = ()
    outside: tuple[Event, ...] = ()
    damage: str | None = None


class Journal:
    """The journal's file, open. A context manager. ``damage`` tells of a damaged one that was set aside."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._database, self.damage = open_journal(file)

    def __repr__(self) -> str:
        return f"<Journal {self._file}>"

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._database.close()

    # -- writing ------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within comes to the disk together, or none of it."""
        with transaction(self._database):
            yield

    def begin(self, routine: str, at: float) -> int:
        """A new session; returns its number."""
        return self._insert("INSERT INTO sessions (routine, started) VALUES (?, ?)", routine, at)

    def last_left(self, routine: str) -> int | None:
        """The number of this routine's last session, if that did not end."""
        sql = "SELECT id, how FROM sessions WHERE routine = ? ORDER BY id DESC LIMIT 1"
        match self._database.execute(sql, (routine,)).fetchone():
            case (int(number), None):
                return number
        return None

    def end(self, session: int, how: str) -> None:
        self._database.execute("UPDATE sessions SET how = ? WHERE id = ?", (how, session))

    def went_on(self, session: int, seconds: float) -> None:
        """The session has gone on for so many seconds more."""
        self._database.execute("UPDATE sessions SET seconds = seconds + ? WHERE id = ?", (seconds, session))

    def hold(self, session: int, hold: Hold) -> int:
        """A hold has begun; returns its number."""
        sql = "INSERT INTO holds (session, at, exercise, side, seconds, remaining) VALUES (?, ?, ?, ?, ?, ?)"
        return self._insert(sql, session, hold.at, hold.exercise, hold.side, hold.seconds, hold.remaining)

    def held(self, hold: int, seconds: float, remaining: float) -> None:
        """The hold has come so far."""
        self._database.execute(
            "UPDATE holds SET seconds = ?, remaining = ? WHERE id = ?", (seconds, remaining, hold)
        )

    def add(self, session: int | None, event: Event) -> None:
        facts = json.dumps(dict(event.facts), ensure_ascii=False)
        sql = "INSERT INTO events (session, at, kind, facts) VALUES (?, ?, ?, ?)"
        self._insert(sql, session, event.at, event.kind, facts)

    def _insert(self, sql: str, *values: object) -> int:
        number = self._database.execute(sql, values).lastrowid
        assert number is not None
        return number

    # -- reading ------------------------------------------------------------------------------------

    def sessions(self) -> tuple[Session, ...]:
        """All sessions, the oldest first, each with its holds and events in their order."""
        holds: dict[int, list[Hold]] = {}
        for session, *values in self._database.execute(
            "SELECT session, at, exercise, side, seconds, remaining FROM holds ORDER BY id"
        ):
            holds.setdefault(session, []).append(Hold(*values))
        events = self._events()
        rows = self._database.execute("SELECT id, routine, started, seconds, how FROM sessions ORDER BY id")
        return tuple(
            Session(
                number,
                routine,
                started,
                seconds,
                how,
                tuple(holds.get(number, ())),
                tuple(events.get(number, ())),
            )
            for number, routine, started, seconds, how in rows
        )

    def outside(self) -> tuple[Event, ...]:
        """What happened outside of sessions: what was refused while a lock was on, and its clearing."""
        return tuple(self._events().get(None, ()))

    def _events(self) -> dict[int | None, list[Event]]:
        events: dict[int | None, list[Event]] = {}
        rows = self._database.execute("SELECT session, at, kind, facts FROM events ORDER BY id")
        for session, at, kind, text in rows:
            facts = json.loads(text)
            if all(name in facts for name in NEEDED.get(kind, ())):
                events.setdefault(session, []).append(Event(at, kind, facts))
        return events


def read_journal(file: Path) -> Past:
    """All that was written down; nothing where there is no file. Raises ``JournalError`` and ``OSError``."""
    if not file.exists():
        return Past()
    try:
        with Journal(file) as journal:
            return Past(journal.sessions(), journal.outside(), journal.damage)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        what = "make sure that the disk has room and no other program has the file open, and try again"
        raise JournalError(f"{file} cannot be read ({error}); {what}") from None


# What a reader may meet, so that an error of SQLite need not be known elsewhere.
DISK_ERRORS = (sqlite3.Error, OSError)
