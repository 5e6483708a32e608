"""The player on the real PortAudio, heard through the virtual sound card."""

import threading

import numpy as np
import pytest

from companion.audio.output import SoundCardOutput
from companion.audio.player import Player
from companion.content.model import Voice
from companion.tts.base import Sound
from companion.tts.process import SpeechProcess

pytestmark = pytest.mark.sound

CALM = Voice("calm", "pyttsx3", "en-gb", 150, 45, 0.9, 0.2)


class Endings:
    """What ``on_ended`` was told, and by whom."""

    def __init__(self):
        self.told = []
        self.threads = set()
        self._changed = threading.Condition()

    def __call__(self, utterance, completed):
        with self._changed:
            self.told.append((utterance, completed))
            self.threads.add(threading.current_thread().name)
            self._changed.notify_all()

    def wait(self, number, limit=30):
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.told) >= number, limit), self.told
        return self.told


def tone(hertz, seconds, rate=22_050, peak=8000):
    return Sound(
        (peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.int16), rate
    )


def strength(pcm, rate, hertz):
    """Amplitude of one frequency."""
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(pcm)) / rate)
    return 2 * abs(np.dot(pcm, wave)) / len(pcm)


@pytest.fixture
def endings():
    return Endings()


@pytest.fixture
def player(virtual_card, endings):
    with Player(SoundCardOutput("speakers"), endings) as player:
        yield player


def test_a_tone_arrives_whole_and_its_end_is_told(virtual_card, player, endings):
    with virtual_card.record() as tape:
        player.play(7, tone(440, 0.6))
        assert endings.wait(1) == [(7, True)]
        tape.wait_for_quiet()
    (span,) = tape.spans()
    assert span[1] - span[0] == pytest.approx(0.6, abs=0.03)
    part = tape.pcm[round((span[0] + 0.1) * tape.rate) : round((span[1] - 0.1) * tape.rate)]
    assert strength(part, tape.rate, 440) == pytest.approx(8000, rel=0.05)
    assert endings.threads == {"player"}


def test_speech_arrives_as_it_was_rendered(virtual_card, player, endings):
    with SpeechProcess() as speech:
        sound = speech.render("Bend your right knee.", CALM)
    with virtual_card.record(rate=sound.rate) as tape:
        player.play(1, sound)
        pcm = tape.wait_for_quiet().astype(float)
    size = 1 << (len(pcm) + len(sound.pcm)).bit_length()
    line = sound.pcm.astype(float)
    correlation = np.fft.irfft(np.fft.rfft(pcm, size) * np.conj(np.fft.rfft(line, size)), size)
    at = int(correlation.argmax())
    heard = pcm[at : at + len(line)]
    assert correlation[at] / np.linalg.norm(line) / np.linalg.norm(heard) > 0.9
