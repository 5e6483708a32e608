"""How well sound is understood: python -m tests.evaluate_audio [FOLDER] [--engine ENGINE] [--quick | --all]

FOLDER (../shared/audio by default) holds recordings that are not part of this repository: ``commands/``
(single words by real speakers, none of whom the spotter was trained on), ``chatter/``, ``noise/`` and
``rir/``, with a ``manifest.csv``. What nobody recorded is spoken by the voices of flite and festival, where
they are installed. Sound goes through exactly what ``companion hear`` and a session use.

Takes about ten minutes; ``--quick`` about four, with few recordings; ``--all`` an hour, with all of them.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from companion.asr.base import RATE, Pcm, Recogniser
from companion.asr.choose import make_recogniser
from companion.audio.room import Room
from companion.config import Settings
from companion.hear import Utterance, hear_samples
from companion.load import load
from companion.nlu.meaning import Tier
from companion.rehearse import Rehearsal
from companion.tts.process import SpeechProcess
from tests.asr.recordings import Clip, Recordings, say, voices
from tests.living_room import LivingRoom

SHARED = Path(__file__).parents[2] / "shared"
WORDINGS = Path(__file__).parent / "nlu" / "symptom_wordings.yaml"
REAL = {"stop": "holding", "yes": "asking", "no": "asking"}  # the state in which the word matters
SYNTHETIC = ("pause", "next", "go back", "resume", "skip")
SENTENCES = 40  # with symptoms that end a session
WORDS = 14  # at most in such a sentence
CHATTER = ("vctk", "coffee", "libri", "misc", "wakewords", "sc_unknown")
ECHOES = (-6, -12)  # dB of the companion's own voice at the microphone
GAP = 0.5  # seconds between two lines of the narration


@dataclass(frozen=True)
class Share:
    """How much is measured."""

    clips: int  # of a word in each condition
    sentences: int  # in each condition but clean, where there are SENTENCES
    seconds: float  # of each kind of chatter, of noise, and of narration


SHARES = {"quick": Share(2, 1, 30), "usual": Share(5, 2, 100), "all": Share(1000, SENTENCES, 100_000)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "audio")
    parser.add_argument("--engine", choices=("auto", "vosk", "pocketsphinx"), default="auto")
    parser.add_argument("--model", type=Path, default=Path("models"), help="folder that holds Vosk models")
    share = parser.add_mutually_exclusive_group()
    for name in ("quick", "all"):
        share.add_argument(f"--{name}", dest="share", action="store_const", const=name, default="usual")
    options = parser.parse_args()
    if not (options.folder / "manifest.csv").is_file():
        print(f"No recordings at {options.folder}: name a folder with manifest.csv, commands/ and chatter/.")
        return
    measure(Recordings(options.folder), SHARES[options.share], options.engine, options.model)


def measure(recordings: Recordings, share: Share, engine: str, models: Path) -> None:
    ears = Ears(engine, models)
    print(ears.which)
    rows = [*words(ears, recordings, share), *sentences(ears, share)]
    print_recall(
        rows, {name: column(ears, rows, name, change) for name, change in recordings.conditions().items()}
    )
    print("\nacted on or asked about, though nobody meant the companion")
    for name in (*(f"chatter/{kind}" for kind in CHATTER), "noise/"):
        print_false(name, *false_commands(ears.anew(), told(recordings.some(name, share.seconds), name)))
    print("\nacted on or asked about in the companion's own voice, come back into the microphone")
    for echo in ECHOES:
        print_false(
            f"narration at {echo} dB", *own_voice(ears.anew(), recordings.response(), echo, share.seconds)
        )


class Ears:
    """The recogniser and the interpreter of a session, without the session."""

    def __init__(self, engine: str, models: Path) -> None:
        self.loaded, _ = load(Settings())
        self.interpreter = self.loaded.interpreter
        phrases = self.interpreter.commands.short_phrases()
        pronunciations = self.loaded.language.data("pronunciations")
        domain = self.loaded.language.file("domain.arpa.gz")
        self._make = lambda: make_recogniser(engine, phrases, pronunciations, models, domain)
        self.recogniser: Recogniser
        self.recogniser, self.which = self._make()

    def anew(self) -> Ears:
        """Forget the room: what was measured before must not matter."""
        self.recogniser.close()
        self.recogniser, _ = self._make()
        return self

    def heard(self, pcm: Pcm, state: str = "holding") -> list[Utterance]:
        """What a session would act on or ask about."""
        found = hear_samples(pcm, self.recogniser, self.interpreter, state)
        return [utterance for utterance in found if utterance["dropped"] is None]


# -- what has to be heard -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    name: str
    clips: Sequence[Clip]
    state: str
    right: Callable[[Utterance], bool]
    few: int  # clips that are enough in a noise


def words(ears: Ears, recordings: Recordings, share: Share) -> Iterator[Row]:
    rng = random.Random(0)
    for word, state in REAL.items():
        clips = [clip for clip in recordings.of(f"commands/{word}/") if clip.text == word]
        clips = rng.sample(clips, min(share.clips, len(clips)))
        yield Row(f"{word}, people", clips, state, means(word), share.clips)
    for phrase in SYNTHETIC:
        state = "paused" if phrase == "resume" else "holding"
        clips = [Clip(phrase, say(phrase, voice)) for voice in voices()]
        yield Row(
            f"{phrase}, voices", clips, state, means(ears.interpreter.interpret(phrase).intent), share.clips
        )


def sentences(ears: Ears, share: Share) -> Iterator[Row]:
    """Sentences that have to end a session, or to be asked about."""
    parts = yaml.safe_load(WORDINGS.read_text()).values()
    told_of = [text for part in parts for text in part["wordings"] if len(text.split()) <= WORDS]
    grave = [t for t in told_of if ears.interpreter.interpret(t).tier in (Tier.EMERGENCY, Tier.URGENT)]
    rng = random.Random(0)
    chosen = rng.sample(grave, SENTENCES)
    for kind in ("flite", "festival"):
        of_kind = [voice for voice in voices() if (voice == "festival") == (kind == "festival")]
        if of_kind:
            clips = [Clip(text, say(text, rng.choice(of_kind))) for text in chosen]
            yield Row(f"red flags, {kind}", clips, "holding", is_report, share.sentences)


def means(intent: str) -> Callable[[Utterance], bool]:
    return lambda utterance: utterance["intent"] == intent


def is_report(utterance: Utterance) -> bool:
    return utterance["intent"] == "report_symptom"


def column(ears: Ears, rows: Sequence[Row], name: str, change: Callable[[Pcm], Pcm]) -> list[tuple[int, int]]:
    """Of each row, how many clips were understood in one condition, of how many. Speakers come mixed."""
    tasks = [
        (number, clip)
        for number, row in enumerate(rows)
        for clip in (row.clips if name == "clean" else row.clips[: row.few])
    ]
    random.Random(0).shuffle(tasks)
    ears.anew()
    counts = [[0, 0] for _ in rows]
    for number, clip in told(tasks, name):
        row = rows[number]
        counts[number][0] += any(
            row.right(utterance) for utterance in ears.heard(change(clip.pcm), row.state)
        )
        counts[number][1] += 1
    return [(right, of) for right, of in counts]


def print_recall(rows: Sequence[Row], table: Mapping[str, Sequence[tuple[int, int]]]) -> None:
    print(f"\n{'understood':<22}{'clips':>6}" + "".join(f"{name:>11}" for name in table))
    for number, row in enumerate(rows):
        counts = [column[number] for column in table.values()]
        print(f"{row.name:<22}{counts[0][1]:>6}" + "".join(f"{right / of:>11.0%}" for right, of in counts))


# -- what must not be ------------------------------------------------------------------------------------


def false_commands(ears: Ears, clips: Iterable[Clip]) -> tuple[list[str], int, float]:
    """What was heard that nobody said, the number of recordings and their seconds."""
    false, number, seconds = [], 0, 0.0
    for clip in clips:
        acted = [u for u in ears.heard(np.pad(clip.pcm, (RATE, RATE))) if not was_said(u["text"], clip.text)]
        false += [f"{u['intent']}: {u['text']!r} in {clip.text[:40]!r}" for u in acted[:1]]
        number += 1
        seconds += len(clip.pcm) / RATE
    return false, number, seconds


def was_said(heard: str, said: str) -> bool:
    """Whether somebody did say these words, so that acting on them is no error."""
    return bool(said) and set(heard.split()) <= set(said.split())


def own_voice(ears: Ears, response: np.ndarray, echo: float, seconds: float) -> tuple[list[str], int, float]:
    """The same of the lines of all routines, played in a room and heard through the echo canceller."""
    voice, false, said = ears.loaded.voice("calm"), [], 0
    room = Room(response, echo_db=echo)
    with SpeechProcess() as process, LivingRoom(room, ears.recogniser, ears.interpreter) as living_room:
        for line in told(narration(ears), f"narration at {echo} dB"):
            sound = process.render(line, voice)
            living_room.play(line, sound)
            done = living_room.pass_time(sound.seconds + GAP, "speaking")
            false += [f"{deed.meaning.intent}: {deed.meaning.text!r} in {line[:40]!r}" for deed in done]
            said += 1
            if room.time > seconds:
                break
    return false, said, room.time


def narration(ears: Ears) -> list[str]:
    """What the companion says in its routines, line by line."""
    world = ears.loaded.world
    spoken = [
        entry["text"]
        for routine in ears.loaded.library.routines
        for entry in Rehearsal(world, ears.interpreter).run(routine)
        if entry["event"] == "speak"
    ]
    return list(dict.fromkeys(spoken))


def print_false(name: str, false: Sequence[str], number: int, seconds: float) -> None:
    rate = len(false) / seconds * 3600
    print(f"{name:<24}{len(false):>4} of {number:>4} {len(false) / number:>6.1%} {rate:>7.1f} an hour"
          f"  {'; '.join(false[:3])}", flush=True)  # fmt: skip


def told(tasks: Sequence[Any], what: str) -> Iterator[Any]:
    """Show how far it is, where somebody watches."""
    for number, task in enumerate(tasks, start=1):
        if sys.stderr.isatty():
            print(f"\r\x1b[K{what}: {number} of {len(tasks)}", end="", file=sys.stderr, flush=True)
        yield task
    print(
        "\r\x1b[K" if sys.stderr.isatty() else f"{what} done",
        end="\n"[sys.stderr.isatty() :],
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
