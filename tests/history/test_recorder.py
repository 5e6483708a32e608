"""Sessions as they are written down: what happened, how far it came, and nothing that was merely heard."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.history.journal import Session, read_journal
from companion.history.progress import outcomes, pain
from companion.history.recorder import KEPT, Recorder
from companion.session.events import Begin, Leave, Record, command
from companion.session.state import State
from tests.session.stage import Stage

OTHERS = ("speak", "cut", "chime", "tune")


class Written(Stage):
    """A session in virtual time that is written down before and after everything that happens."""

    def __init__(self, file: Path, routine: str | None = "desk-break", state: State | None = None) -> None:
        super().__init__(None)
        self.notes: list[str] = []
        self.recorder = Recorder(file, self.notes.append, lambda: 1_000_000.0 + self.now)
        self.state = state or self.state
        if routine:
            self.take(Begin(routine))

    def __enter__(self) -> Written:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.write()
        self.recorder.close()

    def take(self, event) -> None:
        self.write()
        before = len(self.transcript)
        super().take(event)
        for entry in self.transcript[before:]:
            if entry["event"] not in OTHERS:
                facts = {name: value for name, value in entry.items() if name not in ("t", "event")}
                self.recorder.keep(Record(entry["event"], facts), self.state, self.now)
        self.write()

    def write(self) -> None:
        self.recorder.write(self.state, self.now)


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "history" / "journal.sqlite"


def only_session(file: Path) -> Session:
    (session,) = read_journal(file).sessions
    return session


# -- what happened --------------------------------------------------------------------------------------


def test_a_whole_session(file) -> None:
    with Written(file) as stage:
        stage.finish()
    session = only_session(file)
    assert (session.routine, session.how, session.started) == ("desk-break", "finished", 1_000_000.0)
    assert session.seconds == pytest.approx(stage.now, abs=1)
    assert pain(session) == (3, 3)
    begun = [entry for entry in stage.transcript if entry["event"] == "hold" and entry["phase"] == "start"]
    assert [(hold.exercise, hold.side) for hold in session.holds] == [
        (e["exercise"], e["side"]) for e in begun
    ]
    assert [(hold.seconds, hold.remaining) for hold in session.holds] == [(e["seconds"], 0) for e in begun]
    assert set(outcomes(session).values()) == {"done"}
    assert stage.notes == []


def test_what_was_skipped_and_what_was_cut_short(file) -> None:
    with Written(file) as stage:
        stage.until("teaching").say("next")
        stage.until_held(7).say("next")
        stage.until("closing").say("stop")
    session = only_session(file)
    assert list(outcomes(session).values())[:2] == ["skipped", "cut short"]
    assert session.holds[0].seconds == pytest.approx(7)
    assert session.holds[0].remaining > 0
    assert session.how == "stopped"


def test_what_was_reported_and_refused(file) -> None:
    with Written(file) as stage:
        stage.until_held(3).say("caution:sharp_pain", "next")
        stage.until_held(3).say("emergency:bladder", "start", "resume")
    session = only_session(file)
    assert session.how == "emergency: bladder"
    kinds = [(event.kind, event.facts.get("flag")) for event in session.events if event.kind != "exercise"]
    assert ("report", "sharp_pain") in kinds
    assert kinds[-4:] == [
        ("report", "bladder"),
        ("lock", "bladder"),
        ("refused", "bladder"),
        ("refused", "bladder"),
    ]
    words = [event.facts["text"] for event in session.events if event.kind == "report"]
    assert words == ["caution:sharp_pain", "emergency:bladder"]


def test_what_is_refused_in_a_later_run_belongs_to_no_session(file) -> None:
    with Written(file) as stage:
        stage.until_held(3).say("emergency:bladder")
    with Written(file, None, State(name="locked", lock=stage.state.lock)) as later:
        later.take(Begin("desk-break"))
    past = read_journal(file)
    assert [event.kind for event in past.outside] == ["refused"]
    assert len(past.sessions) == 1


def test_what_was_merely_heard_is_not_written_down(file) -> None:
    with Written(file) as stage:
        stage.until_held(3).say("chatter secret=1", "time_left", "stop")
    assert b"secret" not in file.read_bytes()
    assert {event.kind for event in only_session(file).events} <= set(KEPT)


# -- how far it came ------------------------------------------------------------------------------------


def test_a_pause_is_no_exercise(file) -> None:
    with Written(file) as stage:
        stage.until_held(3).say("pause")
        before = stage.now
        stage.let(600)
    assert only_session(file).seconds <= before


def test_a_session_that_was_left_is_gone_on_with_and_a_hold_in_it_too(file) -> None:
    with Written(file) as stage:
        stage.until_held(12).take(Leave())
    with Written(file, None, stage.state) as again:
        again.take(command("resume"))
        again.finish()
    session = only_session(file)
    assert session.how == "finished"
    total = stage.state.clock.total
    assert [hold.seconds for hold in session.holds[:2]] == pytest.approx([12, total - 12])
    assert set(outcomes(session).values()) == {"done"}


def test_a_new_session_leaves_one_that_was_left_as_it_is(file) -> None:
    for _ in range(2):
        with Written(file) as stage:
            stage.until_held(12).take(Leave())
    assert [session.how for session in read_journal(file).sessions] == [None, None]


def test_a_hold_grows_while_it_goes_on(file) -> None:
    with Written(file) as stage:
        stage.until_held(4)
        stage.write()
        assert only_session(file).holds[-1].seconds == pytest.approx(4)
        stage.let(5)
        stage.say("more_time seconds=20")
        stage.let(1)
    hold = only_session(file).holds[-1]
    assert hold.seconds == pytest.approx(10)
    assert hold.remaining == pytest.approx(stage.state.clock.total - 10)


def test_a_journal_that_breaks_is_begun_anew_with_what_happens_then(file) -> None:
    with Written(file) as stage:
        stage.until("teaching")
        stage.recorder.close()  # as the writer does after any error
        file.write_bytes(b"broken " * 10_000)
        stage.until_held(5).say("stop")
    session = only_session(file)
    assert (session.routine, session.how) == ("desk-break", "stopped")
    assert session.holds[0].seconds == pytest.approx(5)
    assert ["damaged" in note for note in stage.notes] == [True]
