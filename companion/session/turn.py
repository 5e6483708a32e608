"""One turn of the conversation: the state as it changes, and the effects as they gather.

Actions (``flow``, ``replies``, ``safety``) are functions of a turn and the meaning that caused it. A turn
lives for one event only; what comes out of it is a new ``State`` and a tuple of effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from companion.content.model import Exercise, Item
from companion.nlu.meaning import Meaning
from companion.session.events import Effect, Hush, Priority, Record, Speak
from companion.session.plan import Step
from companion.session.state import Clock, Line, State
from companion.session.world import World

ASKED_AT_MOST = 2  # times that a question is put before silence is the answer
INSTANT = 1e-6  # seconds; two points in time closer than this are one


class Turn:
    """The state during one event. ``state`` is replaced, never changed in place."""

    def __init__(self, world: World, state: State, now: float) -> None:
        self.world = world
        self.state = state
        self.now = now
        self.effects: list[Effect] = []

    def __repr__(self) -> str:
        return f"<Turn {self.state.name} at {self.now:.3f} s, {len(self.effects)} effects>"

    # -- shorthands ---------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        return self.world.step(self.state)

    @property
    def item(self) -> Item:
        return self.world.item(self.state)

    @property
    def exercise(self) -> Exercise:
        return self.item.exercise

    def set(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)

    def record(self, kind: str, **facts: Any) -> None:
        self.effects.append(Record(kind, facts))

    def go(self, name: str) -> None:
        """Change the state of the table. Its timer starts anew when there is one."""
        if name != self.state.name:
            self.record("state", **{"from": self.state.name, "to": name})
        self.set(name=name, due=None, asked=0)

    # -- speaking -----------------------------------------------------------------------------------

    def prompt(self, key: str, **slots: Any) -> tuple[str, ...]:
        """The lines of one prompt, filled in."""
        return self.world.prompts.lines(key, **slots)

    def say(self, lines: Iterable[str], priority: Priority = "narration") -> None:
        """Say these lines after all that is queued."""
        self._queue(Line(text, priority) for text in lines)

    def narrate(self, lines: Iterable[str]) -> None:
        """Say these lines, and remember them for "repeat"."""
        lines = tuple(lines)
        self.set(last_said=lines)
        self.say(lines)

    def reply(self, lines: Iterable[str], priority: Priority = "reply") -> None:
        """Say these lines now. What they interrupt is said again, unless it was a reply or a cue."""
        kept = self.cut()
        self.say(lines, priority)
        self._queue(kept)

    def hush(self) -> None:
        """Be silent at once; what was being said or queued is gone."""
        self.cut()

    def cut(self) -> tuple[Line, ...]:
        """Be silent at once and return what has to be said yet: all but replies and cues."""
        queue = self.state.queue
        if queue:
            self.effects.append(Hush(self.state.utterance, queue[0].text))
            self.set(queue=())
        return tuple(line for line in queue if line.priority in ("narration", "safety"))

    def ask_once_more(self, priority: Priority = "narration") -> bool:
        """Put the open question again; False where it has been asked often enough."""
        if self.state.asked >= ASKED_AT_MOST:
            return False
        asked = self.state.asked + 1
        self.hush()
        self.set(due=None, asked=asked)
        self.say(self.state.last_said, priority)
        return True

    def spoken(self) -> bool:
        """The line that was being said has ended. Say the next one; True where there is none."""
        self.set(queue=self.state.queue[1:])
        self._speak_first()
        return not self.state.queue

    def _queue(self, lines: Iterable[Line]) -> None:
        was_silent = not self.state.queue
        self.set(queue=(*self.state.queue, *lines))
        if was_silent:
            self._speak_first()

    def _speak_first(self) -> None:
        if self.state.queue:
            line = self.state.queue[0]
            self.set(utterance=self.state.utterance + 1)
            self.effects.append(Speak(self.state.utterance, line.text, line.priority))

    # -- the hold's clock ---------------------------------------------------------------------------

    def held(self) -> float:
        """Seconds for which the present side has been held in this round, up to now."""
        running = 0.0 if self.state.since is None else self.now - self.state.since
        return min(self.state.clock.held + running, self.state.clock.total)

    def set_clock(self, index: int, clock: Clock) -> None:
        clocks = list(self.state.clocks)
        clocks[index] = clock
        self.set(clocks=tuple(clocks))

    def start_clock(self) -> None:
        self.set(since=self.now)
        self._record_hold("start", self.state.clock.left)

    def stop_clock(self) -> None:
        """Stop the hold's clock, if it runs, and keep what has been held."""
        if self.state.since is None:
            return
        clock, held = self.state.clock, self.held()
        if clock.total - held < INSTANT:
            held = clock.total
        seconds = held - clock.held
        self.set_clock(self.state.side, replace(clock, held=held))
        self.set(since=None)
        self._record_hold("end", seconds)

    def _record_hold(self, phase: str, seconds: float) -> None:
        clock = self.state.clock
        self.record(
            "hold",
            exercise=self.exercise.id,
            side=clock.side,
            seconds=round(seconds, 3),
            phase=phase,
            remaining=round(clock.left, 3),
        )


Action = Callable[[Turn, Meaning], None]
