"""What the loudspeaker plays, block by block, whatever the blocks' length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.audio.chimes import CHIMES, chime
from companion.audio.mixer import Mixer, Played

RATE = 1000  # a millisecond a sample


def steady(samples, level=1000):
    return np.full(samples, level, np.int16)


def test_utterances_follow_one_another_without_a_gap_after_the_lead_in():
    mixer = Mixer(RATE, lead_in=0.01)
    mixer.play(1, steady(5, 100))
    mixer.play(2, steady(3, 200))
    assert mixer.take(30).tolist() == [0] * 10 + [100] * 5 + [200] * 3 + [0] * 12
    assert mixer.over() == [Played(1, 0.01, 0.015, True), Played(2, 0.015, 0.018, True)]
    assert mixer.over() == []


def test_the_lead_in_is_only_at_the_start_of_the_stream():
    mixer = Mixer(RATE, lead_in=0.01)
    mixer.take(50)
    mixer.play(1, steady(5))
    assert mixer.take(5).tolist() == [1000] * 5


@given(st.lists(st.integers(1, 40), min_size=1), st.lists(st.integers(0, 50), max_size=6))
def test_the_blocks_lengths_change_nothing(blocks, lengths):
    mixer, whole = Mixer(RATE, 0.007), Mixer(RATE, 0.007)
    for number, length in enumerate(lengths):
        for one in (mixer, whole):
            one.play(number, np.arange(1, length + 1, dtype=np.int16))
    total = sum(blocks)
    assert np.concatenate([mixer.take(block) for block in blocks]).tolist() == whole.take(total).tolist()
    assert mixer.over() == whole.over()
    assert (mixer.playing, mixer.position(0)) == (whole.playing, whole.position(0))


def test_volume_is_a_factor_and_clips():
    mixer = Mixer(RATE)
    mixer.play(1, steady(1, 20_000), 0.5)
    mixer.play(2, steady(1, -20_000), 2.0)
    assert mixer.take(2).tolist() == [10_000, -32_768]


def test_position_and_playing_tell_where_it_is():
    mixer = Mixer(RATE)
    mixer.play(1, steady(10))
    mixer.play(2, steady(10))
    assert (mixer.playing, mixer.position(1)) == (None, 0)
    mixer.take(4)
    assert (mixer.playing, mixer.position(1), mixer.position(2)) == (1, 0.004, 0)
    mixer.take(10)
    assert (mixer.playing, mixer.position(1), mixer.position(2)) == (2, 0, 0.004)
    mixer.take(10)
    assert (mixer.playing, mixer.position(2)) == (None, 0.01)


def test_hush_fades_within_5_ms_and_ends_all_in_order():
    mixer = Mixer(RATE)
    for number in (1, 2, 3):
        mixer.play(number, steady(100))
    mixer.take(20)
    mixer.hush()
    mixer.hush()
    mixer.play(4, steady(2, 7))
    assert mixer.take(10).tolist() == [1000, 750, 500, 250, 0, 7, 7, 0, 0, 0]
    assert [(played.id, played.completed) for played in mixer.over()] == [
        (1, False),
        (2, False),
        (3, False),
        (4, True),
    ]


def test_the_same_id_may_come_again_after_a_hush():
    mixer = Mixer(RATE)
    mixer.play(1, steady(100))
    mixer.hush()
    mixer.play(1, steady(3))
    mixer.take(10)
    assert [played.completed for played in mixer.over()] == [False, True]


def test_hush_with_nothing_to_hush_does_nothing():
    mixer = Mixer(RATE)
    mixer.hush()
    mixer.play(1, steady(3))
    assert mixer.take(3).tolist() == [1000] * 3


@given(st.lists(st.sampled_from(["play", "hush", "take"]), max_size=40))
def test_every_utterance_ends_exactly_once(steps):
    mixer = Mixer(RATE)
    number = 0
    for step in steps:
        if step == "play":
            mixer.play(number, steady(7 * (number % 3)))
            number += 1
        elif step == "hush":
            mixer.hush()
        else:
            mixer.take(5)
    mixer.take(1000)
    assert [played.id for played in mixer.over()] == list(range(number))


@pytest.mark.parametrize("name", CHIMES)
def test_chimes_are_short_and_begin_and_end_softly(name):
    sound = chime(name)
    assert 0.1 <= sound.seconds <= 0.6
    assert abs(sound.pcm.astype(int)).max() < 10_000
    assert abs(np.diff(sound.pcm.astype(int), prepend=0, append=0)).max() < 2500
    assert abs(sound.pcm[-20:].astype(int)).max() < 300
