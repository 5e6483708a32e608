"""Days, streaks and weeks as the calendar on the wall has them; what came of each stretch."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from companion.history.journal import Event, Hold, Session
from companion.history.progress import Streak, local, outcomes, pain, streak, stretches, summarise, weeks

LONDON = ZoneInfo("Europe/London")
AUCKLAND = ZoneInfo("Pacific/Auckland")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def at(text: str, zone: tzinfo = UTC) -> float:
    """Seconds since 1970 of a local time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def session(
    started: float, minutes: float = 10.0, scores: tuple[int | None, int | None] = (None, None), **came: str
) -> Session:
    """A session with exercises that were done, cut_short or skipped."""
    events = [
        Event(started, "pain", {"when": when, "score": score})
        for when, score in zip(("before", "after"), scores, strict=True)
        if score is not None
    ]
    holds = []
    for exercise, outcome in (came or {"bridge": "done"}).items():
        events.append(Event(started, "exercise", {"exercise": exercise, "phase": "start"}))
        if outcome != "skipped":
            holds.append(Hold(started, exercise, None, 20.0, 0.0 if outcome == "done" else 10.0))
        if outcome != "cut_short":
            events.append(Event(started, "exercise", {"exercise": exercise, "phase": outcome}))
    return Session(1, "desk-break", started, 60 * minutes, "finished", tuple(holds), tuple(events))


# -- days -----------------------------------------------------------------------------------------------


def test_a_day_is_a_local_one() -> None:
    late = at("2026-03-10T23:30", UTC)
    days = {zone.key: local(late, zone).date().day for zone in (LONDON, AUCKLAND, LOS_ANGELES)}
    assert days == {"Europe/London": 10, "Pacific/Auckland": 11, "America/Los_Angeles": 10}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], Streak(0, 0)),
        ([0], Streak(1, 1)),
        ([1], Streak(1, 1)),  # today is not over
        ([2], Streak(0, 1)),
        ([0, 1, 2], Streak(3, 3)),
        ([1, 2, 4, 5, 6, 7], Streak(2, 4)),
        ([-1], Streak(0, 1)),  # a clock that was wrong put one into the future
    ],
)
def test_a_streak_lasts_till_a_day_is_left_out(days: list[int], expected: Streak) -> None:
    today = date(2026, 11, 20)
    assert streak({today - timedelta(days=back) for back in days}, today) == expected


@pytest.mark.parametrize("zone", [LONDON, AUCKLAND, LOS_ANGELES], ids=lambda zone: zone.key)
def test_a_streak_goes_on_through_both_changes_of_the_clocks(zone: ZoneInfo) -> None:
    """Each day of a year at 00:15 and at 23:45: those of 23 and 25 hours too, none is missed or doubled."""
    first = date(2026, 1, 1)
    for time in ("00:15", "23:45"):
        year = [session(at(f"{first + timedelta(days=n)}T{time}", zone)) for n in range(365)]
        summary = summarise(year, at("2026-12-31T23:59", zone), zone)
        assert summary.streak == Streak(365, 365)
        assert summarise(year, at("2027-01-01T00:00", zone), zone).streak == Streak(365, 365)
        assert summarise(year, at("2027-01-02T00:00", zone), zone).streak == Streak(0, 365)


def test_a_session_over_midnight_counts_for_the_day_on_which_it_began() -> None:
    summary = summarise([session(at("2026-11-19T23:55", LONDON))], at("2026-11-20T00:10", LONDON), LONDON)
    assert summary.streak == Streak(1, 1)
    assert summarise(summary.sessions, at("2026-11-21T00:10", LONDON), LONDON).streak == Streak(0, 1)


def test_the_hour_that_comes_twice_is_of_one_day() -> None:
    """On 25 October 2026 it is 01:30 twice in London, an hour apart."""
    twice = [at("2026-10-25T00:30"), at("2026-10-25T01:30")]
    assert [f"{local(t, LONDON):%d %H:%M}" for t in twice] == ["25 01:30", "25 01:30"]
    assert summarise([session(t) for t in twice], twice[1], LONDON).streak == Streak(1, 1)


def test_what_was_stopped_before_a_hold_is_no_day() -> None:
    nothing = session(at("2026-11-20T10:00"), bridge="skipped")
    assert summarise([nothing], at("2026-11-20T11:00"), UTC).streak == Streak(0, 0)


# -- weeks ----------------------------------------------------------------------------------------------


def test_weeks_begin_on_monday_in_local_time_and_empty_ones_are_there() -> None:
    sunday_night, monday = at("2026-11-15T23:59", AUCKLAND), at("2026-11-16T00:01", AUCKLAND)
    found = weeks([session(sunday_night, 5), session(monday, 7)], date(2026, 11, 20), AUCKLAND)
    assert [week.monday for week in found] == [date(2026, 9, 28) + timedelta(weeks=n) for n in range(8)]
    assert [(week.sessions, week.minutes) for week in found[-3:]] == [(0, 0), (1, 5), (1, 7)]


# -- what came of it ------------------------------------------------------------------------------------


def test_scores_of_pain() -> None:
    assert pain(session(0.0, scores=(5, 3))) == (5, 3)
    assert pain(session(0.0, scores=(0, None))) == (0, None)


def test_what_came_of_each_exercise() -> None:
    one = session(0.0, bridge="done", cobra="cut_short", squat="skipped")
    assert outcomes(one) == {"bridge": "done", "cobra": "cut short", "squat": "skipped"}


def test_relief_is_counted_only_where_it_was_told_and_something_was_held() -> None:
    sessions = [
        session(0.0, scores=(6, 3), bridge="done", cobra="skipped"),
        session(1.0, scores=(4, 5), bridge="cut_short"),
        session(2.0, scores=(4, None), bridge="done"),
    ]
    bridge, cobra = stretches(sessions)
    assert (bridge.exercise, bridge.done, bridge.cut_short, bridge.skipped) == ("bridge", 2, 1, 0)
    assert (bridge.held, bridge.scored, bridge.eased, bridge.change) == (60.0, 2, 1, -1.0)
    assert (cobra.exercise, cobra.skipped, cobra.scored, cobra.change) == ("cobra", 1, 0, None)
