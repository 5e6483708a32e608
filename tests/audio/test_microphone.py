"""The microphone on the real PortAudio, fed by the virtual sound card; and a file in its place."""

import threading

import numpy as np
import pytest
import soxr

from companion.audio.microphone import BLOCK, RATE, FileMicrophone, Microphone, Reblock
from companion.audio.wav import WavError, write_wav
from companion.tts.base import Sound
from tests.audio.sounds import found_in, tone
from tests.virtual_card import spoken


class Ear:
    """Keeps what it hears."""

    def __init__(self):
        self.blocks = []
        self._heard = threading.Condition()
        self.ended = threading.Event()

    def __call__(self, block):
        with self._heard:
            self.blocks.append(block)
            self._heard.notify_all()

    @property
    def pcm(self):
        return np.concatenate([np.zeros(0, np.int16), *self.blocks])

    def wait(self, blocks, limit=30):
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.blocks) >= blocks, limit)


@pytest.mark.sound
def test_what_is_said_is_heard(virtual_card):
    sound = spoken("Please pause now.")
    ear = Ear()
    with Microphone("mic", ear) as microphone:
        ear.wait(1)
        virtual_card.say(sound)
        ear.wait(len(ear.blocks) + 25)
        assert (microphone.rate, microphone.channels) == (RATE, 1)
    assert {block.shape for block in ear.blocks} == {(BLOCK,)}
    assert ear.blocks[0].dtype == np.int16
    assert found_in(ear.pcm, soxr.resample(sound.pcm, sound.rate, RATE)) > 0.9


@pytest.mark.sound
def test_a_listener_that_never_returns_loses_sound_but_blocks_nothing(virtual_card, monkeypatch):
    monkeypatch.setattr("companion.audio.microphone.BACKLOG", 3)
    busy, done = threading.Event(), threading.Event()
    lost = threading.Event()

    def listen(block):
        busy.set()
        done.wait(30)

    with Microphone("mic", listen) as microphone:
        assert busy.wait(30)
        while not microphone.overruns:
            lost.wait(0.02)
        done.set()
    assert "overruns" in repr(microphone)


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_and_channels_become_blocks_at_16_khz(rate, channels):
    sound = tone(440, 2.0, rate)
    samples = np.repeat(sound.pcm[:, None], channels, axis=1)
    reblock = Reblock(rate)
    blocks = [block for part in np.array_split(samples, 37) for block in reblock(part)]
    assert {block.shape for block in blocks} == {(BLOCK,)}
    assert len(blocks) * BLOCK / RATE == pytest.approx(2.0, abs=0.1)
    assert found_in(np.concatenate(blocks), tone(440, 1.0, RATE).pcm) > 0.99


@pytest.mark.parametrize("paced", [True, False])
@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_a_file_is_heard_to_its_end(tmp_path, paced, rate):
    write_wav(tmp_path / "said.wav", tone(440, 0.33, rate))
    ear = Ear()
    with FileMicrophone(tmp_path / "said.wav", ear, on_end=ear.ended.set, paced=paced):
        assert ear.ended.wait(30)
    assert len(ear.blocks) == 17
    assert found_in(ear.pcm, tone(440, 0.3, RATE).pcm) > 0.99


def test_a_file_can_be_left_in_the_middle(tmp_path):
    write_wav(tmp_path / "long.wav", Sound(np.zeros(RATE * 600, np.int16), RATE))
    ear = Ear()
    with FileMicrophone(tmp_path / "long.wav", ear, on_end=ear.ended.set):
        ear.wait(2)
    assert not ear.ended.is_set()


def test_a_file_that_is_no_sound_is_a_clear_error(tmp_path):
    with pytest.raises(WavError, match=r"missing\.wav: No such file"):
        FileMicrophone(tmp_path / "missing.wav", Ear())
