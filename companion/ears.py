"""From frames to hypotheses, in a process of its own.

A decoder that thinks for a second must not make the loudspeaker stutter, and one that aborts (Vosk does,
on some mistakes) must not take a session with it. So the recogniser lives in a child process, which is
started again when it dies.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companion.asr.base import Hypothesis, Pcm
    from companion.asr.choose import Engine

STARTS_AT_MOST = 3  # a recogniser that dies more often in a run will not live
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Listening:
    """What the child needs to make its recogniser."""

    engine: Engine
    phrases: Sequence[str]
    pronunciations: Mapping[str, Any]
    models: Path
    server: str = ""  # tcp://host:port of a Wyoming server that listens as well
    domain: Path | None = None  # what PocketSphinx knows of the domain
    record: Path | None = None  # the folder to keep what is heard in


class Ears:
    """Listens in the background. All callbacks come from a thread of its own.

    ``hear`` gets every hypothesis. ``note`` gets one line for the person: which recogniser it is, that it had
    to be started again, or why nothing can be heard.
    """

    def __init__(
        self, listening: Listening, hear: Callable[[Hypothesis], None], note: Callable[[str], None]
    ) -> None:
        self._listening = listening
        self._hear = hear
        self._note = note
        self._closing = False
        self._changing = threading.Lock()
        self._start()
        self._reader = threading.Thread(target=self._read, name="ears", daemon=True)
        self._reader.start()

    def __repr__(self) -> str:
        return f"<Ears in process {self._child.pid}, {self._listening.engine}>"

    def __enter__(self) -> Ears:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._child.pid

    def take(self, frames: Pcm) -> None:
        """The next frames (int16, 16 kHz). Waits while the child is behind; lost while there is none."""
        try:
            self._pipe.send_bytes(frames.tobytes())
        except OSError:
            return  # the reader has noticed, too, and starts a new child

    def close(self) -> None:
        """Stop listening; what has not been understood by now never is."""
        with self._changing:
            self._closing = True
            self._child.terminate()
        self._reader.join(timeout=5)
        self._child.join(timeout=5)
        self._pipe.close()

    def _start(self) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._child = _SPAWN.Process(
            target=_listen, args=(theirs, self._listening), name="companion-ears", daemon=True
        )
        self._child.start()
        theirs.close()

    def _read(self) -> None:
        starts = 1
        while True:
            try:
                kind, value = self._pipe.recv()
            except (EOFError, OSError):
                with self._changing:
                    if self._closing:
                        return
                    if starts == STARTS_AT_MOST:
                        self._note("The recogniser keeps failing, so nothing is heard. Type, or start again.")
                        return
                    self._start()
                starts += 1
                self._note("The recogniser failed and was started again.")
                continue
            if kind == "heard":
                self._hear(value)
            else:
                self._note(value)
            if kind == "failed":
                return


def _listen(pipe: Connection, listening: Listening) -> None:
    """The child: make the recogniser, then frames in and hypotheses out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides
    import numpy as np

    from companion.asr.base import RecogniserError
    from companion.asr.choose import make_recogniser

    try:
        recogniser, line = make_recogniser(
            listening.engine,
            listening.phrases,
            listening.pronunciations,
            listening.models,
            listening.domain,
        )
    except RecogniserError as error:
        pipe.send(("failed", str(error)))
        return
    sending = threading.Lock()  # a server is looked for in a thread

    def send(kind: str, value: Any) -> None:
        with sending:
            pipe.send((kind, value))

    if listening.server:
        from companion.asr.wyoming import with_server

        recogniser, line = with_server(recogniser, line, listening.server, lambda note: send("note", note))
    if listening.record is not None:
        from companion.asr.record import RecordingRecogniser

        recogniser = RecordingRecogniser(recogniser, listening.record, lambda note: send("note", note))
        line += f"; what is heard is kept in {listening.record}"
    send("ready", line)
    while True:
        try:
            frames = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        for hypothesis in recogniser.accept(np.frombuffer(frames, np.int16)):
            send("heard", hypothesis)
