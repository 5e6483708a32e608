"""Synthetic speech to learn from: many voices, spoilt as rooms and microphones spoil it."""

from __future__ import annotations

import random
import subprocess
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import kaldi_native_fbank
import numpy as np
from lexicon import COMMANDS, UNKNOWN_WORDS, WORDS, Pronunciation, pronunciations
from scipy.signal import lfilter, resample_poly

RATE = 16_000
CEPSTRA = 40
VARIANTS = """
+m1 +m2 +m3 +m4 +m6 +m7 +m8 +f1 +f2 +f3 +f5 +klatt +klatt2 +klatt3 +Gene +Denis +Michael +belinda +aunty
+iven +Jacky +Lee +paul +quincy +robert +sandro +shelby +victor +zac +anika +pablo +Mario +max +marcelo
+caleb +david +ed +edward +john +steph2
""".split()  # noqa: SIM905
FLITE = ("slt", "rms", "kal", "awb")


@dataclass(frozen=True)
class Utterance:
    words: list[str]
    ways: list[list[Pronunciation]]  # for each word
    pcm: np.ndarray  # int16 at RATE


@dataclass(frozen=True)
class Example:
    """Features of one spoilt copy; speech lies between the samples ``start`` and ``end``."""

    utterance: int  # number of the utterance, -1 for a sound without speech
    features: np.ndarray  # (frames, CEPSTRA), float16
    start: int
    end: int


def speak(rng: random.Random) -> Utterance:
    """A random text by a random voice."""
    words = text(rng)
    kind = rng.random()
    british = 0.6 <= kind < 0.7
    if kind < 0.7:
        voice = ("en-gb" if british else "en-us") + rng.choice([*VARIANTS, *[""] * 13])
        settings = ["-v", voice, "-s", str(rng.randint(110, 210)), "-p", str(rng.randint(20, 80))]
        pcm = run(["espeak-ng", *settings, "-w", "OUT", " ".join(words)])
    else:
        settings = ["-voice", rng.choice(FLITE), "--setf", f"duration_stretch={rng.uniform(0.8, 1.35):.2f}"]
        if rng.random() < 1 / 3:
            settings += ["--setf", f"int_f0_target_mean={rng.randint(90, 200)}"]
        spoken = " ".join("I" if word == "i" else word for word in words)  # flite spells "i" out
        pcm = run(["flite", *settings, "-t", spoken, "-o", "OUT"])
    return Utterance(words, [pronunciations(word, british=british) for word in words], pcm)


def text(rng: random.Random) -> list[str]:
    """Commands, other sequences of known words, and mostly unknown words."""
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(COMMANDS).split()
    if kind < 0.75:
        return [rng.choice(WORDS) for _ in range(rng.randint(1, 4))]
    pools = (UNKNOWN_WORDS,) * 4 + (WORDS,)
    return [rng.choice(rng.choice(pools)) for _ in range(rng.randint(1, 3))]


def run(command: list[str]) -> np.ndarray:
    """The sound that a synthesiser writes in place of OUT."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run([file.name if part == "OUT" else part for part in command], check=True)
        with wave.open(str(Path(file.name))) as sound:
            rate, pcm = sound.getframerate(), np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    return np.clip(resample_poly(pcm.astype(np.float32), RATE, rate), -32768, 32767).astype(np.int16)


def cepstra(samples: np.ndarray) -> np.ndarray:
    """Kaldi's MFCCs, exactly as ``conf/mfcc.conf`` has Vosk compute them, shape (frames, CEPSTRA)."""
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.dither, options.frame_opts.samp_freq = 0, RATE
    options.mel_opts.num_bins = options.num_ceps = CEPSTRA
    options.mel_opts.low_freq, options.mel_opts.high_freq, options.use_energy = 20, -400, False
    mfcc = kaldi_native_fbank.OnlineMfcc(options)
    mfcc.accept_waveform(RATE, samples.astype(np.float32))
    mfcc.input_finished()
    return np.stack([mfcc.get_frame(i) for i in range(mfcc.num_frames_ready)]).astype(np.float16)


def spoilt(number: int, pcm: np.ndarray, rng: np.random.Generator) -> Example:
    """A copy at another height, colour and level, with silence around it and noise over it."""
    x = pcm.astype(np.float32)
    loud = np.nonzero(np.abs(x) > 80)[0]
    if len(loud) and rng.random() < 0.5:
        x = x[max(0, loud[0] - 400) : loud[-1] + 400]
    if rng.random() < 0.7:  # pitch, formants and pace together: stands in for other speakers
        speed = rng.uniform(0.87, 1.15)
        x = np.interp(np.arange(int(len(x) / speed)) * speed, np.arange(len(x)), x).astype(np.float32)
    if rng.random() < 0.5:
        x = lfilter([1, -rng.uniform(-0.5, 0.6)], [1], x).astype(np.float32)
    before, after = (rng.uniform((0.05, 0.1), (0.7, 0.9)) * RATE).astype(int)
    level = rng.uniform(2000, 26000) / max(1.0, np.abs(x).max())
    noise = coloured_noise(before + len(x) + after, rng)
    kind = rng.random()
    if kind < 0.7:
        noise *= level * np.sqrt(np.mean(x**2)) * 10 ** (-rng.uniform(8, 45) / 20)
    else:
        noise *= rng.uniform(0.3, 3) if kind < 0.85 else 0
    mixed = np.pad(x * level, (before, after)) + noise
    return Example(number, cepstra(np.clip(np.round(mixed), -32768, 32767)), before, before + len(x))


def without_speech(rng: np.random.Generator) -> Example:
    noise = coloured_noise(int(rng.uniform(0.6, 2.0) * RATE), rng)
    level = 0 if rng.random() < 0.17 else 10 ** rng.uniform(-0.5, 3.3)
    return Example(-1, cepstra(np.round(noise * level)), 0, 0)


def coloured_noise(length: int, rng: np.random.Generator) -> np.ndarray:
    """White to brown, root mean square 1."""
    noise = lfilter([1], [1, -rng.choice([0, rng.uniform(0.5, 0.98)])], rng.normal(size=length))
    return (noise / noise.std()).astype(np.float32)
