"""From frames to hypotheses: a thread that feeds the recogniser, so that nothing else waits for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.asr.base import Hypothesis, Pcm, Recogniser

BACKLOG = 500  # frames of 20 ms that may wait while the recogniser loads; older ones are dropped


class Ears:
    """Listens in the background.

    ``make`` builds the recogniser (it takes a while, so it happens in the thread); it returns the recogniser
    and a line that says which it is. ``ready`` gets that line, ``hear`` every hypothesis, ``failed`` one
    sentence where nothing can be heard.
    """

    def __init__(
        self,
        make: Callable[[], tuple[Recogniser, str]],
        ready: Callable[[str], None],
        hear: Callable[[Hypothesis], None],
        failed: Callable[[str], None],
    ) -> None:
        self._make = make
        self._ready = ready
        self._hear = hear
        self._failed = failed
        self._frames: queue.Queue[Pcm | None] = queue.Queue(BACKLOG)
        self.dropped = 0  # frames that came faster than they could be understood
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<Ears {'listening' if self._thread.is_alive() else 'closed'}, {self.dropped} frames dropped>"

    def take(self, frames: Pcm) -> None:
        """The next frames from the microphone; never blocks."""
        try:
            self._frames.put_nowait(frames)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Stop listening; what is still waiting is not understood."""
        while True:
            try:
                self._frames.put_nowait(None)
                break
            except queue.Full:
                self._frames.get_nowait()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        from companion.asr.base import RecogniserError

        try:
            recogniser, line = self._make()
        except RecogniserError as error:
            self._failed(str(error))
            return
        self._ready(line)
        while (frames := self._frames.get()) is not None:
            for hypothesis in recogniser.accept(frames):
                self._hear(hypothesis)
        recogniser.close()
