import numpy as np
import pytest

from companion.asr.spotter import BANDS, FRAME, HOP, WINDOW, Spotter, Watch, log_bands
from tests.asr.speech import noise, say, silence


@pytest.fixture(scope="module")
def watch():
    return Watch(Spotter())


def looked_at(watch, *sounds, block=480):
    watch.begin()
    pcm = np.concatenate(sounds)
    for at in range(0, len(pcm), block):
        watch.feed(pcm[at : at + block])
    return dict(watch.best)


@pytest.mark.parametrize("word", ["stop", "yes", "no"])
def test_a_word_by_itself_is_spotted_and_the_others_are_not(watch, word):
    best = looked_at(watch, silence(0.5), say(word, "en-us", 150), silence(0.4))
    assert best[word] > 0.6
    assert max(best[other] for other in {"stop", "yes", "no"} - {word}) < 0.3


def test_silence_and_noise_are_no_word(watch):
    assert max(looked_at(watch, silence(2)).values()) < 0.3
    assert max(looked_at(watch, noise(2)).values()) < 0.3


def test_what_was_heard_before_is_forgotten_at_the_next_utterance(watch):
    looked_at(watch, silence(0.5), say("stop"), silence(0.4))
    assert max(looked_at(watch, silence(1)).values()) < 0.3


def test_loudness_does_not_matter(watch):
    loud = say("stop")
    quiet = (loud / 8).astype(np.int16)
    assert looked_at(watch, silence(0.5), quiet, silence(0.4))["stop"] > 0.6


def test_blocks_of_any_length_give_the_same(watch):
    sounds = silence(0.5), say("yes"), silence(0.4)
    assert looked_at(watch, *sounds, block=100) == looked_at(watch, *sounds, block=4000)


def test_a_window_has_as_many_frames_as_it_was_trained_with():
    assert log_bands(np.zeros(WINDOW, np.int16)).shape == (BANDS, 1 + (WINDOW - FRAME) // HOP)
