"""A word said while something sounds on and on: each noise is one that the voice detector calls a voice."""

import numpy as np
import pytest

from companion.asr.base import RATE
from companion.asr.pocketsphinx import PocketSphinxRecogniser
from companion.asr.voice_activity import FRAME, voice_detector
from companion.asr.vosk import VoskRecogniser
from tests.asr.conftest import TINY_MODEL
from tests.asr.speech import finals, hear, music, over, say, vacuum_cleaner

PHRASES = ("stop", "pause", "resume", "next", "go back", "skip", "repeat", "yes", "no", "help", "swap sides")
SAID = 8.0  # seconds into the noise
STOP = say("stop", "en-us", 160)
HEARD = SAID + len(np.trim_zeros(STOP, "b")) / RATE + 0.35  # by when it has to have been


def make_vosk():
    return VoskRecogniser(TINY_MODEL, PHRASES)


def make_pocketsphinx():
    return PocketSphinxRecogniser(PHRASES, {})


def first_stop(recogniser, sound):
    """Seconds of sound after which "stop" was reported."""
    for at in range(0, len(sound), 320):
        if any(hypothesis.text == "stop" for hypothesis in recogniser.accept(sound[at : at + 320])):
            return (at + 320) / RATE
    return None


@pytest.mark.parametrize("noise", [vacuum_cleaner(3), music(3)], ids=["vacuum cleaner", "music"])
def test_the_detector_takes_the_noise_for_a_voice(noise):
    is_voice = voice_detector()
    frames = noise[: len(noise) // FRAME * FRAME].reshape(-1, FRAME)
    assert np.mean([is_voice(frame) for frame in frames]) > 0.8


def test_stop_over_a_vacuum_cleaner():
    assert SAID < first_stop(make_pocketsphinx(), over(vacuum_cleaner(10), STOP, SAID)) < HEARD


@pytest.mark.parametrize("make", [make_pocketsphinx, make_vosk])
def test_stop_over_music_is_reported_while_the_utterance_goes_on(make):
    sound = over(music(10), STOP, SAID)
    assert SAID < first_stop(make(), sound) < HEARD
    assert first_stop(make(), music(10)) is None


def test_a_sentence_over_a_vacuum_cleaner_is_an_utterance_of_its_own():
    sentence = say("i would like to stretch my legs a little today", "en-us", 150)
    heard = hear(make_pocketsphinx(), over(vacuum_cleaner(13), sentence, 6.0))
    (final,) = [h for h in heard if h.start > 5 and h.final]
    assert final.start == pytest.approx(6.0, abs=0.3)
    assert final.end == pytest.approx(6.0 + len(np.trim_zeros(sentence, "b")) / RATE, abs=0.3)
    assert "stop" not in finals(heard)
