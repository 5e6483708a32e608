"""Names of routines and exercises, matched loosely."""

import pytest

from companion.nlu.names import Calling
from tests.nlu.pack import names

ROUTINES = Calling(
    {"sciatica-relief": ("Sciatica relief", "the main routine"), "wind-down": ("Wind down", "bedtime")}
)


def heard(text, calling=ROUTINES):
    words = text.split()
    return {id_ for end, id_ in calling.read(words, 0) if end == len(words)}


@pytest.mark.parametrize(
    "text", ["sciatica relief", "sciatica", "sigh attica", "sigh attic a", "the main routine", "main"]
)
def test_said_or_sounding_like_it(text):
    assert heard(text) == {"sciatica-relief"}


@pytest.mark.parametrize("text", ["relief", "down", "tea", ""])
def test_words_that_are_no_name(text):
    assert heard(text) == set()


def test_full_names_only():
    assert [id_ for _, id_ in ROUTINES.read_full(["wind", "down"], 0)] == ["wind-down"]
    assert ROUTINES.read_full(["bedtime"], 0) == []


def test_every_exercise_is_known_by_its_name():
    assert heard("perry for miss stretch", names().exercises) == {"piriformis-stretch"}
