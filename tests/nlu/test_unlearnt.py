"""How much is understood of sentences that nothing has learnt from."""

from pathlib import Path

import pytest
import yaml

from tests.evaluate import KEPT, ROWS, evaluate
from tests.evaluate import read as labels
from tests.nlu.pack import read
from tests.sentences import sentences as learnt

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


@pytest.mark.parametrize("file", KEPT, ids=lambda file: file.stem)
def test_the_bars_are_met_on_utterances_that_nothing_has_learnt_from(file):
    cases = evaluate(labels(file))
    missed = {}
    for row in ROWS:
        passed, among = row.share(cases)
        if not (row.least or 0) <= 100 * passed / among <= (100 if row.most is None else row.most):
            missed[row.name] = f"{passed} of {among}"
    # One in each set is missed, a slip of a recogniser in the first: no more may be.
    assert missed in ({}, {"  fell to none or to chatter": "1 of 194"}), missed


def test_nothing_has_learnt_from_them():
    kept = {label["text"] for file in KEPT for label in labels(file) if len(label["text"].split()) > 2}
    assert kept.isdisjoint(text for pairs in learnt().values() for text, _ in pairs)
