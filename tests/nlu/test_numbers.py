"""Numbers in words: the longest reading from the first word on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.nlu.numbers import TENS, UNITS, durations, number, scores


def longest(reader, text):
    return max(reader(text.split(), 0), default=(0, None))[1]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("twenty seconds", 20),
        ("twenty five more seconds", 25),
        ("half a minute", 30),
        ("a minute", 60),
        ("a minute and a half", 90),
        ("two minutes and a half", 150),
        ("one minute thirty", 90),
        ("a minute and twenty seconds", 80),
        ("a couple of minutes", 120),
        ("a couple more minutes", 120),
        ("another minute", 60),
        ("30 secs", 30),
        ("fifteen", 15),
        ("a few seconds", None),
        ("seconds", None),
    ],
)
def test_durations(text, seconds):
    assert longest(durations, text) == seconds


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("zero", 0),
        ("nought", 0),
        ("ten", 10),
        ("7", 7),
        ("six or seven", 7),
        ("three to four", 4),
        ("five maybe six", 6),
        ("six and a half", 7),
        ("ten and a half", 10),
        ("eleven", None),
        ("twenty", None),
        ("lots", None),
    ],
)
def test_scores(text, score):
    assert longest(scores, text) == score


@given(st.integers(0, 99))
def test_every_number_below_a_hundred_is_read_from_its_words(value):
    units = {v: w for w, v in UNITS.items() if w not in ("nought", "nil")}
    tens = {v: w for w, v in TENS.items()}
    words = (
        [units[value]]
        if value in units
        else [tens[value - value % 10], *([units[value % 10]] if value % 10 else [])]
    )
    assert number(words, 0) == (len(words), value)
    assert number([str(value)], 0) == (1, value)
