"""What a running companion remembers: the journal, the place in its session, the lock, the screening."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from companion.app import Companion
from companion.history.recorder import Recorder
from companion.history.schema import journal_file
from companion.history.writer import Writer
from companion.keep import Keeper
from companion.session.events import Event, Heard, Record
from companion.session.state import State
from companion.session.world import World


class Memory:
    """Writes down what happens, and recalls what other programs, or the time, may have changed.

    ``note`` gets lines for the person, from any thread.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self.keeper = Keeper()
        self._recorder = Recorder(journal_file(), note)
        self._note = note

    def __repr__(self) -> str:
        return f"<Memory {self.keeper!r}, {self._recorder!r}>"

    def keep(self, record: Record, state: State, now: float) -> None:
        """What must survive. A disk that is full must not end a session, least of all before a warning."""
        self._recorder.keep(record, state, now)
        try:
            self.keeper.keep(record, state, now)
        except OSError as error:
            self._note(f"This could not be kept for the next session: {error}")

    def recall(self, world: World, state: State, event: Event) -> tuple[World, State]:
        """World and state for this event, which comes while nothing runs: with the lock as it is now, and
        where it is a wish to go on, with the session that was left."""
        world = dataclasses.replace(world, screened_lately=self.keeper.screened_lately())
        kept = self.keeper.start_state()
        if kept.lock != state.lock:
            state = dataclasses.replace(kept, volume=state.volume, rate=state.rate)
        wants_on = isinstance(event, Heard) and event.meaning.intent == "resume"
        place = self.keeper.place() if wants_on and kept.lock is None else None
        if place is not None and place.fits(world.library):
            state = place.state
        return world, state

    def writing(self, companion: Companion) -> Writer:
        """Open this to have the session written down, and its place kept, as it goes on."""
        return Writer(
            self._recorder,
            lambda: (companion.state, companion.now),
            lambda state, now: self.keeper.keep_place(companion.world, state, now),
            self._note,
        )
