"""Turns what happens in a session into rows of the journal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from companion.history.journal import Event, Hold, Journal
from companion.session.events import Record
from companion.session.state import State
from companion.session.table import GOING_ON

# What is kept beside sessions and holds. What was merely heard is not: that is nobody's business.
KEPT = ("exercise", "pain", "screened", "report", "confirmed", "dismissed", "lock", "refused", "cleared")


@dataclass(frozen=True, slots=True)
class _Happened:
    """A record, with what is needed of the moment it belongs to. ``at`` is seconds since 1970."""

    record: Record
    routine: str | None
    since: float | None
    at: float


@dataclass(frozen=True, slots=True)
class _Open:
    """The rows that may still grow: a session, and a hold whose clock runs ``since`` then."""

    session: int | None = None
    hold: int | None = None
    since: float | None = None


class Recorder:
    """Gathers records, and writes them to the journal in ``file`` when told to.

    ``keep`` may be called from any thread, the rest from one alone. ``note`` gets lines for the person, and
    ``clock`` gives seconds since 1970.
    """

    def __init__(
        self, file: Path, note: Callable[[str], None], clock: Callable[[], float] = time.time
    ) -> None:
        self._file = file
        self._note = note
        self._clock = clock
        self._happened: deque[_Happened] = deque()
        self._journal: Journal | None = None
        self._open = _Open()
        self._until = 0.0  # the session's time up to which it has been written down

    def __repr__(self) -> str:
        return f"<Recorder into {self._file}, {len(self._happened)} to write>"

    def keep(self, record: Record, state: State, now: float) -> None:
        """Take note of a record; ``state`` is the one that came with it."""
        if record.kind in ("session", "hold", *KEPT):
            self._happened.append(_Happened(record, state.routine, state.since, self._clock()))

    def write(self, state: State, now: float) -> None:
        """Write everything that has happened, and how far it has come by now, in one transaction.

        Raises ``DISK_ERRORS`` and ``NewerJournalError``; nothing is lost then, and it can be tried again.
        """
        batch = tuple(self._happened)
        went_on = now - self._until if state.name in GOING_ON else 0.0
        if batch or (self._open.session is not None and went_on > 0):
            journal = self._opened()
            rows = self._open
            with journal.transaction():
                for each in batch:
                    rows = _put(journal, rows, each)
                if rows.session is not None:
                    journal.went_on(rows.session, went_on)
                _grow(journal, rows, state, now)
            self._open = rows
            for _ in batch:
                self._happened.popleft()
        self._until = now

    def close(self) -> None:
        """Close the journal. The next ``write`` opens it anew, and so finds out whether it is damaged."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _opened(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(self._file)
            if self._journal.damage:
                self._open = _Open()  # its rows are no more
                self._note(self._journal.damage)
        return self._journal


def _put(journal: Journal, rows: _Open, each: _Happened) -> _Open:
    """Write one record; returns the rows that are open then."""
    facts = each.record.facts
    if each.record.kind == "session" and facts["phase"] == "start":
        return _Open(journal.begin(facts["routine"], each.at))
    session = rows.session
    if session is None and each.routine is not None:  # it was left, and has been taken up again
        session = journal.last_left(each.routine) or journal.begin(each.routine, each.at)
        rows = _Open(session)
    match each.record.kind, facts.get("phase"):
        case "session", _:
            assert session is not None
            journal.end(session, facts["how"])
        case "hold", "start":
            assert session is not None
            hold = Hold(each.at, facts["exercise"], facts["side"], 0.0, facts["remaining"])
            return replace(rows, hold=journal.hold(session, hold), since=each.since)
        case "hold", _:
            if rows.hold is not None:
                journal.held(rows.hold, facts["seconds"], facts["remaining"])
            return _Open(session)
        case kind, _:
            journal.add(session, Event(each.at, kind, facts))
    return rows


def _grow(journal: Journal, rows: _Open, state: State, now: float) -> None:
    """How far the hold has come, if it is still the one that the state tells of."""
    if rows.hold is not None and state.since is not None and state.since == rows.since:
        seconds = min(now - state.since, state.clock.left)
        journal.held(rows.hold, round(seconds, 3), round(state.clock.left - seconds, 3))
