import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.content.durations import format_duration, guess_duration, parse_duration


@given(st.integers(min_value=0, max_value=36_000))
def test_a_duration_is_read_as_it_is_written(tenths):
    assert parse_duration(format_duration(tenths / 10)) == tenths / 10


@pytest.mark.parametrize(
    ("written", "seconds"), [("30s", 30), ("2m", 120), ("1m30s", 90), ("90s", 90), ("0s", 0), ("2.5s", 2.5)]
)
def test_what_people_write(written, seconds):
    assert parse_duration(written) == seconds


@pytest.mark.parametrize("written", ["", "30", "s", "m", "1:30", "30 s", "-5s", "1h", "30s30s", "5s1m", "٣s"])
def test_everything_else_is_no_duration(written):
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (30, "30s"),
        (90, "1m30s"),
        ("30", "30s"),
        ("1:30", "1m30s"),
        ("30 s", "30s"),
        ("30 Seconds", "30s"),
        ("2 min", "2m"),
        ("1 minute and 30 seconds", None),
        ("1m 30s", "1m30s"),
        ("half a minute", None),
        (None, None),
        (True, None),
        ([30], None),
        ("", None),
    ],
)
def test_what_was_probably_meant(value, meant):
    assert guess_duration(value) == meant
