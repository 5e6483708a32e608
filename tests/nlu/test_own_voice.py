"""The companion's own words, come back through the microphone."""

import pytest

from companion.nlu.meaning import Context
from tests.nlu.pack import interpreter

PLAYING = Context(playing="Right side. Hold the stretch for thirty seconds. Say pause at any time.")


@pytest.mark.parametrize(
    "heard", ["hold the stretch", "right side", "say paws at any thyme", "um the stretch"]
)
def test_what_is_being_said_is_no_command(heard):
    meaning = interpreter().interpret(heard, context=PLAYING)
    assert meaning.intent == "chatter"
    assert [e.kind for e in meaning.evidence] == ["own voice"]


@pytest.mark.parametrize(
    ("heard", "intent"),
    [("stop", "stop"), ("hold the stretch stop", "stop"), ("next", "next"), ("thirty seconds stop", "stop")],
)
def test_what_is_not_being_said_is_heard(heard, intent):
    assert interpreter().interpret(heard, context=PLAYING).intent == intent
