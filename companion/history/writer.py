"""Writes down a running session as it goes, in a thread of its own, since a memory card can take long.

What happens is taken note of at once and committed within ``PERIOD``, together with how far the present hold
and the session have come. So whatever ends the program, at most the last second is lost.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from companion.history.journal import DISK_ERRORS, Event, Hold, Journal
from companion.history.schema import NewerJournalError
from companion.session.events import Record
from companion.session.state import State
from companion.session.table import GOING_ON

PERIOD = 0.8  # seconds; with the time of a commit it stays under one
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


class Writer:
    """Keeps the journal in ``file``. A context manager, which writes the last words when it is left.

    ``look`` gives the state and its time; ``keep_place`` gets both in each period. ``note`` gets lines for
    the person, from the thread, and ``clock`` gives seconds since 1970.
    """

    def __init__(
        self,
        file: Path,
        look: Callable[[], tuple[State, float]],
        keep_place: Callable[[State, float], None],
        note: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        period: float = PERIOD,
    ) -> None:
        self._file = file
        self._look = look
        self._keep_place = keep_place
        self._note = note
        self._clock = clock
        self._period = period
        self._happened: deque[_Happened] = deque()
        self._journal: Journal | None = None
        self._open = _Open()
        self._until = 0.0  # the session's time up to which it has been written down
        self._failures: set[str] = set()  # what the person has been told
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def __repr__(self) -> str:
        return f"<Writer of {self._file}, {len(self._happened)} to write>"

    def __enter__(self) -> Writer:
        _, self._until = self._look()
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing.set()
        self._thread.join()

    def keep(self, record: Record, state: State, now: float) -> None:
        """Take note of a record; ``state`` is the one that came with it. From any thread, and at once."""
        if record.kind in ("session", "hold", *KEPT):
            self._happened.append(_Happened(record, state.routine, state.since, self._clock()))

    # -- in the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        closing = False
        while not closing:
            closing = self._closing.wait(self._period)
            state, now = self._look()
            self._try(self._keep_place, state, now)
            self._try(self._write, state, now)
        if self._journal is not None:
            self._journal.close()

    def _try(self, write: Callable[[State, float], None], state: State, now: float) -> None:
        """What cannot be written is told once, and tried again: a session never ends for it."""
        try:
            write(state, now)
        except (*DISK_ERRORS, NewerJournalError) as error:
            if self._journal is not None:
                self._journal.close()  # opening it anew finds out whether it is damaged
                self._journal = None
            if str(error) not in self._failures:
                self._failures.add(str(error))
                self._note(f"This session is not being written down: {error}")

    def _write(self, state: State, now: float) -> None:
        """Everything that has happened, and how far it has come, in one transaction."""
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
