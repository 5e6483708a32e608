import shutil

import pytest

from companion.asr.base import RecogniserError
from companion.asr.choose import VARIABLE, make_recogniser

PHRASES = ("stop", "pause")


@pytest.fixture(autouse=True)
def no_wish(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def models(tiny_model, tmp_path):
    shutil.copytree(tiny_model, tmp_path / "vosk-model-tiny")
    return tmp_path


def test_without_a_model_pocketsphinx_listens_and_says_why(tmp_path):
    recogniser, line = make_recogniser("auto", PHRASES, {}, tmp_path)
    assert recogniser.name == "pocketsphinx"
    assert "no Vosk model" in line and "companion setup" in line


def test_a_model_that_is_here_is_used(models):
    recogniser, line = make_recogniser("auto", PHRASES, {}, models)
    assert recogniser.name == "vosk"
    assert "vosk-model-tiny" in line


def test_a_damaged_model_that_nobody_asked_for_falls_back_with_the_reason(models):
    (models / "vosk-model-tiny" / "am" / "final.mdl").unlink()
    recogniser, line = make_recogniser("auto", PHRASES, {}, models)
    assert recogniser.name == "pocketsphinx"
    assert "am/final.mdl" in line


def test_the_setting_wins_over_the_environment_and_that_over_what_is_here(models, monkeypatch):
    monkeypatch.setenv(VARIABLE, "pocketsphinx")
    assert make_recogniser("auto", PHRASES, {}, models)[0].name == "pocketsphinx"
    assert make_recogniser("vosk", PHRASES, {}, models)[0].name == "vosk"


def test_an_engine_that_was_asked_for_and_cannot_be_had_is_an_error(tmp_path):
    with pytest.raises(RecogniserError, match=r"no Vosk model .*companion setup"):
        make_recogniser("vosk", PHRASES, {}, tmp_path)


def test_a_wish_in_the_environment_that_is_no_engine_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "whisper")
    with pytest.raises(RecogniserError, match="auto, vosk, pocketsphinx"):
        make_recogniser("auto", PHRASES, {}, tmp_path)
