"""Where sound goes: a sound card or a WAV file. (A simulated room's loudspeaker is in ``room``.)"""

from __future__ import annotations

import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from companion.audio.devices import NoDeviceError, find_device, open_stream
from companion.audio.mixer import Pcm

Fill = Callable[[int], Pcm]  # the next block of so many samples; quick, called from the sound card's thread
Settle = Callable[[], None]  # called after each fill from a thread that may take its time

BLOCK = 0.01  # seconds
LATENCY = 0.05  # seconds of sound that the card holds: less crackles on a busy small machine


class Output(Protocol):
    """Takes mono blocks at ``rate`` samples a second from ``fill`` until it is closed."""

    rate: int

    def start(self, fill: Fill, settle: Settle) -> None: ...

    def close(self) -> None: ...


class SoundCardOutput:
    """A loudspeaker through PortAudio, opened at once at the device's own rate, in mono or else stereo.

    Raise ``NoDeviceError`` (with a remedy in its message) where it cannot be opened.
    """

    def __init__(self, device: str | int | None = None) -> None:
        found = find_device("output", device)
        self._stream, self.rate, self.channels = open_stream(
            "output", found, (found.rate, 48_000, 44_100), BLOCK, self._callback, latency=LATENCY
        )
        self.name = found.name
        self._fill: Fill | None = None
        self._filled = threading.Semaphore(0)
        self._closed = False
        self._settler: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<SoundCardOutput '{self.name}' {self.rate} Hz, {self.channels} channel(s)>"

    @property
    def latency(self) -> float:
        """Seconds from a fill to the loudspeaker, as PortAudio reports it."""
        return float(self._stream.latency)

    def start(self, fill: Fill, settle: Settle) -> None:
        self._fill = fill
        self._settler = threading.Thread(target=self._settle_on, args=(settle,), name="player", daemon=True)
        self._settler.start()
        self._stream.start()

    def close(self) -> None:
        self._stream.abort()
        self._stream.close()
        self._closed = True
        self._filled.release()
        if self._settler and self._settler is not threading.current_thread():
            self._settler.join()

    def _callback(self, out: Any, samples: int, _time: object, _status: object) -> None:
        assert self._fill
        out[:] = self._fill(samples)[:, None]
        self._filled.release()

    def _settle_on(self, settle: Settle) -> None:
        while not self._closed:
            self._filled.acquire()
            settle()


class FileOutput:
    """A WAV file in place of a loudspeaker, written at the pace of real time.

    Raise ``NoDeviceError`` where it cannot be written.
    """

    def __init__(self, path: Path, rate: int = 22_050) -> None:
        self.path = path
        self.rate = rate
        try:
            self._raw = path.open("wb")
        except OSError as error:
            raise NoDeviceError(
                f"The sound cannot be written to {path}: {error.strerror}. Name another file for `--speaker`."
            ) from error
        self._file = wave.open(self._raw)  # noqa: SIM115
        self._file.setparams((1, 2, rate, 0, "NONE", ""))
        self._stop = threading.Event()
        self._writer: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"<FileOutput {self.path} {self.rate} Hz>"

    def start(self, fill: Fill, settle: Settle) -> None:
        self._writer = threading.Thread(target=self._write, args=(fill, settle), name="player", daemon=True)
        self._writer.start()

    def close(self) -> None:
        self._stop.set()
        if self._writer and self._writer is not threading.current_thread():
            self._writer.join()
        self._file.close()
        self._raw.close()

    def _write(self, fill: Fill, settle: Settle) -> None:
        samples = round(BLOCK * self.rate)
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            self._file.writeframesraw(fill(samples).astype("<i2").tobytes())
            settle()
            due += BLOCK
