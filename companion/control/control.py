"""What a running companion can be asked from outside, whichever hand asks: socket, button or network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from companion.app import NOTHING_RUNS, Companion
from companion.content.errors import ContentError, UnknownRoutine, did_you_mean, nearest
from companion.content.library import load_library
from companion.load import find, folders
from companion.session.events import Begin, Tick, command
from companion.session.table import BEFORE_OR_AFTER
from companion.session.transcript import Entry

COMMANDS = (
    "pause", "resume", "next", "previous", "repeat", "stop", "swap_sides", "more_time", "less_time",
    "time_left", "slower", "faster", "louder", "quieter", "easier", "explain", "help", "ready", "yes", "no",
)  # fmt: skip
"""Intents that need no words to be understood."""
ACTIONS = ("start", "say", "toggle", "status", *COMMANDS)
"""``start`` takes a routine's name or file, ``say`` what would be spoken; ``toggle`` pauses or goes on."""


class ControlError(Exception):
    """What was asked cannot be done; the message says what can."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sign that was reported: its tier and flag, and the person's own words."""

    tier: str
    flag: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Status:
    """A companion at one moment. Other programs read these names."""

    state: str
    """A state of the session's table: ``idle``, ``holding``, ``paused``, ``locked``, …"""
    routine: str | None
    """The routine's id."""
    title: str
    """The exercise's name, else the routine's, else the program's."""
    side: str
    """``Right side``, or empty."""
    step: str
    """What is going on, in words."""
    remaining: int | None
    """Seconds to the end of the hold, the changeover or the rest; empty where nothing counts down."""
    progress: float
    """How much of the session is done, from 0 to 1."""
    saying: str
    """The line that is being spoken."""
    finding: Finding | None
    """The sign that was reported last."""
    lock: Finding | None
    """The sign for which no exercise is led, until it is cleared."""
    volume: float
    """From 0 to 1."""

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def __str__(self) -> str:
        if self.lock is not None:
            return f"Locked, because of “{self.lock.words or self.lock.flag}”. See: companion clear --help"
        if self.state in BEFORE_OR_AFTER:
            return "Nothing is running. Start with: companion start sciatica-relief"
        where = f"{self.title}, {self.side.lower()}" if self.side else self.title
        left = "" if self.remaining is None else f", {self.remaining} s left"
        return f"{where}: {self.step.lower()}{left}"


class Control:
    """One running companion, as other programs may use it. Lives in the companion's loop."""

    def __init__(self, companion: Companion) -> None:
        self._companion = companion
        self._loop = asyncio.get_running_loop()
        self._finding: Finding | None = None
        companion.watch(self._note_finding)

    def __repr__(self) -> str:
        return f"<Control of {self._companion!r}>"

    async def do(self, action: str, argument: str = "") -> Status:
        """Do one of ``ACTIONS`` and return what the companion is then at.

        Raises ``ControlError`` where it cannot be done.
        """
        if action not in ACTIONS:
            remedy = did_you_mean(nearest(action, ACTIONS)) or f"There are {', '.join(ACTIONS)}."
            raise ControlError(f"There is no command “{action}”. {remedy}")
        if action == "start":
            await self._companion.perform(Begin(self._find(argument)))
        elif action == "say":
            if not argument.strip():
                raise ControlError("There is nothing to say. For example: companion say how long left")
            await self._companion.say(argument.strip())
        elif action == "status":
            await self._companion.perform(Tick())  # which notices a lock that was set or cleared elsewhere
        else:
            await self._companion.perform(command(self._toggled() if action == "toggle" else action))
        return self.status()

    def press(self, action: str) -> None:
        """Do one of ``ACTIONS`` that take no argument, without waiting for it. From any thread."""
        asyncio.run_coroutine_threadsafe(self.do(action), self._loop)

    @property
    def routines(self) -> dict[str, str]:
        """The routines that can be started: id to name."""
        return {routine.id: routine.name for routine in self._companion.world.library.routines.values()}

    def status(self) -> Status:
        """What the companion is at now."""
        companion, view, state = self._companion, self._companion.view, self._companion.state
        lock = state.lock
        return Status(
            state=state.name,
            routine=state.routine if state.name not in NOTHING_RUNS else None,
            title=view.title,
            side=view.side,
            step=view.step,
            remaining=None if view.countdown is None else round(view.countdown),
            progress=round(view.progress, 3),
            saying=view.saying,
            finding=self._finding,
            lock=None if lock is None else Finding(lock.tier.value, lock.flag, lock.words),
            volume=companion.state.volume,
        )

    async def changes(self) -> AsyncGenerator[Status, None]:
        """The status now, and after each change of it. Who is slow gets the newest alone."""
        happened = asyncio.Event()
        end = self._companion.watch(lambda entries: happened.set())
        last: Status | None = None
        try:
            while True:
                status = self.status()
                if last is None or replace(status, remaining=last.remaining) != last:
                    last = status
                    yield status
                await happened.wait()
                happened.clear()
        finally:
            end()

    def _toggled(self) -> str:
        return "resume" if self._companion.state.name in ("paused", *NOTHING_RUNS) else "pause"

    def _find(self, routine: str) -> str:
        """The id of a routine that was named, or that a file holds."""
        library = load_library(folders("routines"))  # anew: somebody may just have written one
        try:
            found = find(routine, library)
        except (ContentError, UnknownRoutine, OSError) as error:
            raise ControlError(str(error)) from None
        if self._companion.state.name in NOTHING_RUNS:  # a plan that is being followed must not change
            self._companion.world = replace(self._companion.world, library=library.including(found))
        return found.id

    def _note_finding(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry["event"] == "heard" and entry.get("flag"):
                self._finding = Finding(entry["tier"], entry["flag"], entry["text"])
