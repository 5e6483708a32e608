"""Rendering in the background what will be said next."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable

from companion.tts.base import Sound, SpeechError, Synthesiser, Voice

log = logging.getLogger(__name__)


class RenderAhead:
    """A synthesiser that also renders lines before they are wanted. ``inner`` has to keep them: a cache.

    A line that is wanted now goes first: it waits for one line at most, the one being rendered.
    """

    def __init__(self, inner: Synthesiser) -> None:
        self._inner = inner
        self._queue: deque[tuple[str, Voice]] = deque()
        self._changed = threading.Condition()
        self._wanted = 0  # lines that are wanted now
        self._busy = False
        self._closed = False
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<RenderAhead {len(self._queue)} lines to come, through {self._inner!r}>"

    def __enter__(self) -> RenderAhead:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def render(self, text: str, voice: Voice) -> Sound:
        with self._changed:
            self._wanted += 1
        try:
            return self._inner.render(text, voice)
        finally:
            with self._changed:
                self._wanted -= 1
                self._changed.notify_all()

    def render_ahead(self, texts: Iterable[str], voice: Voice) -> None:
        """Render these in order, in the background, instead of what was still to come; none cancels it."""
        with self._changed:
            self._queue = deque((text, voice) for text in texts)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="render-ahead", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait till all is rendered; False where it is not by then."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, seconds)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread:
            self._thread.join()
        self._inner.close()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed or (self._queue and not self._wanted))
                if self._closed:
                    return
                text, voice = self._queue.popleft()
                self._busy = True
            try:
                self._inner.render(text, voice)
            except SpeechError as error:
                log.info("not rendered ahead: %s", error)
                with self._changed:
                    self._queue.clear()  # the next line that is wanted tells the person
