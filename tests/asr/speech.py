"""Synthetic speech for the tests: eSpeak NG as pip brings it, in a child process, kept for the whole run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from companion.asr.base import RATE, Hypothesis, Pcm, Recogniser

# pyttsx3 loads whatever espeak-ng it finds; the one of the wheel has to be in place before.
RENDER = """
import ctypes, os, sys
import espeakng_loader
os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
library = ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
rate = library.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0)
samples = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
def take(pcm, count, events):
    if pcm:
        samples.append(ctypes.string_at(pcm, 2 * count))
    return 0
library.espeak_SetSynthCallback(take)
library.espeak_SetVoiceByName(sys.argv[1].encode())
library.espeak_SetParameter(1, int(sys.argv[2]), 0)
text = sys.argv[3].encode()
library.espeak_Synth(text, len(text) + 1, 0, 0, 0, 1, None, None)
library.espeak_Synchronize()
import wave
with wave.open(sys.argv[4], "wb") as file:
    file.setnchannels(1); file.setsampwidth(2); file.setframerate(rate)
    file.writeframes(b"".join(samples))
"""


@cache
def say(text: str, voice: str = "en-us", words_a_minute: int = 150) -> Pcm:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = [sys.executable, "-c", RENDER, voice, str(words_a_minute), text, str(path)]
        subprocess.run(command, check=True, timeout=20)
        with wave.open(str(path)) as file:
            rate, pcm = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return np.clip(soxr.resample(pcm.astype(np.float32), rate, RATE), -32768, 32767).astype(np.int16)


def silence(seconds: float) -> Pcm:
    return np.zeros(round(seconds * RATE), np.int16)


def noise(seconds: float, level: float = 300.0) -> Pcm:
    """White noise of the given root mean square, the same every time."""
    return (np.random.default_rng(1).normal(size=round(seconds * RATE)) * level).astype(np.int16)


def hear(recogniser: Recogniser, *sounds: Pcm, block: int = 320) -> list[Hypothesis]:
    """What a recogniser makes of the sounds, one after the other, in blocks as a microphone gives them."""
    pcm = np.concatenate(sounds)
    heard = []
    for at in range(0, len(pcm), block):
        heard += recogniser.accept(pcm[at : at + block])
    return heard + list(recogniser.flush())


def finals(hypotheses: list[Hypothesis]) -> list[str]:
    return [hypothesis.text for hypothesis in hypotheses if hypothesis.final]


def vacuum_cleaner(seconds: float, level: float = 1000.0) -> Pcm:
    """A motor that whirrs (300 Hz and its overtones) in rushing air: steady, and voice to a detector."""
    time = np.arange(round(seconds * RATE)) / RATE
    rush = np.cumsum(np.random.default_rng(2).normal(size=len(time)))
    rush -= np.convolve(rush, np.ones(80) / 80, "same")
    whirr = sum(np.sin(2 * np.pi * 300 * n * time + n) / n for n in range(1, 12))
    sound = rush / rush.std() + 2 * whirr / np.std(whirr)
    return np.rint(sound / sound.std() * level).astype(np.int16)


def music(seconds: float, level: float = 1000.0) -> Pcm:
    """Plucked chords, three a second: never quiet, never steady, and voice to a detector."""
    note = np.arange(round(0.3 * RATE)) / RATE
    roots = (220.0, 262.0, 330.0, 196.0, 247.0, 294.0)
    chords = [
        sum(
            np.sin(2 * np.pi * root * third * n * note) / n
            for third in (1, 1.26, 1.5)
            for n in (1, 2, 3, 4, 5)
        )
        * np.exp(-6 * note)
        for root in roots
    ]
    sound = np.resize(np.concatenate(chords), round(seconds * RATE))
    return np.rint(sound / sound.std() * level).astype(np.int16)


def over(noise: Pcm, word: Pcm, at: float) -> Pcm:
    """The word said ``at`` seconds into the noise, 10 dB above it."""
    spoken = word.astype(np.float64)
    wanted = 10 ** (10 / 20) * np.sqrt(np.mean(noise.astype(np.float64) ** 2))
    spoken *= wanted / np.sqrt(np.mean(np.sort(spoken**2)[len(spoken) // 2 :]))
    mixed = noise.astype(np.float64)
    mixed[round(at * RATE) :][: len(spoken)] += spoken
    return np.clip(np.rint(mixed), -32768, 32767).astype(np.int16)
