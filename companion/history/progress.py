"""What the journal tells: days, streaks, weeks, and what came of each stretch. Pure: time and zone are given.

Days are local ones, and a session counts for the day on which it began. A ``zone`` of None is the system's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from companion.history.journal import Session

WEEKS = 8  # that are shown
DAY = timedelta(days=1)

Outcome = Literal["done", "cut short", "skipped"]


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with a session: up to today or yesterday, and the most there ever were."""

    days: int
    longest: int


@dataclass(frozen=True, slots=True)
class Week:
    """What was done in the week that begins on ``monday``."""

    monday: date
    sessions: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came of one exercise, over all sessions.

    ``scored`` counts the sessions in which it was held and pain was told before and after; pain ``eased`` in
    so many of them, and ``change`` is the mean difference (below 0: less pain), None without any.
    """

    exercise: str
    done: int
    cut_short: int
    skipped: int
    held: float  # seconds
    scored: int
    eased: int
    change: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """All that ``companion history`` shows."""

    sessions: tuple[Session, ...]
    streak: Streak
    weeks: tuple[Week, ...]
    stretches: tuple[Stretch, ...]


def summarise(sessions: Sequence[Session], now: float, zone: tzinfo | None = None) -> Summary:
    """The summary at ``now``, in seconds since 1970."""
    done = [session for session in sessions if was_held(session)]
    today = local(now, zone).date()
    days = {local(session.started, zone).date() for session in done}
    return Summary(tuple(sessions), streak(days, today), weeks(done, today, zone), stretches(sessions))


# -- days and weeks -------------------------------------------------------------------------------------


def local(at: float, zone: tzinfo | None = None) -> datetime:
    """A point in time (seconds since 1970) as the clock on the wall showed it."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)


def streak(days: Set[date], today: date) -> Streak:
    """How many days in a row. The streak is not broken before today is over."""
    end = today if today in days else today - DAY
    longest = max((_run_up_to(days, day) for day in days if day + DAY not in days), default=0)
    return Streak(_run_up_to(days, end), longest)


def _run_up_to(days: Set[date], day: date) -> int:
    length = 0
    while day in days:
        length, day = length + 1, day - DAY
    return length


def weeks(sessions: Iterable[Session], today: date, zone: tzinfo | None = None) -> tuple[Week, ...]:
    """The last ``WEEKS`` weeks, the present one last; those without a session as well."""
    counts: Counter[date] = Counter()
    minutes: defaultdict[date, float] = defaultdict(float)
    for session in sessions:
        monday = _monday(local(session.started, zone).date())
        counts[monday] += 1
        minutes[monday] += session.seconds / 60
    mondays = (_monday(today) - 7 * back * DAY for back in reversed(range(WEEKS)))
    return tuple(Week(monday, counts[monday], minutes[monday]) for monday in mondays)


def _monday(day: date) -> date:
    return day - day.weekday() * DAY


# -- sessions and stretches -----------------------------------------------------------------------------


def pain(session: Session) -> tuple[int | None, int | None]:
    """The scores from 0 to 10 before and after, each None where none was told."""
    scores = {event.facts["when"]: event.facts["score"] for event in session.events if event.kind == "pain"}
    return scores.get("before"), scores.get("after")


def was_held(session: Session) -> bool:
    """Whether anything was done in it."""
    return any(hold.seconds > 0 for hold in session.holds)


def outcomes(session: Session) -> dict[str, Outcome]:
    """What came of each exercise that was begun, in their order. Held, but not to the end, is cut short."""
    phases = [
        (event.facts["exercise"], event.facts["phase"])
        for event in session.events
        if event.kind == "exercise"
    ]
    done = {exercise for exercise, phase in phases if phase == "done"}
    held = {hold.exercise for hold in session.holds if hold.seconds > 0}
    begun = dict.fromkeys(exercise for exercise, _ in phases)
    return {
        exercise: "done" if exercise in done else "cut short" if exercise in held else "skipped"
        for exercise in begun
    }


def stretches(sessions: Iterable[Session]) -> tuple[Stretch, ...]:
    """What came of each exercise, the one that was held longest first."""
    results: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    held: defaultdict[str, float] = defaultdict(float)
    changes: defaultdict[str, list[int]] = defaultdict(list)
    for session in sessions:
        before, after = pain(session)
        for exercise, outcome in outcomes(session).items():
            results[exercise][outcome] += 1
            if outcome != "skipped" and before is not None and after is not None:
                changes[exercise].append(after - before)
        for hold in session.holds:
            held[hold.exercise] += hold.seconds
    return tuple(
        _stretch(exercise, results[exercise], held[exercise], changes[exercise])
        for exercise in sorted(results, key=lambda exercise: -held[exercise])
    )


def _stretch(exercise: str, results: Counter[Outcome], held: float, changes: Sequence[int]) -> Stretch:
    return Stretch(
        exercise,
        results["done"],
        results["cut short"],
        results["skipped"],
        held,
        len(changes),
        sum(change < 0 for change in changes),
        sum(changes) / len(changes) if changes else None,
    )
