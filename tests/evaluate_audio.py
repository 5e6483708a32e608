"""How well sound is understood: python -m tests.evaluate_audio [FOLDER] [--engine ENGINE] [--clips N]

FOLDER (../shared/audio by default) holds recordings that are not part of this repository: ``commands/``
(single words by real speakers, none of whom the spotter was trained on), ``chatter/``, ``noise/`` and
``rir/``, with a ``manifest.csv``. What nobody recorded is spoken by the voices of flite and festival, where
they are installed. Sound goes through the recogniser and the interpreter of an idle session.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from companion.asr.base import RATE, Recogniser
from companion.asr.choose import make_recogniser
from companion.config import Settings
from companion.load import load
from companion.nlu.meaning import Context, Tier

SHARED = Path(__file__).parents[2] / "shared"
REAL = ("stop", "yes", "no")
SYNTHETIC = ("pause", "next", "go back", "resume", "skip")
FLITE = ("slt", "rms", "awb", "kal16")
NOISES = {
    "kitchen": "kitchen_sc_doing_the_dishes",
    "music": "music_librosa_Karissa_Hobbs_Lets_Go_Fishin",
    "babble": "babble_constructed_6talker_0",
}
RATIOS = (20, 10, 5)  # decibels of speech over noise
INERT = ("chatter", "question")  # what the companion does not act on
Sound = np.ndarray  # int16 at RATE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "audio")
    parser.add_argument("--engine", choices=("auto", "vosk", "pocketsphinx"), default="auto")
    parser.add_argument("--model", type=Path, default=Path("models"), help="folder that holds Vosk models")
    parser.add_argument(
        "--clips", type=int, default=15, help="at most so many of each word in each condition"
    )
    options = parser.parse_args()
    if not (options.folder / "manifest.csv").is_file():
        print(
            f"No recordings at {options.folder}: name a folder with a manifest.csv, commands/ and chatter/."
        )
        return
    ears = Ears(options.engine, options.model)
    recordings = Recordings(options.folder)
    conditions = recordings.conditions()
    print(f"\n{'recall of':<22}" + "".join(f"{name:>11}" for name in conditions))
    for row, sounds, right in rows(ears, recordings, options.clips):
        recall = [np.mean([right(ears, change(sound)) for sound in sounds]) for change in conditions.values()]
        print(f"{f'{row} ({len(sounds)})':<22}" + "".join(f"{value:>11.0%}" for value in recall), flush=True)
    report_false(ears, recordings)
    report_cost(ears, recordings)


class Ears:
    """The recogniser and the interpreter of a session, without the session."""

    def __init__(self, engine: str, models: Path) -> None:
        loaded, _ = load(Settings())
        self.interpreter = loaded.interpreter
        phrases = self.interpreter.commands.short_phrases()
        pronunciations = loaded.language.data("pronunciations")
        self.recogniser: Recogniser
        self.recogniser, line = make_recogniser(engine, phrases, pronunciations, models)
        print(line)

    def hear(self, sound: Sound):
        """Every final meaning in the sound, which silence of a room surrounds."""
        quiet = np.random.default_rng(0).normal(size=RATE).astype(np.int16)
        sound = np.concatenate([quiet, sound, quiet, quiet[: RATE // 4]])
        found = []
        for at in range(0, len(sound), 320):
            found += self.recogniser.accept(sound[at : at + 320])
        found += self.recogniser.flush()
        return [self.interpreter.interpret(h.text, h.alternatives, Context()) for h in found if h.final]

    def acted_on(self, sound: Sound):
        return [
            meaning for meaning in self.hear(sound) if meaning.intent not in INERT and not is_nothing(meaning)
        ]


def is_nothing(meaning) -> bool:
    return meaning.intent == "report_symptom" and meaning.tier is Tier.NONE


class Recordings:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with (folder / "manifest.csv").open() as file:
            self.manifest = list(csv.DictReader(file))

    def of(self, prefix: str) -> list[tuple[str, Sound]]:
        """Text and sound of every recording under the prefix."""
        chosen = [row for row in self.manifest if row["path"].startswith(prefix)]
        return [(row["text"], read(self.folder / row["path"])) for row in chosen]

    def conditions(self) -> dict[str, Callable[[Sound], Sound]]:
        made: dict[str, Callable[[Sound], Sound]] = {"clean": lambda sound: sound}
        for name, file in NOISES.items():
            noise = read(self.folder / "noise" / f"{file}.wav")
            for ratio in RATIOS:
                made[f"{name} {ratio}"] = mixer(noise, ratio)
        made["room"] = room(read(self.folder / "rir" / "sb_rir1.wav"))
        return made


def mixer(noise: Sound, ratio: float) -> Callable[[Sound], Sound]:
    def mix(sound: Sound) -> Sound:
        speech, beside = sound.astype(np.float64), np.resize(noise, len(sound)).astype(np.float64)
        loud = np.sqrt(np.mean(np.sort(speech**2)[len(speech) // 2 :]))  # of the half that holds the speech
        beside *= loud / (np.sqrt(np.mean(beside**2)) + 1) * 10 ** (-ratio / 20)
        return to_pcm(speech + beside)

    return mix


def room(response: Sound) -> Callable[[Sound], Sound]:
    def reverberate(sound: Sound) -> Sound:
        size = len(sound) + len(response)
        wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response.astype(np.float64), size), size)
        return to_pcm(wet / np.abs(wet).max() * np.abs(sound).max())

    return reverberate


def rows(ears: Ears, recordings: Recordings, clips: int):
    """Name, sounds and test of every row of the table."""
    rng = random.Random(0)
    for word in REAL:
        sounds = [sound for text, sound in recordings.of(f"commands/{word}/") if text == word]
        yield f"{word}, real people", rng.sample(sounds, min(clips, len(sounds))), means(word)
    if not shutil.which("flite"):
        print("flite is not installed: rows by synthetic voices are left out.")
        return
    for phrase in SYNTHETIC:
        intent = ears.interpreter.interpret(phrase).intent
        yield f"{phrase}, synthetic", [say(phrase, voice) for voice in voices()], means(intent)
    if not (SHARED / "utterances" / "dev.jsonl").is_file():
        return
    with (SHARED / "utterances" / "dev.jsonl").open() as file:
        utterances = [json.loads(line) for line in file]
    flags = [u["text"] for u in utterances if u.get("tier") in ("emergency", "urgent") and not u.get("ask")]
    chosen = rng.sample(flags, min(40, clips * 2, len(flags)))
    yield "red flags, synthetic", [say(text, rng.choice(FLITE[:3])) for text in chosen], is_heeded


def means(intent: str) -> Callable[[Ears, Sound], bool]:
    return lambda ears, sound: any(meaning.intent == intent for meaning in ears.hear(sound))


def is_heeded(ears: Ears, sound: Sound) -> bool:
    """Acted on or asked about."""
    return any(m.intent == "report_symptom" and (m.ask or not is_nothing(m)) for m in ears.hear(sound))


def report_false(ears: Ears, recordings: Recordings) -> None:
    print("\nacted on, though nobody meant the companion (but for command words that were in fact said)")
    for prefix in (
        "chatter/libri",
        "chatter/vctk",
        "chatter/coffee",
        "chatter/misc",
        "chatter/wakewords",
        "chatter/sc_unknown",
        "noise/",
    ):
        false, seconds, examples = 0, 0.0, []
        chosen = recordings.of(prefix)
        for text, sound in chosen:
            acted = [
                m for m in ears.acted_on(sound) if not set(m.text.split()) <= set(text.split()) or not text
            ]
            false += bool(acted)
            seconds += len(sound) / RATE
            examples += [f"{m.text!r} in {text[:40]!r}" for m in acted]
        print(
            f"{prefix:<22}{false:>4} of {len(chosen):>4} recordings {false / len(chosen):>6.1%}"
            f" {false / seconds * 3600:>7.1f} an hour  {'; '.join(examples[:3])}",
            flush=True,
        )


def report_cost(ears: Ears, recordings: Recordings) -> None:
    speech = np.concatenate([sound for _, sound in recordings.of("chatter/vctk")[:15]])
    hiss = np.random.default_rng(0).normal(size=20 * RATE).astype(np.int16)
    print("\nCPU seconds a second")
    for name, sound in (("quiet room", hiss), ("speech", speech)):
        began = time.process_time()
        ears.hear(sound)
        print(f"{name:<22}{(time.process_time() - began) / (len(sound) / RATE):>8.3f}")


def voices() -> list[str]:
    return [*FLITE, *(["festival"] if shutil.which("text2wave") else [])]


@cache
def say(text: str, voice: str) -> Sound:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        if voice == "festival":
            subprocess.run(["text2wave", "-o", file.name], input=text.encode(), check=True)
        else:
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)
        return read(Path(file.name))


def read(path: Path) -> Sound:
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)[::channels]
    return pcm if rate == RATE else to_pcm(soxr.resample(pcm.astype(np.float64), rate, RATE))


def to_pcm(sound: Iterable[float]) -> Sound:
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


if __name__ == "__main__":
    main()
