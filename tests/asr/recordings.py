"""Sound to measure hearing with: recordings that people made, voices that machines make, rooms and noise."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from companion.asr.base import RATE, Pcm
from companion.audio.room import Convolver
from companion.audio.wav import read_wav

NOISES = {
    "kitchen": "kitchen_sc_doing_the_dishes",
    "music": "music_librosa_Karissa_Hobbs_Lets_Go_Fishin",
    "babble": "babble_constructed_6talker_0",
}
RATIOS = (20, 10, 5)  # decibels of speech over noise
ROOM = "rir/sb_rir1.wav"
BEFORE, AFTER = 1.5, 1.0  # seconds of a room's quiet or noise around what is said
QUIET = 3.0  # root mean square of a quiet room
FLITE = ("slt", "rms", "awb", "kal16")
FESTIVAL = "festival"

Change = Callable[[Pcm], Pcm]  # puts what is said into its surroundings


@dataclass(frozen=True)
class Clip:
    text: str  # what is said, where that is known
    pcm: Pcm


class Recordings:
    """A folder with ``manifest.csv``, ``commands/``, ``chatter/``, ``noise/`` and ``rir/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "manifest.csv").open() as file:
            self._manifest = [(row["path"], row["text"]) for row in csv.DictReader(file)]

    def of(self, prefix: str) -> list[Clip]:
        return [
            Clip(text, read(self.folder / path)) for path, text in self._manifest if path.startswith(prefix)
        ]

    def some(self, prefix: str, seconds: float) -> list[Clip]:
        """As many as last for so long, the same ones every time."""
        clips = self.of(prefix)
        random.Random(0).shuffle(clips)
        total = np.cumsum([len(clip.pcm) / RATE for clip in clips])
        return clips[: int(np.searchsorted(total, seconds)) + 1]

    def conditions(self) -> dict[str, Change]:
        rng = np.random.default_rng(0)
        hiss = np.rint(rng.normal(size=60 * RATE) * QUIET)
        made: dict[str, Change] = {"clean": lambda pcm: within(pcm, hiss, None, rng)}
        for name, file in NOISES.items():
            noise = read(self.folder / "noise" / f"{file}.wav")
            for ratio in RATIOS:
                made[f"{name} {ratio}"] = lambda pcm, noise=noise, ratio=ratio: within(pcm, noise, ratio, rng)
        response = self.response()
        made["room"] = lambda pcm: within(reverberate(pcm, response), hiss, None, rng)
        return made

    def response(self) -> np.ndarray:
        return read(self.folder / ROOM).astype(np.float64)


def within(pcm: Pcm, noise: np.ndarray, ratio: float | None, rng: np.random.Generator) -> Pcm:
    """Said ``BEFORE`` seconds into a piece of the noise, which goes on ``AFTER`` it; so many dB above it."""
    before, length = round(BEFORE * RATE), len(pcm) + round((BEFORE + AFTER) * RATE)
    start = rng.integers(max(1, len(noise) - length))
    bed = np.resize(noise[start:], length).astype(np.float64)
    if ratio is not None:
        bed *= loudness(pcm) / (np.sqrt(np.mean(bed**2)) + 1) * 10 ** (-ratio / 20)
    bed[before : before + len(pcm)] += pcm
    return to_pcm(bed)


def loudness(pcm: Pcm) -> float:
    """Root mean square of the louder half, which holds the speech."""
    squares = np.sort(pcm.astype(np.float64) ** 2)
    return float(np.sqrt(np.mean(squares[len(squares) // 2 :])))


def reverberate(pcm: Pcm, response: np.ndarray) -> Pcm:
    """As heard across a room, as loud as before."""
    padded = np.pad(pcm, (0, len(response))).astype(np.float64)
    wet = Convolver(response, len(padded))(padded)
    return to_pcm(wet / np.abs(wet).max() * np.abs(pcm).max())


def voices() -> Sequence[str]:
    """The synthetic voices that are installed, the talkers of what nobody recorded."""
    flite = FLITE if shutil.which("flite") else ()
    return (*flite, *([FESTIVAL] if shutil.which("text2wave") else []))


@cache
def say(text: str, voice: str) -> Pcm:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        if voice == FESTIVAL:
            subprocess.run(["text2wave", "-o", file], input=text.encode(), check=True)
        else:
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file], check=True)
        return read(file)


def read(path: Path) -> Pcm:
    sound = read_wav(path)
    return (
        sound.pcm if sound.rate == RATE else to_pcm(soxr.resample(sound.pcm.astype(float), sound.rate, RATE))
    )


def to_pcm(wave: np.ndarray) -> Pcm:
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
