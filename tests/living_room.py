"""A living room in virtual time: the companion talks, a person talks, and the ears of a session listen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from companion.asr.base import Recogniser
from companion.audio.echo import EchoGuard
from companion.audio.player import Player
from companion.audio.room import RATE, Room
from companion.hear import STATES, why_dropped
from companion.nlu.interpreter import Interpreter
from companion.nlu.listener import Listener
from companion.nlu.meaning import Context, Meaning
from companion.tts.base import Sound

BLOCK = 0.02  # seconds


@dataclass(frozen=True)
class Deed:
    """Something that a session would act on or ask about, and when."""

    at: float
    meaning: Meaning


class LivingRoom:
    """A context manager. What it hears goes through echo canceller, recogniser and interpreter."""

    def __init__(self, room: Room, recogniser: Recogniser, interpreter: Interpreter) -> None:
        self.room = room
        self._recogniser = recogniser
        self._listener = Listener(interpreter)
        self._guard = EchoGuard(room.speaker.rate)
        self._lines: dict[int, str] = {}
        self.player = Player(room.speaker, lambda *_: None, tap=self._guard.played)

    def __enter__(self) -> LivingRoom:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.player.close()

    def play(self, line: str, sound: Sound) -> None:
        """Let the companion say it, after all that it says already."""
        self._lines[len(self._lines) + 1] = line
        self.player.play(len(self._lines), sound)

    def pass_time(self, seconds: float, state: str = "holding") -> Iterator[Deed]:
        """Let time pass in a state of ``companion hear``."""
        name, question = STATES[state]
        for frames in self.room.advance(seconds):
            for hypothesis in self._recogniser.accept(self._guard.clean(frames)):
                playing = "" if self._guard.echo_gone else self._lines.get(self.player.playing or 0, "")
                meaning = self._listener.hear(
                    hypothesis.text,
                    hypothesis.alternatives,
                    Context(name, question, playing),
                    hypothesis.final,
                    hypothesis.meant,
                )
                if meaning is not None and why_dropped(meaning, name) is None:
                    yield Deed(self.room.time, meaning)

    def silent_since(self) -> float:
        """When the loudspeaker last gave a sound, in seconds of the room's time."""
        loud = np.flatnonzero(np.abs(self.room.played.pcm.astype(np.int32)) > 50)
        return float(loud[-1] + 1) / RATE if len(loud) else 0.0
