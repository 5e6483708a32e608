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
from companion.content.yaml_file import read_text
from companion.nlu.interpreter import Interpreter
from companion.session.context import context_of
from companion.session.events import Begin, Event, Heard, Speak, SpeechEnded, Tick
from companion.session.machine import advance, deadline
from companion.session.progress import speaking_seconds
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
    """One session in virtual time. ``run`` yields the transcript's entries in order."""

    def __init__(self, world: World, interpreter: Interpreter, script: Sequence[Said] = ()) -> None:
        self.world = world
        self.interpreter = interpreter
        self.script = sorted(script, key=lambda said: said.at)
        self.state = State()
        self.now = 0.0
        self._speech_ends: tuple[float, int] | None = None

    def __repr__(self) -> str:
        return f"<Rehearsal at {self.now:.1f} s, {self.state.name}, {len(self.script)} lines to come>"

    def run(self, routine: str, state: State | None = None) -> Iterator[Entry]:
        """Begin ``routine`` and go on until nothing more can happen."""
        if state is not None:
            self.state = state
        yield from self._take(Begin(routine))
        while (coming := self._next()) is not None and self.now < LONGEST:
            self.now, event = coming
            yield from self._take(event)

    def _next(self) -> tuple[float, Event] | None:
        """What happens next, and when; None where nothing more will."""
        coming: list[tuple[float, Event]] = []
        if self._speech_ends is not None:
            coming.append((self._speech_ends[0], SpeechEnded(self._speech_ends[1])))
        due = deadline(self.world, self.state)
        if due is not None:
            coming.append((max(due, self.now), Tick()))
        if (answer := self._answer()) is not None:
            coming.append(answer)
        if self.script and (not coming or self.script[0].at <= min(at for at, _ in coming)):
            said = self.script.pop(0)
            return max(said.at, self.now), self._heard(said.text)
        return min(coming, key=lambda c: c[0]) if coming else None

    def _answer(self) -> tuple[float, Event] | None:
        """What a cooperative person answers to a question of the plan, unless the script does."""
        state = self.state
        if state.name != "asking" or state.due is None:
            return None
        if self.script and self.script[0].at <= state.due:
            return None
        kind = self.world.step(state).kind
        at = state.due - self.world.settings.answer_within + ANSWER_AFTER
        return max(at, self.now), self._heard(self.world.prompts.say(f"rehearsal.{kind}"))

    def _heard(self, text: str) -> Event:
        return Heard(self.interpreter.interpret(text, context=context_of(self.world, self.state)))

    def _take(self, event: Event) -> Iterator[Entry]:
        if isinstance(event, SpeechEnded):
            self._speech_ends = None
        self.state, effects = advance(self.world, self.state, event, self.now)
        for effect in effects:
            if isinstance(effect, Speak):
                ends = self.now + speaking_seconds(effect.text, self.state.rate)
                self._speech_ends = (ends, effect.utterance)
            yield entry(effect, self.now)
        if not self.state.queue:
            self._speech_ends = None


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
            problems.append(ContentError(file, number, 1, str(error), "Write “SECONDS WORDS”, as in “12.5 pause”."))
    if problems:
        raise BrokenFileError(problems)
    return tuple(said)


def _said(line: str) -> list[Said]:
    if line.startswith("{"):
        try:
            data = json.loads(line)
            return [Said(float(data["t"]), str(data["text"]))] if data.get("event", "heard") == "heard" else []
        except (json.JSONDecodeError, KeyError, TypeError):
            raise ValueError("this JSON object has no “t” and “text”") from None
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("this line does not start with a time")
    return [Said(60 * float(match["minutes"] or 0) + float(match["seconds"]), match["text"])]
