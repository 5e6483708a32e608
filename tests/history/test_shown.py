"""The history as people and programs get it: lines, a picture, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import stat
import xml.etree.ElementTree as ElementTree

import pytest

from companion.history.chart import EMPTY, in_words
from companion.history.export import COLUMNS, ExportError, as_csv, as_json, summary_json, write_file
from companion.history.journal import Event, Past
from companion.history.picture import HEIGHT, WIDTH, as_svg
from companion.history.progress import summarise
from tests.history.test_progress import LONDON, at, session

NOON = at("2026-07-01T12:00", LONDON)
SESSIONS = (
    session(NOON, 12, (7, 4), bridge="done", cobra="cut_short"),
    session(NOON + 86400, 9, (3, 3), bridge="done"),
    session(NOON + 2 * 86400, 1, squat="skipped"),
)
WORDS = 'it said "ouch", twice;\nthen – nothing, café'
PAST = Past(SESSIONS, (Event(NOON + 3 * 86400, "report", {"tier": "urgent", "flag": "x", "text": WORDS}),))


def shown(*sessions) -> list[str]:
    return list(in_words(summarise(sessions, NOON + 2 * 86400 + 60, LONDON), LONDON))


def test_lines_to_read() -> None:
    lines = shown(*SESSIONS)
    assert "  Wed 01 Jul 2026 12:00  desk break             12 min  ····●──○···   7 → 4   finished" in lines
    assert "  Thu 02 Jul 2026 12:00  desk break              9 min  ···●·······   3 → 3   finished" in lines
    assert "  Fri 03 Jul 2026 12:00  desk break              1 min  ···········   – → –   finished" in lines
    assert "In a row: 2 days; the longest was 2 days." in lines
    assert f"  29 Jun  {'█' * 30} 21 in 2 sessions" in lines
    assert any(
        line.startswith("  bridge") and "eased afterwards 1 of 2 times (-1.5 on" in line for line in lines
    )
    assert sum("in 2 sessions" in line or line.startswith("  2") for line in lines) == 1, "no weeks before"
    assert lines[-1].startswith("That pain eased afterwards does not show")
    assert any(line.split() == ["squat", "skipped", "once"] for line in lines)


def test_nothing_yet_says_what_to_do() -> None:
    assert shown() == [EMPTY]
    assert "companion start" in EMPTY


def test_the_picture_is_sound_and_everything_is_within_it() -> None:
    for sessions in (SESSIONS, (), SESSIONS * 100):
        tree = ElementTree.fromstring(as_svg(sessions, LONDON))
        circles = [each for each in tree.iter() if each.tag.endswith("circle")]
        assert len(circles) == 2 * 2 * len(sessions) / 3, "two of the three told pain twice"
        assert all(0 < float(c.get("cx")) < WIDTH and 0 < float(c.get("cy")) < HEIGHT for c in circles)
        dates = [each.text for each in tree.iter() if each.get("text-anchor") == "middle"]
        assert len(dates) <= 8
    high, low = sorted(float(c.get("cy")) for c in circles)[:: len(circles) - 1]
    assert high < low


def test_csv_reads_back_with_a_row_for_everything() -> None:
    text = as_csv(PAST, LONDON)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:], newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [row["what"] for row in rows[:3]] == ["session begun", "pain before", "pain after"]
    assert [(r["exercise"], r["seconds"], r["remaining"]) for r in rows if r["what"] == "held"] == [
        ("bridge", "20.0", "0.0"),
        ("cobra", "20.0", "10.0"),
        ("bridge", "20.0", "0.0"),
    ]
    assert rows[0]["time"] == "2026-07-01T12:00:00+01:00"
    assert {row["detail"] for row in rows if row["what"] == "session over"} == {"finished"}
    assert (rows[-1]["session"], rows[-1]["what"]) == ("", "report urgent x")
    assert rows[-1]["detail"] == WORDS


def test_json_reads_back() -> None:
    whole = json.loads(as_json(PAST, LONDON))
    first = whole["sessions"][0]
    assert (first["pain_before"], first["pain_after"], first["seconds"]) == (7, 4, 720)
    assert first["exercises"] == {"bridge": "done", "cobra": "cut short"}
    assert first["holds"][1]["remaining"] == 10
    assert first["events"][0]["time"] == "2026-07-01T12:00:00+01:00"
    assert whole["outside"][0]["text"] == WORDS


def test_the_summary_for_programs() -> None:
    line = summary_json(summarise(SESSIONS, NOON + 86400, LONDON), LONDON)
    whole = json.loads(line)
    assert "\n" not in line
    assert [each["pain_after"] for each in whole["sessions"]] == [4, 3, None]
    assert whole["streak"] == {"days": 2, "longest": 2}
    assert whole["weeks"][-1] == {"monday": "2026-06-29", "sessions": 2, "minutes": 21.0}
    assert whole["stretches"][0]["exercise"] == "bridge"


def test_a_file_is_private_and_is_not_replaced_unasked(tmp_path) -> None:
    file = tmp_path / "history.CSV"
    write_file(file, {".csv": lambda: "one"}, force=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ExportError, match="--force"):
        write_file(file, {".csv": lambda: "two"}, force=False)
    assert file.read_text() == "one"
    write_file(file, {".csv": lambda: "two"}, force=True)
    assert file.read_text() == "two"
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(ExportError, match=r"ends in \.csv or \.json"):
        write_file(tmp_path / "history.xls", {".csv": str, ".json": str}, force=True)
