"""What is acted on early, once, or not at all."""

import pytest

from companion.nlu.listener import Listener
from companion.nlu.meaning import Context
from tests.nlu.pack import interpreter

HOLDING = Context("holding")


@pytest.fixture
def listener():
    return Listener(interpreter())


def test_a_partial_acts_only_where_that_is_safe(listener):
    assert listener.hear("next", (), HOLDING, final=False) is None
    assert listener.hear("next", (), HOLDING).intent == "next"


def test_what_a_partial_has_done_is_not_done_again(listener):
    assert listener.hear("stop", (), HOLDING, final=False).intent == "stop"
    assert listener.hear("stop", (), HOLDING) is None
    assert listener.hear("stop", (), HOLDING).intent == "stop"


@pytest.mark.parametrize("text", ["stop", "i can't feel my legs"])
def test_what_is_not_meant_for_the_companion_is_chatter(listener, text):
    assert listener.hear(text, (text,), HOLDING, meant=False).intent == "chatter"
