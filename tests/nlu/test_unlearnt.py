"""How much is understood of sentences that nothing has learnt from."""

from pathlib import Path

import pytest
import yaml

from tests.nlu.pack import read

UNLEARNT = yaml.safe_load(Path(__file__).with_name("unlearnt.yaml").read_text("utf-8"))
QUESTIONS = [intent for intent in UNLEARNT if intent.startswith("question/")]
COMMANDS = [intent for intent in UNLEARNT if intent not in (*QUESTIONS, "chatter")]


@pytest.mark.parametrize(
    ("intents", "least"),
    [(COMMANDS, 0.88), (QUESTIONS, 0.88), (["chatter"], 0.8)],
    ids=["commands", "questions", "chatter"],
)
def test_most_are_understood(intents, least):
    meant = [(intent.partition("/")[0], text) for intent in intents for text in UNLEARNT[intent]]
    missed = {text: read(text).intent for intent, text in meant if read(text).intent != intent}
    assert len(missed) <= (1 - least) * len(meant), missed
