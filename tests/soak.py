"""Hours in the simulated living room: python -m tests.soak [HOURS]

Every two minutes of virtual time hold what an evening holds: the companion's own voice, a hold in the noise
of a room, talk that is not meant for it, a command, and a "stop" that must not be lost. Four hours take about
ten minutes of computing. It prints what was lost, what was done that nobody wanted, and how memory grew.
"""

from __future__ import annotations

import random
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from companion.asr.base import RATE, Recogniser
from companion.audio.room import Room
from companion.nlu.interpreter import Interpreter
from companion.tts.base import Sound
from tests.asr.recordings import FLITE, say
from tests.living_room import Deed, LivingRoom

CYCLE = 120.0  # seconds
NOISE_DB = 25.0  # of an ordinary voice over the room's noise
LINES = (
    "Bend your right knee, put that foot outside the left knee, and twist slowly to the right.",
    "Keep your back long, and breathe quietly.",
    "Go only as far as a gentle stretch.",
)
TALK = (
    "the weather is going to be nice tomorrow",
    "we bought a little table for the kitchen",
    "she told me that her brother works in an office across the street",
    "what time does the train leave on sunday morning",
    "open the window before dinner is ready",
)
COMMANDS = {"how long left": "time_left", "pause": "pause", "next": "next", "repeat": "repeat"}
ANSWERED = 2.0  # seconds after its end in which a command counts as heard


@dataclass
class Tally:
    """What came of it."""

    stops: int = 0
    commands: int = 0
    lost_stops: list[str] = field(default_factory=list)  # who said it, and when
    lost_commands: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)  # the process has needed at most, after each cycle


class Evening:
    """One living room, cycle after cycle; the same for the same seed."""

    def __init__(self, recogniser: Recogniser, interpreter: Interpreter, seed: int = 0) -> None:
        self.tally = Tally()
        self._rng = random.Random(seed)
        self._living_room = LivingRoom(
            Room(snr_db=NOISE_DB, seed=seed, record=False), recogniser, interpreter
        )

    def cycle(self) -> None:
        """Two minutes."""
        rng, room = self._rng, self._living_room.room
        ends = room.time + CYCLE
        self._play(rng.choice(LINES))
        self._unwanted(self._living_room.pass_time(rng.uniform(8, 12)))
        self._talk(rng.choice(TALK))
        phrase = rng.choice(list(COMMANDS))
        self.tally.commands += 1
        if not self._command(phrase, COMMANDS[phrase]):
            self.tally.lost_commands.append(f"{phrase} at {room.time:.0f} s")
        if rng.random() < 0.5:
            self._play(rng.choice(LINES))
            self._unwanted(self._living_room.pass_time(rng.uniform(0.5, 1.5)))
        self.tally.stops += 1
        if not self._command("stop", "stop"):
            self.tally.lost_stops.append(f"at {room.time:.0f} s")
        self._living_room.player.hush()
        self._unwanted(self._living_room.pass_time(max(0.0, ends - room.time)))
        self.tally.megabytes.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    def _play(self, line: str) -> None:
        self._living_room.play(line, Sound(say(line, "kal16"), RATE))

    def _talk(self, text: str) -> None:
        pcm = say(text, self._rng.choice(FLITE))
        self._living_room.room.say(Sound(pcm, RATE))
        self._unwanted(self._living_room.pass_time(len(pcm) / RATE + 2.0))

    def _command(self, phrase: str, intent: str) -> bool:
        pcm = np.trim_zeros(say(phrase, self._rng.choice(FLITE)))
        self._living_room.room.say(Sound(pcm, RATE))
        deeds = list(self._living_room.pass_time(len(pcm) / RATE + ANSWERED))
        self._unwanted(deed for deed in deeds if deed.meaning.intent != intent)
        return any(deed.meaning.intent == intent for deed in deeds)

    def _unwanted(self, deeds: Iterator[Deed]) -> None:
        self.tally.unwanted += [
            f"{deed.meaning.intent} {deed.meaning.text!r} at {deed.at:.0f} s" for deed in deeds
        ]


def main() -> None:
    from companion.config import Settings
    from companion.load import load
    from tests.bench_hearing import recogniser

    hours = float(sys.argv[1]) if len(sys.argv) > 1 else 4.0
    loaded, _ = load(Settings())
    evening = Evening(recogniser(loaded), loaded.interpreter)
    tally = evening.tally
    for number in range(1, round(hours * 3600 / CYCLE) + 1):
        evening.cycle()
        if number % 15 == 0:
            print(
                f"{number * CYCLE / 3600:.1f} h: {len(tally.lost_stops)} of {tally.stops} stops and"
                f" {len(tally.lost_commands)} of {tally.commands} commands lost,"
                f" {len(tally.unwanted)} deeds unwanted, {tally.megabytes[-1]:.0f} MB",
                flush=True,
            )
    grown = tally.megabytes[-1] - tally.megabytes[len(tally.megabytes) // 4]
    print(f"memory grew by {grown:.1f} MB after the first quarter")
    for what, found in (
        ("lost stops", tally.lost_stops),
        ("lost commands", tally.lost_commands),
        ("unwanted", tally.unwanted),
    ):
        print(f"{what}: {'; '.join(found[:12]) or 'none'}")


if __name__ == "__main__":
    main()
