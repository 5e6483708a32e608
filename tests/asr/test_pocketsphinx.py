import logging

import numpy as np
import pytest

from companion.asr.base import RATE, RecogniserError
from companion.asr.pocketsphinx import PocketSphinxRecogniser
from companion.content.places import bundled
from tests.asr.recordings import say as by_flite
from tests.asr.speech import finals, hear, noise, say, silence

PHRASES = ("stop", "pause", "resume", "next", "go back", "skip", "repeat", "yes", "no", "help", "swap sides")
# The model is of American speakers and hears eSpeak badly: each phrase in a voice in which it is heard. (Some
# voices breathe by chance, en-us+f2 for one, and are heard at times.)
CLEAR = {
    "stop": "en-us",
    "pause": "en-us+m1",
    "resume": "en-us+m1",
    "next": "en-gb",
    "go back": "en-us",
    "repeat": "en-us",
    "yes": "en-us",
    "no": "en-us",
    "swap sides": "en-us",
}
CHATTER = ("the weather is going to be nice tomorrow", "we bought a little table for the kitchen")


@pytest.fixture(scope="module")
def recogniser():
    made = PocketSphinxRecogniser(PHRASES, {"piriformis": "P IH R AH F AO R M IH S"})
    yield made
    made.close()


def said(recogniser, text, voice="en-us"):
    return hear(recogniser, silence(0.6), say(text, voice, 130), silence(1.2))


@pytest.mark.parametrize("phrase", CLEAR)
def test_a_phrase_is_heard(phrase):
    recogniser, voice = PocketSphinxRecogniser(PHRASES, {}), CLEAR[phrase]
    said(recogniser, "good morning, i would like to stretch my legs a little today", voice)  # to adapt to
    assert finals(said(recogniser, phrase, voice)) == [phrase]


@pytest.mark.parametrize("sentence", CHATTER)
def test_a_sentence_is_free_text_with_other_readings_and_no_command(recogniser, sentence):
    (heard,) = said(recogniser, sentence)
    assert len(heard.text.split()) > 3
    assert not {heard.text, *heard.alternatives} & set(PHRASES)
    assert heard.alternatives and heard.text not in heard.alternatives


@pytest.fixture(scope="module")
def with_domain():
    made = PocketSphinxRecogniser(PHRASES, {}, domain=bundled("voices") / "en" / "domain.arpa.gz")
    yield made
    made.close()


def told(recogniser, sentence):
    return hear(recogniser, silence(0.6), by_flite(sentence, "slt"), silence(1.2))


@pytest.mark.parametrize("sentence", ["i can't feel my legs", "my left foot has gone completely numb"])
def test_what_companions_are_told_may_be_meant_for_one_and_is_given_in_many_readings(with_domain, sentence):
    (heard,) = told(with_domain, sentence)
    assert heard.meant == "likely"
    assert len(heard.alternatives) >= 3


@pytest.mark.parametrize("sentence", CHATTER)
def test_what_nobody_says_to_a_companion_is_not_meant_for_it(with_domain, sentence):
    (heard,) = told(with_domain, sentence)
    assert heard.meant == "unlikely"


def test_a_phrase_is_meant_whatever_the_domain_says(with_domain):
    (heard,) = [h for h in said(with_domain, "stop") if h.final]
    assert (heard.text, heard.meant) == ("stop", "likely")


def test_silence_gives_nothing(recogniser):
    assert hear(recogniser, silence(3)) == []


@pytest.mark.parametrize("level", [30, 300, 3000])
def test_noise_is_no_command(recogniser, level):
    assert not set(finals(hear(recogniser, noise(3, level), silence(1)))) & set(PHRASES)


def test_stop_is_reported_before_the_utterance_ends_and_that_ends_soon_after_the_word(recogniser):
    word = say("stop", "en-us", 130)
    sound = np.concatenate([silence(0.6), word, silence(1.2)])
    when = {}
    for at in range(0, len(sound), 320):
        for hypothesis in recogniser.accept(sound[at : at + 320]):
            assert hypothesis.text == "stop"
            when[hypothesis.final] = (at + 320) / RATE
    ends = 0.6 + len(word) / RATE
    assert when[False] < when[True] <= ends + 0.3


def test_only_words_that_are_safe_to_fire_wrongly_have_partials(recogniser):
    assert [h.final for h in said(recogniser, "yes")] == [True]


def test_flush_ends_the_utterance_under_way(recogniser):
    list(recogniser.accept(np.concatenate([silence(0.6), say("stop", "en-us", 130)[: -RATE // 10]])))
    assert finals(list(recogniser.flush())) == ["stop"]
    assert list(recogniser.flush()) == []


def test_an_unknown_word_leaves_its_phrase_out_and_a_known_pronunciation_takes_it_in(caplog):
    phrases = ("stop", "piriformis stretch", "frobnicate now")
    with caplog.at_level(logging.WARNING):
        made = PocketSphinxRecogniser(phrases, {"piriformis": ["P IH R AH F AO R M IH S"]}, dictation=False)
    assert "no pronunciation for frobnicate" in caplog.text
    assert "piriformis" not in caplog.text
    assert finals(said(made, "piriformis stretch")) == ["piriformis stretch"]


def test_a_pronunciation_that_is_no_arpabet_is_left_out_with_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        PocketSphinxRecogniser(("stop", "glute"), {"glute": "G L OOT"}, dictation=False)
    assert "'G L OOT' is no ARPAbet" in caplog.text


def test_nothing_to_listen_for_is_an_error():
    with pytest.raises(RecogniserError, match="no phrase"):
        PocketSphinxRecogniser((), {})
