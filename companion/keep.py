"""What outlives the process: a place in a session, the lock of a red flag, and when it was last screened.

All are small JSON files in the data folder, written whole or not at all, readable by their owner alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from companion.config import data_folder
from companion.content.library import Library
from companion.content.model import Routine
from companion.nlu.meaning import Tier
from companion.session.events import Leave, Record
from companion.session.machine import advance
from companion.session.state import Sign, State, from_json, to_json
from companion.session.world import World

PLACE_LASTS = 2 * 3600.0  # seconds for which a place can be taken up again
SCREENING_LASTS = 7 * 86400.0  # seconds after which the screening question is asked in full again
PLACE_STANDS = (
    60.0  # seconds after which a place that has not changed is written anew, so that it stays fresh
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session was left: its state, the routine's file, and how long ago in seconds."""

    state: State
    routine: str
    ago: float
    fingerprint: str

    def fits(self, library: Library) -> bool:
        """Whether the routine is there, and is what it was: a place means nothing in another one."""
        routine = library.routines.get(self.state.routine or "")
        return routine is not None and _fingerprint(routine) == self.fingerprint


class Keeper:
    """Keeps a lock and a place in ``folder``. ``clock`` gives seconds since 1970."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder or data_folder()
        self._clock = clock
        self._lock: Sign | None = None  # one that was set here, should the disk have refused it
        self._kept: object = None  # the place as it was last written
        self._kept_at = 0.0

    def __repr__(self) -> str:
        return f"<Keeper in {self._folder}>"

    @property
    def _lock_file(self) -> Path:
        return self._folder / "lock.json"

    @property
    def _place_file(self) -> Path:
        return self._folder / "place.json"

    @property
    def _screened_file(self) -> Path:
        return self._folder / "screened.json"

    def keep(self, record: Record, state: State, now: float) -> None:
        """Write down what must survive, as soon as it happens. For ``Companion(keep=…)``."""
        if record.kind == "lock" and state.lock is not None:
            self._lock = lock = state.lock
            self._write(self._lock_file, {"tier": lock.tier.value, "flag": lock.flag, "words": lock.words})
            self._lock = None
        elif record.kind == "cleared":
            self.clear()
        elif record.kind == "screened":
            self._write(self._screened_file, self._clock())

    def screened_lately(self) -> bool:
        """Whether the screening was answered within the last week."""
        try:
            ago = self._clock() - float(json.loads(self._screened_file.read_text("utf-8")))
            return 0 <= ago < SCREENING_LASTS
        except (OSError, ValueError, TypeError):
            return False

    def start_state(self) -> State:
        """The state to begin in: locked where a lock was kept. An unreadable lock is a lock, too."""
        if not self._lock_file.exists():
            return State(name="locked", lock=self._lock) if self._lock else State()
        try:
            data = json.loads(self._lock_file.read_text("utf-8"))
            lock = Sign(Tier(data["tier"]), str(data["flag"]), str(data["words"]))
        except (OSError, ValueError, KeyError, TypeError):
            lock = Sign(Tier.EMERGENCY, "unknown", "")
        return State(name="locked", lock=lock)

    def clear(self) -> bool:
        """Remove the lock; False where there was none."""
        was = self._lock_file.exists()
        self._lock = None
        self._lock_file.unlink(missing_ok=True)
        return was

    def keep_place(self, world: World, state: State, now: float) -> None:
        """Remember where the session stands, as it would be if it were left now. To be called while it goes
        on, since the power may go at any moment. Where it is over, so is its place."""
        if state.lock is None and (state.routine is None or self._yields(state)):
            return
        left = _left(world, state, now)
        if left is None:
            self._place_file.unlink(missing_ok=True)
            self._kept = None
            return
        routine = world.routine(state)
        place = {
            "file": str(routine.file.absolute()),
            "fingerprint": _fingerprint(routine),
            "state": to_json(left, now),
        }
        at = self._clock()
        if place != self._kept or at - self._kept_at >= PLACE_STANDS:
            self._write(self._place_file, {"at": at, **place})
            self._kept, self._kept_at = place, at

    def _yields(self, state: State) -> bool:
        """A session that has not come to an exercise leaves the place alone of one that has."""
        kept = None if state.taught else self.place()
        return kept is not None and bool(kept.state.taught)

    def place(self) -> Place | None:
        """The place that was kept; None where there is none, or it is too old."""
        try:
            data = json.loads(self._place_file.read_text("utf-8"))
            ago = self._clock() - data["at"]
            state = from_json(data["state"], 0.0)
            place = Place(state, str(data["file"]), max(0.0, ago), str(data["fingerprint"]))
            # A Raspberry Pi has no clock that runs on without power: after a cut, `ago` can be below 0.
            return place if abs(ago) <= PLACE_LASTS else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self) -> None:
        """Remove what tells of past sessions. A lock is a matter of safety, and stays."""
        for file in (self._place_file, self._screened_file):
            file.unlink(missing_ok=True)

    def _write(self, file: Path, data: object) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = file.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(data, stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)


def _left(world: World, state: State, now: float) -> State | None:
    """The session as it would be left at this moment, or None where it is over. A question about a sign stays
    open: that nobody could answer it is no reason to lock, and it is asked again."""
    if state.name == "checking":
        left = replace(state, asked=0)
    else:
        left, _ = advance(world, state, Leave(), now)
    return replace(left, queue=(), due=None) if left.name in ("paused", "checking") else None


def _fingerprint(routine: Routine) -> str:
    return hashlib.sha256(repr(routine.items).encode()).hexdigest()
