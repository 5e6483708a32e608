"""pyttsx3 in a child process that can be killed: text to PCM within a time limit."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.tts.base import Sound, SpeechError, Voice

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))
LEAST_OF_A_LINE = 0.25  # of the time that its words should take at its rate
LONGEST_HEADER = 1 << 20  # bytes; a list of voices is about 20 kB
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
REMEDY = (
    "Try again; if it stays so, reinstall speech with `pip install --force-reinstall pyttsx3 espeakng-loader`"
    " (or `apt install libespeak-ng1`), or run with `--text`."
)


@dataclass(frozen=True, slots=True)
class SystemVoice:
    """A voice that the speech engine has: ``id`` is what ``voice:`` in voice.yaml may name."""

    id: str
    name: str
    languages: tuple[str, ...]


class SpeechProcess:
    """Renders lines with pyttsx3 in a child process, which starts with the first line. Thread-safe.

    ``limit`` is the longest that one line may take, in seconds, the child's start included. A child that
    breaks it, crashes or answers nonsense is killed; a fresh one gets the line once more before ``render``
    raises ``SpeechError``. The child ends by itself when this process does.
    """

    def __init__(self, limit: float = 5.0, command: Sequence[str] = WORKER) -> None:
        self._limit = limit
        self._command = tuple(command)
        self._child: _Child | None = None
        self._lock = threading.Lock()
        self._warned: set[str] = set()

    def __repr__(self) -> str:
        state = f"process {self._child.pid}" if self._child else "not running"
        return f"<SpeechProcess {state}, limit {self._limit:g} s>"

    def __enter__(self) -> SpeechProcess:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id; None before the first line and after ``close``."""
        child = self._child
        return child.pid if child else None

    def render(self, text: str, voice: Voice) -> Sound:
        """Speak ``text`` into a Sound: silence at both ends trimmed, then ``voice.pause`` of quiet."""
        text = _CONTROL.sub(" ", text)  # eSpeak would obey the codes
        if not text.strip():
            return Sound(np.zeros(0, np.int16), 22_050)
        header, pcm = self._ask(
            {
                "text": text,
                "voice": voice.voice,
                "rate": voice.rate,
                "pitch": voice.pitch,
                "volume": voice.volume,
            }
        )
        if header["fallback"]:
            self._warn_of(voice)
        rate = int(header["rate"])
        return Sound(_with_pause(trim(np.frombuffer(pcm, "<i2"), rate), round(voice.pause * rate)), rate)

    def voices(self) -> list[SystemVoice]:
        """What the engine of this machine can sound like."""
        header, _ = self._ask({"voices": True})
        return [SystemVoice(v["id"], v["name"], tuple(v["languages"])) for v in header["voices"]]

    def close(self) -> None:
        child = self._child
        if child:
            child.kill()  # a line that hangs would hold the lock until its limit
        with self._lock:
            self._end_child()

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            try:
                return self._exchange(request)
            except _ChildFailedError as first:
                log.info("the speech process %s; starting another", first)
            try:
                return self._exchange(request)
            except _ChildFailedError as second:
                raise SpeechError(f"No speech: the speech process {second}. {REMEDY}") from None

    def _exchange(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        try:
            if self._child is None:
                self._child = _Child(self._command)
            header, pcm = self._child.exchange(request, self._limit)
            if "text" in request and _is_cut_short(request, len(pcm) / 2 / header["rate"]):
                raise _ChildFailedError("left a line unfinished")
            return header, pcm
        except (_ChildFailedError, OSError) as error:
            self._end_child()
            raise _ChildFailedError(str(error)) from error

    def _end_child(self) -> None:
        if self._child:
            self._child.end()
            self._child = None

    def _warn_of(self, voice: Voice) -> None:
        if voice.voice not in self._warned:
            self._warned.add(voice.voice)
            log.warning(
                "No voice '%s' here; the default speaks instead. `companion voices` lists them.", voice.voice
            )


class _ChildFailedError(Exception):
    """This child is of no more use; the message says what it did."""


class _Child:
    """One run of the worker."""

    def __init__(self, command: Sequence[str]) -> None:
        self._folder = tempfile.mkdtemp(prefix="companion-speech-")
        self._finalizer = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._process = subprocess.Popen(
            [*command, self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def exchange(self, request: dict[str, Any], limit: float) -> tuple[dict[str, Any], bytes]:
        """Ask and wait for the answer; raise ``_ChildFailedError``, after ``limit`` seconds at the latest."""
        began = time.monotonic()
        # Killing the child is what ends a read that takes too long, and it works on every system.
        watchdog = threading.Timer(limit, self._process.kill)
        watchdog.start()
        try:
            header, pcm = self._answer(request)
        except (BrokenPipeError, ValueError, TypeError):
            late = time.monotonic() - began >= limit
            raise _ChildFailedError(f"did not answer within {limit:g} s" if late else self._end()) from None
        finally:
            watchdog.cancel()
        if "error" in header:
            raise _ChildFailedError(f"failed: {header['error']}")
        return header, pcm

    def _answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Raise ValueError or TypeError for an answer that is none."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        header = json.loads(self._process.stdout.readline(LONGEST_HEADER))
        if not isinstance(header, dict) or not header.keys() & {"bytes", "voices", "error"}:
            raise ValueError
        pcm = self._process.stdout.read(int(header.get("bytes", 0)))
        if len(pcm) < int(header.get("bytes", 0)):
            raise ValueError
        return header, pcm

    def _end(self) -> str:
        """How it ended, where it did."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return f"ended with status {self._process.wait(0.5)}"
        return "answered nonsense"

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self.kill()
        self._process.communicate()
        self._finalizer()


def _is_cut_short(request: dict[str, Any], seconds: float) -> bool:
    """Whether a line is far too short for its words: pyttsx3, now and then, hands over a part or nothing."""
    words = len(re.findall(r"\w+", request["text"]))
    return seconds < LEAST_OF_A_LINE * words * 60 / float(request["rate"])


def trim(pcm: NDArray[np.int16], rate: int, quiet: int = 100, margin: float = 0.01) -> NDArray[np.int16]:
    """Without the silence (below ``quiet``) at both ends, but for ``margin`` seconds that keep soft edges."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > quiet)
    if not len(loud):
        return pcm[:0]
    keep = round(margin * rate)
    return pcm[max(0, loud[0] - keep) : loud[-1] + keep]


def _with_pause(pcm: NDArray[np.int16], samples: int) -> NDArray[np.int16]:
    return np.concatenate([pcm, np.zeros(samples, np.int16)])
