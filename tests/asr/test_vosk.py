import logging
import shutil

import numpy as np
import pytest

from companion.asr.base import RATE, RecogniserError
from companion.asr.vosk import VoskRecogniser
from tests.asr.conftest import TINY_MODEL
from tests.asr.speech import finals, hear, noise, say, silence

PHRASES = ("stop", "pause", "resume", "next", "go back", "skip", "yes", "no", "help", "swap sides")


@pytest.fixture(scope="module")
def recogniser():
    made = VoskRecogniser(TINY_MODEL, PHRASES)
    yield made
    made.close()


def said(recogniser, text):
    return hear(recogniser, silence(0.5), say(text), silence(1.2))


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_is_heard(recogniser, phrase):
    assert finals(said(recogniser, phrase)) == [phrase]


def test_what_is_no_phrase_is_free_text(recogniser):
    assert finals(said(recogniser, "my foot is numb")) == ["my foot is numb"]


@pytest.mark.parametrize("chatter", ["elephant garden", "we bought a little table for the kitchen"])
def test_unknown_words_are_no_phrase(recogniser, chatter):
    assert not set(finals(said(recogniser, chatter))) & set(PHRASES)


def test_two_phrases_in_one_breath_are_none_of_them(recogniser):
    assert not set(finals(said(recogniser, "stop pause"))) & set(PHRASES)


def test_silence_and_noise_give_nothing(recogniser):
    assert hear(recogniser, silence(2), noise(2), silence(1)) == []


def test_a_partial_comes_early_and_the_endpoint_soon_after_the_word(recogniser):
    fed = 0.0
    word = say("pause")
    ends = 0.5 + len(word) / RATE
    sound = np.concatenate([silence(0.5), word, silence(1.2)])
    when = {}
    for at in range(0, len(sound), 320):
        fed += 320 / RATE
        for hypothesis in recogniser.accept(sound[at : at + 320]):
            when[hypothesis.final] = fed
    assert when[False] < when[True] <= ends + 0.3


def test_only_words_that_are_safe_to_fire_wrongly_have_partials(recogniser):
    assert [h.final for h in said(recogniser, "next")] == [True]


def test_flush_ends_the_utterance_under_way(recogniser):
    assert finals(list(recogniser.accept(say("skip")))) == []
    assert finals(list(recogniser.flush())) == ["skip"]
    assert list(recogniser.flush()) == []


def test_a_phrase_outside_the_vocabulary_is_left_out_with_a_warning(tiny_model, caplog):
    with caplog.at_level(logging.WARNING):
        made = VoskRecogniser(tiny_model, ("stop", "piriformis please", "help"))
    assert "does not know piriformis" in caplog.text
    assert finals(said(made, "help")) == ["help"]


def test_no_folder(tmp_path):
    with pytest.raises(RecogniserError, match=r"no Vosk model at .*nowhere: .*companion setup"):
        VoskRecogniser(tmp_path / "nowhere", PHRASES)


@pytest.mark.parametrize("lost", ["am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/HCLr.fst"])
def test_a_model_folder_that_lacks_a_file_names_it(tiny_model, tmp_path, lost):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / lost).unlink()
    with pytest.raises(RecogniserError, match=f"lacks .*{lost}.*companion setup"):
        VoskRecogniser(folder, PHRASES)


@pytest.mark.parametrize("cut", ["am/final.mdl", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst"])
def test_a_model_whose_files_are_cut_short_is_an_error_with_a_remedy(tiny_model, tmp_path, cut):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    path = folder / cut
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RecogniserError, match="companion setup"):
        VoskRecogniser(folder, PHRASES)
