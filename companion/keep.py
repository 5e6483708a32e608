"""What outlives the process: a place in a session, the lock of a red flag, and when it was last screened.

All are small JSON files in the data folder, written whole or not at all, readable by their owner alone.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from companion.config import data_folder
from companion.nlu.meaning import Tier
from companion.session.events import Record
from companion.session.state import Sign, State, from_json, to_json

PLACE_LASTS = 2 * 3600.0  # seconds for which a place can be taken up again
SCREENING_LASTS = 7 * 86400.0  # seconds after which the screening question is asked in full again


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session was left: its state, the routine's name or file, and how long ago in seconds."""

    state: State
    routine: str
    ago: float


class Keeper:
    """Keeps a lock and a place in ``folder``. ``clock`` gives seconds since 1970."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder or data_folder()
        self._clock = clock

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
            lock = state.lock
            self._write(self._lock_file, {"tier": lock.tier.value, "flag": lock.flag, "words": lock.words})
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
            return State()
        try:
            data = json.loads(self._lock_file.read_text("utf-8"))
            lock = Sign(Tier(data["tier"]), str(data["flag"]), str(data["words"]))
        except (OSError, ValueError, KeyError, TypeError):
            lock = Sign(Tier.EMERGENCY, "unknown", "")
        return State(name="locked", lock=lock)

    def clear(self) -> bool:
        """Remove the lock; False where there was none."""
        was = self._lock_file.exists()
        self._lock_file.unlink(missing_ok=True)
        return was

    def keep_place(self, state: State, now: float, file: Path | None) -> None:
        """Remember where a session stood when it was left; ``file`` is the routine's."""
        if state.routine is None or state.name != "paused":
            self._place_file.unlink(missing_ok=True)
            return
        data = {"at": self._clock(), "file": str(file) if file else None, "state": to_json(state, now)}
        self._write(self._place_file, data)

    def place(self) -> Place | None:
        """The place that was kept; None where there is none, or it is too old."""
        try:
            data = json.loads(self._place_file.read_text("utf-8"))
            ago = self._clock() - data["at"]
            state = from_json(data["state"], 0.0)
            return Place(state, str(data["file"] or state.routine), ago) if 0 <= ago <= PLACE_LASTS else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, file: Path, data: object) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = file.with_suffix(".new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(data, stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
