"""The whole history as CSV or JSON, such as a physiotherapist may want."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import Any

from companion.history.journal import Event, Hold, Past, Session
from companion.history.progress import Summary, local, outcomes, pain

COLUMNS = (
    "session",  # its number; empty outside of sessions
    "time",  # local, ISO 8601
    "routine",
    "what",
    "exercise",
    "side",
    "seconds",  # held; on a session's last row, how long it went on without pauses
    "remaining",  # seconds of the hold that were not held
    "score",  # pain from 0 to 10
    "detail",  # the person's words, how the session ended, or what was refused
)


class ExportError(Exception):
    """The file cannot be written; the message says what to do."""


def write_file(file: Path, formats: Mapping[str, Callable[[], str]], force: bool) -> None:
    """Write ``file`` in the one of ``formats`` that its name ends in, readable by its owner alone.

    Raises ``ExportError`` for another ending, and where there is such a file already, unless ``force``.
    """
    text = formats.get(file.suffix.lower())
    if text is None:
        raise ExportError(f"{file}: name a file that ends in {' or '.join(formats)}")
    if file.exists() and not force:
        raise ExportError(f"{file} is there already; name another file, or add --force to replace it")
    beside = file.with_name(file.name + ".new")
    private = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "w", encoding="utf-8", newline="") as stream:
        stream.write(text())
    beside.replace(file)


# -- CSV ------------------------------------------------------------------------------------------------


def as_csv(past: Past, zone: tzinfo | None = None) -> str:
    """A row for everything that happened, under ``COLUMNS``. Its first mark tells Excel that it is UTF-8."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    for session in past.sessions:
        writer.writerows(_rows(session, zone))
    writer.writerows(_event_row(event, zone) for event in past.outside)
    return "\ufeff" + text.getvalue()


def _rows(session: Session, zone: tzinfo | None) -> Iterator[dict[str, Any]]:
    same = {"session": session.id, "routine": session.routine}
    happened: list[Event | Hold] = sorted((*session.events, *session.holds), key=lambda each: each.at)
    last = happened[-1].at if happened else session.started
    yield same | {"time": _iso(session.started, zone), "what": "session begun"}
    for each in happened:
        yield same | (_hold_row(each, zone) if isinstance(each, Hold) else _event_row(each, zone))
    yield same | {
        "time": _iso(last, zone),
        "what": "session over",
        "seconds": round(session.seconds),
        "detail": session.how or "left",
    }


def _hold_row(hold: Hold, zone: tzinfo | None) -> dict[str, Any]:
    return {
        "time": _iso(hold.at, zone),
        "what": "held",
        "exercise": hold.exercise,
        "side": hold.side,
        "seconds": hold.seconds,
        "remaining": hold.remaining,
    }


def _event_row(event: Event, zone: tzinfo | None) -> dict[str, Any]:
    facts = event.facts
    kind = " ".join(str(facts[key]) for key in ("when", "phase", "tier", "flag") if facts.get(key))
    return {
        "time": _iso(event.at, zone),
        "what": f"{event.kind} {kind}".strip(),
        "exercise": facts.get("exercise"),
        "score": facts.get("score"),
        "detail": facts.get("text") or facts.get("intent"),
    }


def _iso(at: float, zone: tzinfo | None) -> str:
    return local(at, zone).isoformat(timespec="seconds")


# -- JSON -----------------------------------------------------------------------------------------------


def as_json(past: Past, zone: tzinfo | None = None) -> str:
    """All sessions with their holds and events, and what happened outside of them."""
    whole = {
        "sessions": [
            session_json(session, zone)
            | {
                "holds": [_moment(hold.at, asdict(hold), zone) for hold in session.holds],
                "events": [_moment(event.at, _event_json(event), zone) for event in session.events],
            }
            for session in past.sessions
        ],
        "outside": [_moment(event.at, _event_json(event), zone) for event in past.outside],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def session_json(session: Session, zone: tzinfo | None = None) -> dict[str, Any]:
    """One session in short."""
    before, after = pain(session)
    return {
        "session": session.id,
        "routine": session.routine,
        "started": _iso(session.started, zone),
        "seconds": round(session.seconds, 1),
        "how": session.how or "left",
        "pain_before": before,
        "pain_after": after,
        "exercises": outcomes(session),
    }


def summary_json(summary: Summary, zone: tzinfo | None = None) -> str:
    """What ``companion history`` shows, on one line."""
    whole = {
        "sessions": [session_json(session, zone) for session in summary.sessions],
        "streak": asdict(summary.streak),
        "weeks": [asdict(week) | {"monday": week.monday.isoformat()} for week in summary.weeks],
        "stretches": [asdict(stretch) for stretch in summary.stretches],
    }
    return json.dumps(whole, ensure_ascii=False)


def _event_json(event: Event) -> dict[str, Any]:
    return {"what": event.kind, **event.facts}


def _moment(at: float, facts: dict[str, Any], zone: tzinfo | None) -> dict[str, Any]:
    return {"time": _iso(at, zone)} | {name: value for name, value in facts.items() if name != "at"}
