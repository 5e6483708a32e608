"""Notices within two seconds that a microphone or a loudspeaker has fallen silent, and gets it back.

PortAudio lists the devices once. To see one that was plugged in later it has to be initialised again, which
ends every stream; so the microphone and the loudspeaker of a session are watched, closed and opened together.

No call of PortAudio is trusted to return: see ``within``. A stream whose closing does not is left behind, and
whatever it still calls goes nowhere. PortAudio cannot be initialised again then, and what was plugged in
anew is not found; but a device that comes back under its old name, as a sound server that was started again,
is opened.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

import numpy as np
import soxr

from companion.audio.devices import Kind, NoDeviceError, sounddevice
from companion.audio.microphone import OnFrames
from companion.audio.mixer import Pcm
from companion.audio.output import BLOCK, Fill, Output, Settle
from companion.audio.watchdog import Watchdog
from companion.audio.within import StuckError, within

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two looks
PATIENCE = 2.0  # seconds in which PortAudio has to close a stream, or to find its devices
LONGER = 5.0  # seconds in which it has to open one: a headset wakes up first


Beat = Callable[[], None]  # called for every block, however busy the listener is


class Source(Protocol):
    """A microphone that hands its frames on, until it is closed."""

    def close(self) -> None: ...


class Watched(ABC):
    """A stream that may go and come back."""

    kind: Kind

    def __init__(self) -> None:
        self.blocks = 0  # that it has moved, through all it was
        self._attempt = 0  # the latest; what an earlier one still does, if it was left behind, is lost
        self._close: Callable[[], None] = _nothing

    def open(self) -> None:
        """Raise ``NoDeviceError`` where it cannot be."""
        self._attempt += 1
        attempt = self._attempt
        close = self._open(attempt)
        if attempt == self._attempt:
            self._close = close
        else:
            close()

    def shut(self) -> None:
        """Undo ``open``, for it to be opened again."""
        self._attempt += 1
        close, self._close = self._close, _nothing
        close()

    @abstractmethod
    def _open(self, attempt: int) -> Callable[[], None]:
        """Open it, and return what closes it."""

    def rest(self) -> None:
        """Called at each look while it is lost; nobody waits for a microphone."""
        return


def _nothing() -> None:
    """There is nothing to close."""


class WatchedMicrophone(Watched):
    """A microphone. Made by ``SoundWatch.microphone``."""

    kind: Kind = "input"

    def __init__(
        self,
        open_source: Callable[[OnFrames, Beat], Source],
        on_frames: OnFrames,
        closed: Callable[[Watched], None],
    ) -> None:
        super().__init__()
        self._open_source = open_source
        self._on_frames = on_frames
        self._closed = closed

    def close(self) -> None:
        """Stop listening, for good."""
        self._closed(self)

    def _open(self, attempt: int) -> Callable[[], None]:
        def take(frames: Pcm) -> None:
            if attempt == self._attempt:
                self._on_frames(frames)

        def beat() -> None:
            self.blocks += attempt == self._attempt

        return self._open_source(take, beat).close


class WatchedOutput(Watched):
    """A loudspeaker, at another rate, too, when it is back. Made by ``SoundWatch.output``.

    While it is lost, sound goes nowhere at the pace of real time: what waits for the end of a line goes on.
    """

    kind: Kind = "output"

    def __init__(self, open_output: Callable[[], Output], closed: Callable[[Watched], None]) -> None:
        super().__init__()
        self._open_output = open_output
        self._closed = closed
        self._fill: Fill | None = None
        self._settle: Settle = _nothing
        self.rate = 0  # samples a second; of the first loudspeaker, and kept

    def __repr__(self) -> str:
        return f"<WatchedOutput {self.rate} Hz, {self.blocks} blocks>"

    def start(self, fill: Fill, settle: Settle) -> None:
        self._settle, self._fill = settle, fill

    def close(self) -> None:
        """Stop playing, for good."""
        self._closed(self)

    def rest(self) -> None:
        self._next(round(TICK * self.rate))
        self._settle()

    def _open(self, attempt: int) -> Callable[[], None]:
        output = self._open_output()
        self.rate = self.rate or output.rate
        source = self._next if output.rate == self.rate else _Resampled(self._next, self.rate, output.rate)

        def fill(samples: int) -> Pcm:
            if attempt != self._attempt:
                return np.zeros(samples, np.int16)
            self.blocks += 1
            return source(samples)

        output.start(fill, lambda: self._settle())
        return output.close

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


class SoundWatch:
    """Keeps the streams of a session alive. A context manager.

    ``on_lost`` and ``on_back`` are told "input" or "output", once each time, from a thread of their own.
    """

    def __init__(self, on_lost: Callable[[Kind], None], on_back: Callable[[Kind], None]) -> None:
        self._on_lost = on_lost
        self._on_back = on_back
        self._watched: dict[Watched, Watchdog] = {}
        self._stuck = False  # a call of PortAudio has not returned
        self._changing = threading.Lock()  # held while streams are opened or closed
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sound watch", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<SoundWatch {', '.join(f'{stream.kind}: {dog!r}' for stream, dog in self._watched.items())}>"

    def __enter__(self) -> SoundWatch:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def microphone(
        self, open_source: Callable[[OnFrames, Beat], Source], on_frames: OnFrames
    ) -> WatchedMicrophone:
        """Open a microphone and hand its frames on, until it is closed. Raise ``NoDeviceError``."""
        microphone = WatchedMicrophone(open_source, on_frames, self._remove)
        self._add(microphone)
        return microphone

    def output(self, open_output: Callable[[], Output]) -> WatchedOutput:
        """Open a loudspeaker for a ``Player``. Raise ``NoDeviceError``."""
        output = WatchedOutput(open_output, self._remove)
        self._add(output)
        return output

    def close(self) -> None:
        """Stop watching, and close all."""
        self._closing.set()
        if self._thread is not threading.current_thread():
            self._thread.join()
        for stream in tuple(self._watched):
            self._remove(stream)

    def _add(self, stream: Watched) -> None:
        with self._changing:
            stream.open()
            self._watched[stream] = Watchdog(time.monotonic())

    def _remove(self, stream: Watched) -> None:
        with self._changing:
            if self._watched.pop(stream, None) is not None:
                self._try(PATIENCE, stream.shut)

    def _watch(self) -> None:
        while not self._closing.wait(TICK):
            wanted = False
            for stream, dog in tuple(self._watched.items()):
                for action in dog.tick(time.monotonic(), stream.blocks):
                    wanted = wanted or action == "reopen"
                    if action == "lost":
                        self._on_lost(stream.kind)
                    elif action == "back":
                        self._on_back(stream.kind)
                if dog.lost:
                    stream.rest()
            if wanted and not self._changing.locked():  # else that is being tried already
                threading.Thread(target=self._reopen, name="sound reopened", daemon=True).start()

    def _reopen(self) -> None:
        with self._changing:
            for stream in self._watched:
                self._try(PATIENCE, stream.shut)
            if not self._stuck:
                self._try(PATIENCE, _list_anew)
            for stream in self._watched:
                if not self._closing.is_set():
                    self._try(LONGER, stream.open)

    def _try(self, seconds: float, call: Callable[[], None]) -> None:
        try:
            within(seconds, call)
        except NoDeviceError as error:
            log.info("not yet back: %s", error)
        except StuckError:
            if not self._stuck:
                self._stuck = True
                atexit.unregister(sounddevice()._exit_handler)  # it would wait for ever, too
                log.warning("the sound system does not answer; what is plugged in now may not be found")


def _list_anew() -> None:
    sd = sounddevice()
    sd._terminate()
    sd._initialize()
