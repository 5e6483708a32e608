"""Where listening comes from: a microphone or a WAV file, as blocks of 20 ms at 16 kHz."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from companion.audio.devices import find_device, open_stream
from companion.audio.wav import read_wav

RATE = 16_000  # samples a second, mono
BLOCK = 320  # samples; 20 ms
BACKLOG = 500  # blocks (10 s) that may wait for a busy listener before sound is lost

Pcm = NDArray[np.int16]  # shape (samples,)
OnFrames = Callable[[Pcm], None]


class Microphone:
    """Calls ``on_frames`` with each block (int16, shape (320,), 16 kHz) from a thread of its own.

    ``on_frames`` may take its time: blocks wait in a queue. ``overruns`` counts what was lost because it took
    too long, or because the sound card was not read in time. ``beat`` is called for each block that the card
    gives, from the card's own thread: quick. Raise ``NoDeviceError`` where the device cannot be opened. A
    context manager.
    """

    def __init__(
        self, device: str | int | None, on_frames: OnFrames, beat: Callable[[], None] = lambda: None
    ) -> None:
        found = find_device("input", device)
        self._on_frames = on_frames
        self._beat = beat
        self._queue: queue.Queue[Pcm | None] = queue.Queue(BACKLOG)
        self.overruns = 0
        self._stream, self.rate, self.channels = open_stream(
            "input", found, (RATE, found.rate, 48_000, 44_100), BLOCK / RATE, self._callback
        )
        self.name = found.name
        self._thread = threading.Thread(target=self._listen, name="microphone", daemon=True)
        self._thread.start()
        self._stream.start()

    def __repr__(self) -> str:
        return f"<Microphone '{self.name}' {self.rate} Hz, {self.overruns} overruns>"

    def __enter__(self) -> Microphone:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; blocks that wait are still handed over."""
        self._stream.abort()
        self._stream.close()
        self._queue.put(None)
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _callback(self, samples: Any, _frames: int, _time: object, status: Any) -> None:
        self._beat()
        if status.input_overflow:
            self.overruns += 1
        try:
            self._queue.put_nowait(samples.copy())
        except queue.Full:
            self.overruns += 1

    def _listen(self) -> None:
        reblock = Reblock(self.rate)
        while (samples := self._queue.get()) is not None:
            for block in reblock(samples):
                self._on_frames(block)


class Reblock:
    """Turns samples of any rate, length and number of channels into blocks of 320 at 16 kHz, mono."""

    def __init__(self, rate: int) -> None:
        self._resampler = None if rate == RATE else soxr.ResampleStream(rate, RATE, 1, dtype="int16")
        self._rest: Pcm = np.zeros(0, np.int16)

    def __call__(self, samples: Pcm) -> Iterator[Pcm]:
        """``samples`` of shape (samples, channels); blocks of what is whole by now."""
        mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1).astype(np.int16)
        if self._resampler:
            mono = self._resampler.resample_chunk(mono)
        ready = np.concatenate([self._rest, mono])
        whole = len(ready) // BLOCK * BLOCK
        self._rest = ready[whole:]
        yield from ready[:whole].reshape(-1, BLOCK)


class FileMicrophone:
    """A WAV file in place of a microphone; silence follows where it ends inside a block.

    With ``paced`` the blocks come as fast as they were spoken, without it as fast as they are taken.
    ``on_end`` is called after the last. Raise ``WavError`` where the file is no sound. A context manager.
    """

    def __init__(
        self, path: Path, on_frames: OnFrames, on_end: Callable[[], None] = lambda: None, paced: bool = True
    ) -> None:
        self.path = path
        sound = read_wav(path)
        pcm = sound.pcm if sound.rate == RATE else soxr.resample(sound.pcm, sound.rate, RATE)
        self._blocks = np.pad(pcm, (0, -len(pcm) % BLOCK)).reshape(-1, BLOCK)
        self._on_frames, self._on_end = on_frames, on_end
        self._period = BLOCK / RATE if paced else 0.0
        self.overruns = 0  # as a microphone has them; a file loses nothing
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="microphone", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<FileMicrophone {self.path} {len(self._blocks) * BLOCK / RATE:.2f} s>"

    def __enter__(self) -> FileMicrophone:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop where it is; ``on_end`` is not called then."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _listen(self) -> None:
        due = time.monotonic()
        for block in self._blocks:
            due += self._period
            if self._stop.wait(max(0.0, due - time.monotonic())):
                return
            self._on_frames(block)
        self._on_end()
