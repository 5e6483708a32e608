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


LEGS = "i can't feel my big toe"


@pytest.mark.parametrize("text", ["stop", LEGS])
def test_what_is_unlikely_to_be_meant_for_the_companion_is_chatter(listener, text):
    assert listener.hear(text, (text,), HOLDING, meant="unlikely").intent == "chatter"


def test_what_is_possibly_meant_counts_where_two_readings_mean_the_same(listener):
    assert listener.hear("go back", ("back one",), HOLDING, meant="possible").intent == "previous"
    assert listener.hear("go back", ("good black",), HOLDING, meant="possible").intent == "chatter"


def test_where_the_two_best_readings_mean_the_same_no_other_raises_an_alarm(listener):
    assert listener.hear("go back", ("back one", LEGS), HOLDING).intent == "previous"
    assert listener.hear("go back", ("good black", LEGS), HOLDING).intent == "report_symptom"


def test_what_is_possibly_meant_counts_as_a_symptom_or_an_answer_and_not_as_a_command(listener):
    assert listener.hear(LEGS, (), HOLDING, meant="possible").intent == "report_symptom"
    assert listener.hear("go back", (), HOLDING, meant="possible").intent == "chatter"
    assert listener.hear("yes i have", (), Context("checking", "yes_no"), meant="possible").intent == "yes"
