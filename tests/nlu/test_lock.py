"""The lock from words on: a sign ends the session, and only a clear request and a yes open it again."""

from functools import cache

import pytest

from companion.nlu.interpreter import Interpreter, make_interpreter
from companion.rehearse import Rehearsal
from companion.session.events import Begin
from tests.nlu.pack import language, library
from tests.session.stage import world


@cache
def understanding() -> Interpreter:
    return make_interpreter(language(), library())


@pytest.fixture
def locked():
    rehearsal = Rehearsal(world(), understanding())
    rehearsal.take(Begin("sciatica-relief"))
    rehearsal.hear("i can't feel anything between my legs")
    while rehearsal.step():
        pass
    assert rehearsal.state.name == "locked"
    return rehearsal


def last_said(rehearsal):
    return [entry["text"] for entry in rehearsal.transcript if entry["event"] == "speak"][-1]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("clear the lock", "yes"),
        ("a doctor has seen me, clear the lock", "yes she has"),
        ("i've seen my gp so you can unlock it", "yes go ahead"),
        ("the hospital gave me the all clear", "yeah that's right"),
    ],
)
def test_the_lock_is_read_back_and_cleared_by_voice(locked, asked, answered):
    locked.hear(asked)
    assert locked.state.name == "clearing"
    assert "between your legs" in last_said(locked)
    locked.hear(answered)
    assert (locked.state.name, locked.state.lock) == ("idle", None)


@pytest.mark.parametrize("answered", ["no", "not yet", "i don't know", "clear the dishes would you love"])
def test_anything_but_a_yes_leaves_it_locked(locked, answered):
    locked.hear("clear the lock")
    locked.hear(answered)
    assert locked.state.lock is not None


@pytest.mark.parametrize("text", ["resume", "start sciatica relief", "i'm fine now", "let's carry on"])
def test_nothing_else_opens_it(locked, text):
    locked.hear(text)
    while locked.step():
        pass
    assert (locked.state.name, locked.state.lock is None) == ("locked", False)
