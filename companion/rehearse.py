"""A whole session in virtual time: from a script of what is said when, without a sound card or a wait.

The clock jumps from one thing to the next: a line that has been spoken, a hold that is over, something
that the script says. Speaking takes as long as it would aloud (an estimate from the words).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from companion.content.errors import BrokenFileError, ContentError
from companion.content.estimate import speaking_seconds
from companion.content.yaml_file import read_text
from companion.nlu.interpreter import Interpreter
from companion.session.context import context_of
from companion.session.events import Begin, Event, Heard, SpeechEnded, Tick
from companion.session.machine import advance, deadline
from companion.session.state import State
from companion.session.transcript import Entry, entry
from companion.session.world import World

ANSWER_AFTER = 1.0  # seconds that the rehearsed person takes to answer
LONGEST = 6 * 3600.0  # seconds; a session that lasts longer has gone wrong


@dataclass(frozen=True, slots=True)
class Said:
    """The script's person says ``text`` at ``at`` seconds."""

    at: float
    text: str


class Rehearsal:
    """One session in virtual time. ``transcript`` grows as it goes on; ``now`` is its time in seconds."""

    def __init__(self, world: World, interpreter: Interpreter, script: Sequence[Said] = ()) -> None:
        self.world = world
        self.interpreter = interpreter
        self.script = sorted(script, key=lambda said: said.at)
        self.state = State()
        self.now = 0.0
        self.transcript: list[Entry] = []
        self._speech_ends: float | None = None

    def __repr__(self) -> str:
        return f"<Rehearsal at {self.now:.1f} s, {self.state.name}, {len(self.script)} lines to come>"

    def run(self, routine: str) -> Iterator[Entry]:
        """Begin ``routine`` and yield what happens until nothing more can."""
        shown = len(self.transcript)
        self.take(Begin(routine))
        while True:
            yield from self.transcript[shown:]
            shown = len(self.transcript)
            if self.now > LONGEST or not self.step():
                return

    def step(self) -> bool:
        """Let the next thing happen; False where nothing more will."""
        coming = self._next()
        if coming is not None:
            self.now, event = coming
            self.take(event)
        return coming is not None

    def take(self, event: Event) -> None:
        """Let something happen now."""
        before = self.state.utterance
        self.state, effects = advance(self.world, self.state, event, self.now)
        self.transcript += [entry(effect, self.now) for effect in effects]
        line = self.state.speaking
        if line is None:
            self._speech_ends = None
        elif self.state.utterance != before:
            self._speech_ends = self.now + speaking_seconds(line.text, self.state.rate)

    def hear(self, text: str) -> None:
        """Let the person say this now."""
        self.take(self._heard(text))

    def _next(self) -> tuple[float, Event] | None:
        """What happens next, and when."""
        coming: list[tuple[float, Event]] = []
        if self._speech_ends is not None:
            coming.append((self._speech_ends, SpeechEnded(self.state.utterance)))
        if (due := deadline(self.world, self.state)) is not None:
            coming.append((max(due, self.now), Tick()))
        if (answers_at := self._answers_at()) is not None:
            coming.append((answers_at, self._heard(self._answer())))
        first = min(coming, key=lambda c: c[0], default=None)
        if self.script and (first is None or self.script[0].at <= first[0]):
            said = self.script.pop(0)
            return max(said.at, self.now), self._heard(said.text)
        return first

    def _answers_at(self) -> float | None:
        """When a cooperative person answers a question of the plan that the script does not answer."""
        due = self.state.due
        if self.state.name != "asking" or due is None or (self.script and self.script[0].at <= due):
            return None
        return max(self.now, due - self.world.settings.answer_within + ANSWER_AFTER)

    def _answer(self) -> str:
        return self.world.prompts.say(f"rehearsal.{self.world.step(self.state).kind}")

    def _heard(self, text: str) -> Event:
        return Heard(self.interpreter.interpret(text, context=context_of(self.world, self.state)))


# -- scripts --------------------------------------------------------------------------------------------

_LINE = re.compile(r"(?:(?P<minutes>\d+):)?(?P<seconds>\d+(?:\.\d+)?)\s*s?\s*:?\s+(?P<text>\S.*)")


def read_script(file: Path) -> tuple[Said, ...]:
    """A script: a line for each thing said, ``SECONDS WORDS`` or ``M:SS WORDS``.

    Empty lines and those that start with ``#`` are left out. The JSON lines that ``--json`` prints are a
    script, too: what was heard is said again at the same times. Raises ``ContentError``.
    """
    said, problems = [], []
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        try:
            said += _said(stripped)
        except ValueError as error:
            problems.append(
                ContentError(file, number, 1, str(error), "Write “SECONDS WORDS”, as in “12.5 pause”.")
            )
    if problems:
        raise BrokenFileError(problems)
    return tuple(said)


def _said(line: str) -> list[Said]:
    if line.startswith("{"):
        try:
            data = json.loads(line)
            return (
                [Said(float(data["t"]), str(data["text"]))] if data.get("event", "heard") == "heard" else []
            )
        except (json.JSONDecodeError, KeyError, TypeError):
            raise ValueError("this JSON object has no “t” and “text”") from None
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("this line does not start with a time")
    return [Said(60 * float(match["minutes"] or 0) + float(match["seconds"]), match["text"])]
