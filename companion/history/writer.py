"""Writes down a running session in a thread of its own, since a memory card can take long.

What happens is taken note of at once and committed within ``PERIOD``, together with how far the present hold
and the session have come. So whatever ends the program, at most the last second is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from companion.history.journal import DISK_ERRORS
from companion.history.recorder import Recorder
from companion.history.schema import NewerJournalError
from companion.session.state import State

PERIOD = 0.8  # seconds; with the time of a commit it stays under one


class Writer:
    """Has the recorder write in every period. A context manager, which writes the last words when it is left.

    ``look`` gives the state and its time; ``keep_place`` gets both in each period, too. ``note`` gets lines
    for the person, from the thread.
    """

    def __init__(
        self,
        recorder: Recorder,
        look: Callable[[], tuple[State, float]],
        keep_place: Callable[[State, float], None],
        note: Callable[[str], None],
        period: float = PERIOD,
    ) -> None:
        self._recorder = recorder
        self._look = look
        self._keep_place = keep_place
        self._note = note
        self._period = period
        self._told: set[str] = set()  # what could not be done, and has been told
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def __repr__(self) -> str:
        return f"<Writer, every {self._period} s: {self._recorder!r}>"

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        closing = False
        while not closing:
            closing = self._closing.wait(self._period)
            state, now = self._look()
            self._try(self._keep_place, state, now)
            if not self._try(self._recorder.write, state, now):
                self._recorder.close()
        self._recorder.close()

    def _try(self, write: Callable[[State, float], None], state: State, now: float) -> bool:
        """What cannot be written is told once, and tried again: a session never ends for it."""
        try:
            write(state, now)
        except (*DISK_ERRORS, NewerJournalError) as error:
            if str(error) not in self._told:
                self._told.add(str(error))
                self._note(f"This session is not being written down: {error}")
            return False
        return True
