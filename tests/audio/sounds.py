"""Sounds to play and ways to recognise them."""

import threading

import numpy as np

from companion.tts.base import Sound


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


def found_in(recording, sound):
    """How well the sound is found at its best place in the recording: 1 for exactly, at any volume."""
    recording, sound = recording.astype(float), sound.astype(float)
    size = 1 << (len(recording) + len(sound)).bit_length()
    match = np.fft.irfft(np.fft.rfft(recording, size) * np.conj(np.fft.rfft(sound, size)), size)
    at = int(match[: len(recording)].argmax())
    heard = recording[at : at + len(sound)]
    return match[at] / np.linalg.norm(sound) / np.linalg.norm(heard)
