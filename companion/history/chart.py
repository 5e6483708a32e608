"""The history as lines to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import dropwhile

from companion.history.journal import Session
from companion.history.progress import Stretch, Summary, Week, local, pain

LAST = 10  # sessions that are listed
BAR = 30  # columns of the longest bar
WORST = 10  # the highest pain score
SCALE = "0    5   10"  # above the columns of the scores

EMPTY = "Nothing has been written down yet. Begin with: companion start sciatica-relief"


def in_words(summary: Summary, zone: tzinfo | None = None) -> Iterator[str]:
    """The summary as lines to read."""
    if not summary.sessions:
        yield EMPTY
        return
    yield f"{'Last sessions':<56}{SCALE}   pain: ○ before, ● after"
    yield from (_session(session, zone) for session in summary.sessions[-LAST:])
    yield ""
    longest = f"; the longest was {_count(summary.streak.longest, 'day')}"
    yield f"In a row: {_count(summary.streak.days, 'day')}{longest}."
    if weeks := list(_weeks(summary.weeks)):
        yield from ("", "Minutes a week", *weeks)
    if summary.stretches:
        yield ""
        yield "Stretches"
        yield from map(_stretch, summary.stretches)
    if any(stretch.eased for stretch in summary.stretches):
        yield "That pain eased afterwards does not show that a stretch was the reason."


def _session(session: Session, zone: tzinfo | None) -> str:
    before, after = pain(session)
    columns = (
        f"{local(session.started, zone):%a %d %b %Y %H:%M}",
        f"{plain(session.routine):<20}",
        f"{session.seconds / 60:>3.0f} min",
        _dumbbell(before, after),
        f"{_score(before):>2} → {_score(after):<2}",
        plain(session.how or "left"),
    )
    return "  " + "  ".join(columns)


def plain(name: str) -> str:
    """An id as words."""
    return name.replace("-", " ").replace("_", " ")


def _score(score: int | None) -> str:
    return "–" if score is None else str(score)


def _dumbbell(before: int | None, after: int | None) -> str:
    """Eleven columns for the scores 0 to 10: where pain was, and where it went."""
    columns = ["·"] * (WORST + 1)
    if before is not None and after is not None:
        for score in range(min(before, after), max(before, after)):
            columns[score] = "─"
    if before is not None:
        columns[before] = "○"
    if after is not None:
        columns[after] = "●"
    return "".join(columns)


def _weeks(weeks: Sequence[Week]) -> Iterator[str]:
    """The weeks from the first with a session on, each with a bar."""
    most = max((week.minutes for week in weeks), default=0) or 1
    for week in dropwhile(lambda week: not week.sessions, weeks):
        bar = "█" * round(BAR * week.minutes / most)
        sessions = f" in {_count(week.sessions, 'session')}" if week.sessions else ""
        yield f"  {week.monday:%d %b}  {bar}{' ' if bar else ''}{week.minutes:.0f}{sessions}"


def _stretch(stretch: Stretch) -> str:
    results = (("done", stretch.done), ("cut short", stretch.cut_short), ("skipped", stretch.skipped))
    told = ", ".join(f"{name} {_times(number)}" for name, number in results if number)
    relief = ""
    if stretch.change is not None:
        often = f"{stretch.eased} of {_times(stretch.scored)}"
        relief = f"; pain eased afterwards {often} ({stretch.change:+.1f} on average)"
    return f"  {plain(stretch.exercise):<24} {told}{relief}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
