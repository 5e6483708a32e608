"""The wake phrase, as a table of what is heard when."""

import pytest

from companion.wake import OPEN, Wake

PHRASE = "Hello, companion"


def verdicts(*utterances, phrase=PHRASE):
    """The verdict on each (seconds, text, whether nothing runs)."""
    wake, found = Wake(phrase), []
    for now, text, nothing_runs in utterances:
        wake, verdict = wake.hear([text], nothing_runs, now)
        found.append(verdict)
    return found


def test_without_a_phrase_the_ears_are_open():
    assert verdicts((0, "start", True), (1, "stop", False), phrase="") == ["pass", "pass"]


def test_between_sessions_nothing_passes_before_the_phrase():
    assert verdicts((0, "start", True), (1, "chest pain", True)) == ["closed", "closed"]


def test_the_phrase_opens_the_ears_for_a_while():
    heard = verdicts((0, "hello companion", True), (OPEN - 0.1, "start", True), (OPEN, "start", True))
    assert heard == ["woken", "pass", "closed"]


def test_said_again_it_opens_them_anew():
    heard = verdicts((0, "hello companion", True), (9, "hello companion", True), (18, "start", True))
    assert heard == ["woken", "woken", "pass"]


@pytest.mark.parametrize("text", ["stop", "i can't feel my legs", "hello companion"])
def test_inside_a_session_no_phrase_is_needed(text):
    assert verdicts((0, text, False)) == ["pass"]


def test_any_reading_may_be_the_phrase():
    assert Wake(PHRASE).hear(["hello come panion", "hello companion"], True, 0.0)[1] == "woken"
