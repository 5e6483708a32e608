"""One running companion: the loop that stands between the pure session and the world.

Everything that happens becomes an event on one queue; every effect that comes back is performed by the
mouth, shown, or kept. The loop alone touches the state, so nothing needs a lock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from companion.mouth import Mouth
from companion.nlu.interpreter import Interpreter
from companion.nlu.listener import Listener, Meant
from companion.nlu.meaning import Meaning
from companion.session.context import context_of
from companion.session.events import (
    Chime,
    Effect,
    Event,
    Heard,
    Hush,
    Leave,
    Record,
    Speak,
    SpeechEnded,
    Tick,
)
from companion.session.machine import advance, deadline
from companion.session.state import State
from companion.session.table import BEFORE_OR_AFTER, LOCKED
from companion.session.transcript import Entry, entry
from companion.session.view import View, view
from companion.session.world import World

Recall = Callable[[World, State, Event], tuple[World, State]]
NOTHING_RUNS = (*BEFORE_OR_AFTER, *LOCKED)


class Companion:
    """Leads sessions. Make it and use it inside a running asyncio loop. ``interpreter`` gives the interpreter
    when first something is heard, since the greeting need not wait for it.

    ``mouth`` is set before ``run``, since it wants to report to ``spoken``. ``show`` gets every entry of the
    transcript as it happens, ``keep`` the state after every event that is worth keeping. ``recall`` is asked,
    before an event while nothing runs, for what other programs may have changed: the lock, the kept place.
    """

    mouth: Mouth

    def __init__(
        self,
        world: World,
        interpreter: Callable[[], Interpreter],
        state: State | None = None,
        show: Callable[[Entry], None] = lambda entry: None,
        keep: Callable[[Record, State, float], None] = lambda record, state, now: None,
        recall: Recall = lambda world, state, event: (world, state),
        resident: bool = False,
    ) -> None:
        self.world = world
        self._interpreter = interpreter
        self._listener: Listener | None = None
        self.state = state or State()
        self.resident = resident
        self._show = show
        self._keep = keep
        self._recall = recall
        self._watchers: list[Callable[[Sequence[Entry]], None]] = []
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[tuple[Event, asyncio.Future[None] | None]] = asyncio.Queue()
        self._zero = time.monotonic()
        self._leaving = False

    def __repr__(self) -> str:
        return f"<Companion {self.state.name} at {self.now:.1f} s>"

    @property
    def now(self) -> float:
        """Seconds since this companion was made."""
        return time.monotonic() - self._zero

    @property
    def view(self) -> View:
        """What a screen should show now."""
        return view(self.world, self.state, self.now)

    # -- what happens; all of these may be called from any thread ----------------------------------------

    def post(self, event: Event) -> None:
        self._loop.call_soon_threadsafe(self._events.put_nowait, (event, None))

    def spoken(self, utterance: int) -> None:
        """The mouth has said this utterance to its end."""
        self.post(SpeechEnded(utterance))

    def typed(self, text: str) -> None:
        """Somebody typed a line: it means what it would mean when spoken."""
        self._loop.call_soon_threadsafe(self._understand, text, (), False, True)

    def heard(
        self,
        text: str,
        alternatives: tuple[str, ...] = (),
        final: bool = True,
        own_voice: bool = True,
        meant: Meant = "likely",
    ) -> None:
        """A recogniser's hypothesis. ``own_voice``: the companion's own may be in it. ``meant``: whether it
        was said to the companion."""
        self._loop.call_soon_threadsafe(self._understand, text, alternatives, own_voice, final, meant)

    def leave(self) -> None:
        """Say goodbye, keep the place, and come to an end."""
        self.post(Leave())

    def _understand(
        self, text: str, alternatives: tuple[str, ...], own_voice: bool, final: bool, meant: Meant = "likely"
    ) -> None:
        meaning = self._meaning(text, alternatives, own_voice, final, meant)
        if meaning is not None:
            self._events.put_nowait((Heard(meaning), None))

    def _meaning(
        self, text: str, alternatives: tuple[str, ...], own_voice: bool, final: bool, meant: Meant = "likely"
    ) -> Meaning | None:
        context = context_of(self.world, self.state, own_voice)
        self._listener = self._listener or Listener(self._interpreter())
        return self._listener.hear(text, alternatives, context, final, meant)

    # -- for what runs in the same loop ------------------------------------------------------------------

    async def perform(self, event: Event) -> None:
        """Let this happen, and return when it has."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._events.put_nowait((event, done))
        await done

    async def say(self, text: str) -> None:
        """Somebody said this through another program; return when what came of it has happened."""
        if (meaning := self._meaning(text, (), False, True)) is not None:
            await self.perform(Heard(meaning))

    def watch(self, watcher: Callable[[Sequence[Entry]], None]) -> Callable[[], None]:
        """Call ``watcher`` after every event with what came of it; call what is returned to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    # -- the loop ----------------------------------------------------------------------------------------

    async def run(self, first: Event | None = None) -> State:
        """Go on until the session is over and all is said; a resident companion until it is left."""
        if first is not None:
            self._take(first)
        while not self._is_over():
            event, done = await self._next()
            self._take(event)
            if done is not None and not done.cancelled():
                done.set_result(None)
        return self.state

    async def _next(self) -> tuple[Event, asyncio.Future[None] | None]:
        due = deadline(self.world, self.state)
        wait = None if due is None else max(0.0, due - self.now)
        try:
            return await asyncio.wait_for(self._events.get(), wait)
        except TimeoutError:
            return Tick(), None

    def _take(self, event: Event) -> None:
        now = self.now
        self._leaving = self._leaving or isinstance(event, Leave)
        if self.state.name in NOTHING_RUNS:
            self.world, self.state = self._recall(self.world, self.state, event)
        self.state, effects = advance(self.world, self.state, event, now)
        entries = [self._perform(effect, now) for effect in effects]
        for watcher in tuple(self._watchers):
            watcher(entries)

    def _perform(self, effect: Effect, now: float) -> Entry:
        match effect:
            case Speak():
                self.mouth.speak(effect, self.state.volume, self.state.rate)
            case Hush():
                self.mouth.hush()
            case Chime(name):
                self.mouth.chime(name)
            case Record():
                self._keep(effect, self.state, now)
        happened = entry(effect, now)
        self._show(happened)
        return happened

    def _is_over(self) -> bool:
        if self.state.queue or not self._events.empty():
            return False
        return self._leaving or (not self.resident and self.state.name in (*BEFORE_OR_AFTER, "locked"))
