"""Decides when a stream is lost, when to open it anew, and when it is back. Pure."""

from __future__ import annotations

from typing import Literal

Action = Literal["lost", "reopen", "back"]

LIMIT = 1.5  # seconds without a block after which a stream counts as lost
FIRST_WAIT = 1.0  # seconds to the second try; the wait doubles with every further one
LONGEST_WAIT = 30.0
STEADY = 10.0  # seconds after which a stream that is back counts as sound, and waits begin anew


class Watchdog:
    """Watches one stream: time, and the number of its blocks, are told.

    A stream begins with ``now``; ``tick`` is called at least every ``LIMIT`` seconds.
    """

    def __init__(self, now: float) -> None:
        self.lost = False
        self._blocks = 0  # that the stream had at the latest tick
        self._flowed = now  # when it was last known to flow
        self._ticked = now
        self._since = now  # when it was opened, or came back
        self._due = 0.0  # when to try the next time, while it is lost
        self._wait = FIRST_WAIT

    def __repr__(self) -> str:
        return f"<Watchdog {'lost' if self.lost else 'well'}, {self._blocks} blocks>"

    def tick(self, now: float, blocks: int) -> tuple[Action, ...]:
        """What to do, given the number of blocks that the stream has had by now."""
        slept = now - self._ticked >= LIMIT  # the whole program did, so silence proves nothing
        flows = blocks != self._blocks
        self._ticked, self._blocks = now, blocks
        if flows or (slept and not self.lost):
            self._flowed = now
        if self.lost:
            return self._while_lost(now, flows)
        if now - self._since >= STEADY:
            self._wait = FIRST_WAIT
        if now - self._flowed < LIMIT:
            return ()
        self.lost = True
        self._due = now  # at the next look: while PortAudio begins anew, what is told on stderr would be lost
        return ("lost",)

    def _while_lost(self, now: float, flows: bool) -> tuple[Action, ...]:
        if flows:
            self.lost, self._since = False, now
            return ("back",)
        return self._try(now) if now >= self._due else ()

    def _try(self, now: float) -> tuple[Action, ...]:
        self._due = now + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT)
        return ("reopen",)
