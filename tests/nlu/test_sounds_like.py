"""Words that recognisers take for one another, and words that they keep apart."""

import pytest

from companion.nlu.sounds_like import normalise, sounds_like


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("sigh attica", "sciatica"),
        ("sigh attic a", "sciatica"),
        ("rude teens", "routines"),
        ("easy ear one", "easier one"),
        ("perry for miss", "piriformis"),
        ("her knee ated", "herniated"),
        ("more thyme", "more time"),
        ("necks", "next"),
        ("paws", "pause"),
        ("swap sighs", "swap sides"),
        ("for", "four"),
        ("week", "weak"),
    ],
)
def test_alike(heard, meant):
    assert sounds_like(heard, meant)
    assert sounds_like(meant, heard)


@pytest.mark.parametrize(
    ("heard", "other"),
    [("next", "stop"), ("numb", "thumb"), ("bladder", "ladder"), ("", "stop")],
)
def test_not_alike(heard, other):
    assert not sounds_like(heard, other)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Stop!", "stop"),
        ("  I can’t   feel\nit ", "i can't feel it"),
        ("'Pause', she said", "pause she said"),
        ("twenty-five", "twenty five"),
        ("café", "cafe"),
        ("停止", ""),
        ("", ""),
    ],
)
def test_normalise(text, plain):
    assert normalise(text) == plain
