"""How much is understood of sentences that nothing has learnt from."""

from pathlib import Path

import pytest
import yaml

from tests.nlu.pack import read

SORTS = ("question", "chatter")  # all else is a command


def sentences(name, sort):
    """The intent and the text of every sentence of one sort in a file."""
    data = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text("utf-8"))
    meant = {label: label.partition("/")[0] for label in data}
    chosen = [label for label in data if (meant[label] if meant[label] in SORTS else "command") == sort]
    return [(meant[label], text) for label in chosen for text in data[label]]


@pytest.mark.parametrize(
    ("name", "sort", "least"),
    [
        ("unlearnt", "command", 0.88),
        ("unlearnt", "question", 0.88),
        ("unlearnt", "chatter", 0.8),
        ("unlearnt_second", "command", 0.8),
        ("unlearnt_second", "question", 0.88),
        ("unlearnt_second", "chatter", 0.95),
    ],
)
def test_most_are_understood(name, sort, least):
    meant = sentences(name, sort)
    missed = {text: read(text).intent for intent, text in meant if read(text).intent != intent}
    assert len(missed) <= (1 - least) * len(meant), f"{len(missed)} of {len(meant)}"
