"""Notices within two seconds that a microphone or a loudspeaker has fallen silent, and gets it back.

PortAudio lists the devices once. To see one that was plugged in later it has to be initialised again, which
ends every stream; so the microphone and the loudspeaker of a session are watched, closed and opened together.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
import soxr

from companion.audio.devices import Kind, NoDeviceError, sounddevice
from companion.audio.microphone import OnFrames
from companion.audio.mixer import Pcm
from companion.audio.output import BLOCK, Fill, Output, Settle

log = logging.getLogger(__name__)

Action = Literal["lost", "reopen", "back"]

LIMIT = 1.5  # seconds without a block after which a stream counts as lost
TICK = 0.25  # seconds between two looks
FIRST_WAIT = 1.0  # seconds to the second try; the wait doubles with every further one
LONGEST_WAIT = 30.0
STEADY = 10.0  # seconds after which a stream that is back counts as sound, and waits begin anew


class Watchdog:
    """Decides what to do about one stream. Pure: time and the number of its blocks are told.

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
        return ("lost", *self._try(now))

    def _while_lost(self, now: float, flows: bool) -> tuple[Action, ...]:
        if flows:
            self.lost, self._since = False, now
            return ("back",)
        return self._try(now) if now >= self._due else ()

    def _try(self, now: float) -> tuple[Action, ...]:
        self._due = now + self._wait
        self._wait = min(2 * self._wait, LONGEST_WAIT)
        return ("reopen",)


class Source(Protocol):
    """A microphone: ``blocks`` counts what the card has given, ``close`` ends it."""

    @property
    def blocks(self) -> int: ...

    def close(self) -> None: ...


class _Stream(Protocol):
    kind: Kind

    @property
    def blocks(self) -> int: ...

    def open(self) -> None:
        """Raise ``NoDeviceError`` where it cannot be."""

    def shut(self) -> None:
        """Undo ``open``, for it to be opened again."""

    def rest(self) -> None:
        """Called at each look while it is lost."""


class SoundWatch:
    """Keeps the streams of a session alive. A context manager.

    ``on_lost`` and ``on_back`` are told "input" or "output", once each time, from a thread of their own.
    """

    def __init__(self, on_lost: Callable[[Kind], None], on_back: Callable[[Kind], None]) -> None:
        self._on_lost = on_lost
        self._on_back = on_back
        self._watched: list[tuple[_Stream, Watchdog]] = []
        self._changing = threading.RLock()  # a player may be closed by what it tells
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sound watch", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<SoundWatch {', '.join(f'{stream.kind}: {dog!r}' for stream, dog in self._watched)}>"

    def __enter__(self) -> SoundWatch:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def microphone(self, open_source: Callable[[OnFrames], Source], on_frames: OnFrames) -> WatchedMicrophone:
        """Open a microphone and hand its frames on, until it is closed. Raise ``NoDeviceError``."""
        microphone = WatchedMicrophone(open_source, on_frames, self._remove)
        self._add(microphone)
        return microphone

    def output(self, open_output: Callable[[], Output]) -> WatchedOutput:
        """Open a loudspeaker for a ``Player``. Raise ``NoDeviceError``."""
        output = WatchedOutput(open_output, self._remove)
        self._add(output)
        return output

    def _add(self, stream: _Stream) -> None:
        with self._changing:
            stream.open()
            self._watched.append((stream, Watchdog(time.monotonic())))

    def _remove(self, stream: _Stream) -> None:
        with self._changing:
            self._watched = [each for each in self._watched if each[0] is not stream]
            stream.shut()

    def close(self) -> None:
        """Stop watching, and close all."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
        for stream, _ in self._watched:
            stream.shut()

    def _watch(self) -> None:
        while not self._closing.wait(TICK):
            with self._changing:
                told = [
                    (stream.kind, action) for stream, dog in self._watched for action in _look(stream, dog)
                ]
                if any(action == "reopen" for _, action in told):
                    self._reopen()
            for kind, action in told:
                if action == "lost":
                    self._on_lost(kind)
                elif action == "back":
                    self._on_back(kind)

    def _reopen(self) -> None:
        for stream, _ in self._watched:
            stream.shut()
        sd = sounddevice()
        sd._terminate()
        sd._initialize()
        for stream, _ in self._watched:
            try:
                stream.open()
            except NoDeviceError as error:
                log.info("not yet back: %s", error)


def _look(stream: _Stream, dog: Watchdog) -> tuple[Action, ...]:
    actions = dog.tick(time.monotonic(), stream.blocks)
    if dog.lost:
        stream.rest()
    return actions


class WatchedMicrophone:
    """A microphone that may go and come back. Made by ``SoundWatch.microphone``."""

    kind: Kind = "input"

    def __init__(
        self,
        open_source: Callable[[OnFrames], Source],
        on_frames: OnFrames,
        closed: Callable[[WatchedMicrophone], None],
    ) -> None:
        self._open_source = open_source
        self._on_frames = on_frames
        self._closed = closed
        self._source: Source | None = None
        self._before = 0  # blocks of the sources that were closed

    @property
    def blocks(self) -> int:
        return self._before + (self._source.blocks if self._source else 0)

    def open(self) -> None:
        self._source = self._open_source(self._on_frames)

    def close(self) -> None:
        """Stop listening, for good."""
        self._closed(self)

    def shut(self) -> None:
        if self._source:
            self._source.close()
            self._before, self._source = self.blocks, None

    def rest(self) -> None:
        """Nobody waits for a microphone."""


class WatchedOutput:
    """A loudspeaker that may go and come back, at another rate, too. Made by ``SoundWatch.output``.

    While it is lost, sound goes nowhere at the pace of real time: what waits for the end of a line goes on.
    """

    kind: Kind = "output"

    def __init__(self, open_output: Callable[[], Output], closed: Callable[[WatchedOutput], None]) -> None:
        self._open_output = open_output
        self._closed = closed
        self._output: Output | None = None
        self._fill: Fill | None = None
        self._settle: Settle = lambda: None
        self.blocks = 0
        self.rate = 0  # samples a second; of the first loudspeaker, and kept

    def __repr__(self) -> str:
        return f"<WatchedOutput {self._output!r}>"

    def open(self) -> None:
        self._output = output = self._open_output()
        self.rate = self.rate or output.rate
        self._adapt = _Resampled(self._next, self.rate, output.rate) if output.rate != self.rate else None
        output.start(self._count_and_fill, lambda: self._settle())

    def start(self, fill: Fill, settle: Settle) -> None:
        self._settle, self._fill = settle, fill

    def close(self) -> None:
        """Stop playing, for good."""
        self._closed(self)

    def shut(self) -> None:
        if self._output:
            self._output.close()
            self._output = None

    def rest(self) -> None:
        self._next(round(TICK * self.rate))
        self._settle()

    def _count_and_fill(self, samples: int) -> Pcm:
        self.blocks += 1
        return self._adapt(samples) if self._adapt else self._next(samples)

    def _next(self, samples: int) -> Pcm:
        return self._fill(samples) if self._fill else np.zeros(samples, np.int16)


class _Resampled:
    """A ``Fill`` at another rate."""

    def __init__(self, fill: Fill, rate: int, new_rate: int) -> None:
        self._fill = fill
        self._block = round(BLOCK * rate)
        self._stream = soxr.ResampleStream(rate, new_rate, 1, dtype="int16")
        self._ready: Pcm = np.zeros(0, np.int16)

    def __call__(self, samples: int) -> Pcm:
        while len(self._ready) < samples:
            more = self._stream.resample_chunk(self._fill(self._block))
            self._ready = np.concatenate([self._ready, more])
        block, self._ready = self._ready[:samples], self._ready[samples:]
        return block
