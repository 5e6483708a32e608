import json

import numpy as np
import pytest

from companion.asr.base import RATE
from companion.asr.pocketsphinx import PocketSphinxRecogniser
from companion.asr.record import BACK, LINES, RecordingRecogniser
from companion.audio.wav import read_wav
from tests.asr.speech import finals, hear, say, silence

WORD = say("stop", "en-us", 150)
QUIET = 3.0  # seconds before it


@pytest.fixture
def notes():
    return []


def recording(folder, notes):
    inner = PocketSphinxRecogniser(("stop", "pause"), {}, dictation=False)
    return RecordingRecogniser(inner, folder, notes.append)


def test_each_utterance_is_a_wav_file_and_a_line(tmp_path, notes):
    folder = tmp_path / "new" / "folder"
    made = recording(folder, notes)
    heard = hear(made, silence(QUIET), WORD, silence(BACK + 5), WORD, silence(1.2))
    assert finals(heard) == ["stop", "stop"]
    lines = [json.loads(line) for line in (folder / LINES).read_text().splitlines()]
    assert [(line["text"], line["final"], line["meant"]) for line in lines] == [("stop", True, "likely")] * 2
    for line in lines:
        sound = read_wav(folder / line["file"])
        assert sound.rate == RATE
        assert sound.seconds < len(WORD) / RATE + 1.2
        match = np.correlate(sound.pcm.astype(float), WORD.astype(float), "valid").max() / np.sum(
            WORD.astype(float) ** 2
        )
        assert match == pytest.approx(1.0, abs=0.01)  # the word is in it, whole
    assert notes == []


def test_where_nothing_can_be_written_it_is_said_once_and_listening_goes_on(tmp_path, notes):
    (tmp_path / "file").write_text("")
    made = recording(tmp_path / "file" / "folder", notes)
    heard = hear(made, silence(1), WORD, silence(2), WORD, silence(1.2))
    assert finals(heard) == ["stop", "stop"]
    (note,) = notes
    assert "cannot be kept" in note
