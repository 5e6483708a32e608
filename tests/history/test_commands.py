"""The commands about past sessions, as a person types them, and a real session that is killed."""

from __future__ import annotations

import csv
import json
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.history.journal import Event, Hold, Journal, read_journal
from companion.keep import Keeper
from tests.running import companion, environment
from tests.session.stage import to_state

NEWER = "update the companion"
STOP = "stop\nstop\n"  # said again, it cuts the last words short


def journal_of(home: Path) -> Path:
    return home / "data" / "companion" / "history" / "journal.sqlite"


def one_session(home: Path, words: str = "it pinches") -> None:
    with Journal(journal_of(home)) as journal, journal.transaction():
        number = journal.begin("desk-break", 1_700_000_000.0)
        journal.add(number, Event(1_700_000_001.0, "pain", {"when": "before", "score": 6}))
        journal.add(number, Event(1_700_000_002.0, "exercise", {"exercise": "bridge", "phase": "start"}))
        hold = journal.hold(number, Hold(1_700_000_010.0, "bridge", "left", 0.0, 30.0))
        journal.held(hold, 30.0, 0.0)
        journal.add(number, Event(1_700_000_040.0, "exercise", {"exercise": "bridge", "phase": "done"}))
        journal.add(number, Event(1_700_000_050.0, "report", {"tier": "caution", "flag": "x", "text": words}))
        journal.add(number, Event(1_700_000_060.0, "pain", {"when": "after", "score": 4}))
        journal.went_on(number, 600.0)
        journal.end(number, "finished")


# -- a typed session, and looking back on it ------------------------------------------------------------


def test_a_session_can_be_looked_back_on(tmp_path) -> None:
    empty = companion("history", home=tmp_path)
    assert (empty.returncode, empty.stdout.count("Begin with: companion start")) == (0, 1)
    companion("start", "desk-break", "--text", home=tmp_path, stdin=STOP)
    shown = companion("history", home=tmp_path)
    assert shown.returncode == 0
    assert "desk break" in shown.stdout
    assert "stopped" in shown.stdout
    assert stat.S_IMODE(journal_of(tmp_path).stat().st_mode) == 0o600


def test_history_for_programs_and_as_a_picture(tmp_path) -> None:
    one_session(tmp_path)
    picture = tmp_path / "pain.svg"
    done = companion("history", "--json", "--plot", str(picture), home=tmp_path)
    assert json.loads(done.stdout)["sessions"][0]["pain_after"] == 4
    assert "<circle" in picture.read_text()
    again = companion("history", "--plot", str(picture), home=tmp_path)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert companion("history", "--plot", str(picture), "--force", home=tmp_path).returncode == 0


# -- handing it over ------------------------------------------------------------------------------------


def test_export_writes_what_its_name_says_and_replaces_nothing_unasked(tmp_path) -> None:
    one_session(tmp_path)
    table, whole = tmp_path / "history.csv", tmp_path / "history.json"
    for file in (table, whole):
        done = companion("export", str(file), home=tmp_path)
        assert (done.returncode, done.stdout) == (0, f"Wrote {file}.\n")
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["seconds"] for row in rows if row["what"] == "held"] == ["30.0"]
    assert json.loads(whole.read_text("utf-8"))["sessions"][0]["how"] == "finished"
    table.write_text("mine")
    refused = companion("export", str(table), home=tmp_path)
    assert (refused.returncode, table.read_text()) == (2, "mine")
    assert refused.stderr.startswith("companion: ")
    assert companion("export", str(table), "--force", home=tmp_path).returncode == 0
    unknown = companion("export", str(tmp_path / "history.xls"), home=tmp_path)
    assert (unknown.returncode, ".csv or .json" in unknown.stderr) == (2, True)


def test_an_export_that_has_no_folder_to_go_to_says_so(tmp_path) -> None:
    one_session(tmp_path)
    done = companion("export", str(tmp_path / "nowhere" / "history.csv"), home=tmp_path)
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


# -- forgetting -----------------------------------------------------------------------------------------


def test_forget_asks_first_and_leaves_the_lock(tmp_path) -> None:
    said = "i can't feel anything between my legs\nstop\n"
    companion("start", "desk-break", "--text", home=tmp_path, stdin=said)
    one_session(tmp_path, words="a telling word")
    kept = companion("forget", home=tmp_path, stdin="no\n")
    assert (kept.returncode, len(read_journal(journal_of(tmp_path)).sessions)) == (1, 2)
    done = companion("forget", home=tmp_path, stdin="yes\n")
    assert done.returncode == 0
    assert "The lock stays" in done.stdout
    data = tmp_path / "data" / "companion"
    left = {file.name: file.read_bytes() for file in data.rglob("*") if file.is_file()}
    assert {name for name, content in left.items() if b"between my legs" in content} == {"lock.json"}
    assert not any(b"a telling word" in content for content in left.values())
    assert "Begin with" in companion("history", home=tmp_path).stdout


def test_forget_takes_the_place_with_it(tmp_path) -> None:
    stage = to_state("paused")
    keeper = Keeper(tmp_path / "data" / "companion")
    keeper.keep_place(stage.world, stage.state, stage.now)
    assert keeper.place() is not None
    assert companion("forget", "--yes", home=tmp_path).returncode == 0
    assert "no place was kept" in companion("resume", "--text", home=tmp_path, stdin=STOP).stderr


# -- what is wrong with the file ------------------------------------------------------------------------


def test_a_damaged_history_is_told_and_hinders_nothing(tmp_path) -> None:
    one_session(tmp_path)
    journal_of(tmp_path).write_bytes(b"nonsense" * 1000)
    done = companion("start", "desk-break", "--text", home=tmp_path, stdin=STOP)
    assert done.returncode == 0
    assert "The history was damaged; it is kept as" in done.stdout
    assert "stopped" in companion("history", home=tmp_path).stdout


def test_a_newer_history_is_told_and_hinders_nothing(tmp_path) -> None:
    one_session(tmp_path)
    with Journal(journal_of(tmp_path)) as journal:
        journal._database.execute("PRAGMA user_version = 99")
    done = companion("start", "desk-break", "--text", home=tmp_path, stdin=STOP)
    assert (done.returncode, NEWER in done.stdout) == (0, True)
    for command in ("history", "export x.csv"):
        refused = companion(*command.split(), home=tmp_path)
        assert (refused.returncode, NEWER in refused.stderr) == (2, True)
        assert "Traceback" not in refused.stderr


# -- the power goes -------------------------------------------------------------------------------------


class Typed:
    """A companion in a process of its own that is typed to."""

    def __init__(self, *arguments: str, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "companion", *arguments, "--text", "--json"],
            env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def wait_for(self, event: str, **facts: object) -> dict:
        for line in self.process.stdout:
            entry = json.loads(line)
            if entry["event"] == event and facts.items() <= entry.items():
                return entry
        raise AssertionError(f"it ended without {event} {facts}")

    def say(self, text: str) -> None:
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def until(look: Callable[[], bool], limit: float = 30.0) -> None:
    """Look again and again till it is so."""
    patience = threading.Event()
    end = time.monotonic() + limit
    while not look():
        assert time.monotonic() < end, f"not within {limit} s"
        patience.wait(0.02)


def test_a_session_whose_power_went_goes_on_where_it_was(tmp_path) -> None:
    settings = tmp_path / "config" / "companion" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("session:\n  screening: false\n  ask_pain: false\n")
    routine = tmp_path / "mine.yaml"
    routine.write_text("name: Mine\nabout: One hold.\nhold: 60s\nsources: [me]\nsteps: [calf-stretch]\n")
    keeper = Keeper(tmp_path / "data" / "companion")

    def held() -> float:
        place = keeper.place()
        return place.state.clock.held if place and place.state.clocks else 0.0

    first = Typed("start", str(routine), home=tmp_path)
    first.say("next")  # past the greeting
    first.wait_for("state", to="teaching")
    first.say("ready")
    first.wait_for("hold", phase="start")
    until(lambda: held() > 0)
    first.kill()
    seconds = held()
    (session,) = read_journal(journal_of(tmp_path)).sessions
    assert session.how is None
    assert session.holds[0].seconds == pytest.approx(seconds, abs=0.9), "as the place has it, or a beat later"

    other = companion("start", "desk-break", "--text", home=tmp_path, stdin=STOP)
    assert "A session was left 0 minutes ago; “companion resume” goes on there." in other.stdout

    again = Typed("resume", home=tmp_path)
    again.wait_for("state", to="preparing")
    again.say("ready")
    assert again.wait_for("hold", phase="start")["seconds"] == pytest.approx(60 - seconds, abs=0.01)
    again.say("stop")
    until(lambda: keeper.place() is None)
    again.say("stop")
    again.process.communicate()
    session, _ = read_journal(journal_of(tmp_path)).sessions
    assert session.how == "stopped"
    assert len(session.holds) == 2


def test_a_place_in_a_routine_that_was_changed_is_not_gone_on_with(tmp_path) -> None:
    routine = tmp_path / "mine.yaml"
    text = "name: Mine\nabout: One hold.\nhold: 60s\nsources: [me]\nsteps: [calf-stretch]\n"
    routine.write_text(text)
    companion("start", str(routine), "--text", home=tmp_path, stdin="pause\n")
    routine.write_text(text.replace("60s", "20s"))
    done = companion("resume", "--text", home=tmp_path, stdin=STOP)
    assert (done.returncode, "mine.yaml has changed since" in done.stderr) == (2, True)


def test_a_companion_that_waits_goes_on_where_a_session_was_left_when_it_is_told(tmp_path) -> None:
    stage = to_state("paused")
    Keeper(tmp_path / "data" / "companion").keep_place(stage.world, stage.state, stage.now)
    done = companion("--text", home=tmp_path, stdin=f"resume\n{STOP}")
    assert "Going on." in done.stdout
    assert "Stopped." in done.stdout
