"""The real program in a process of its own, watched through its JSON lines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def environment(home: Path) -> dict[str, str]:
    """The environment of a person whose folders are all under ``home``."""
    home.mkdir(parents=True, exist_ok=True)  # the folder of the socket has to be there
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA", "STATE")}
    here = {k: v for k, v in os.environ.items() if not k.startswith(("PULSE_", "ALSA_", "COMPANION_"))}
    return {**here, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "PYTHONPATH": str(ROOT), **folders}


def companion(
    *arguments: str, home: Path, stdin: str | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; ``stdin`` is piped in, or there is none."""
    given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run(
        [sys.executable, "-m", "companion", *arguments],
        env={**environment(home), **env}, capture_output=True, text=True, timeout=60, **given,
    )  # fmt: skip


class Running:
    """A companion that runs. A context manager, which ends it."""

    def __init__(self, *arguments: str, home: Path, **env: str) -> None:
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "companion", *arguments, "--json"],
            env={**environment(home), **env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.entries: list[dict] = []
        self.notes: list[str] = []
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, keep), daemon=True)
            for stream, keep in (
                (self._process.stdout, self._entry),
                (self._process.stderr, self.notes.append),
            )
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()

    def _entry(self, line: str) -> None:
        self.entries.append(json.loads(line))

    def _read(self, stream, keep: Callable[[str], None]) -> None:
        for line in stream:
            with self._changed:
                keep(line.rstrip())
                self._changed.notify_all()

    def wait(self, what: Callable[[], object], limit: float = 60.0) -> None:
        """Wait till something holds; fails after ``limit`` seconds with all that has been seen."""
        with self._changed:
            assert self._changed.wait_for(what, limit), f"not within {limit} s: {self.entries} {self.notes}"

    def wait_for(self, event: str, **facts: object) -> dict:
        """Wait for an entry of this kind with these facts, and return the first."""

        def found() -> list[dict]:
            return [e for e in self.entries if e["event"] == event and facts.items() <= e.items()]

        self.wait(found)
        return found()[0]

    def wait_for_note(self, part: str) -> None:
        self.wait(lambda: any(part in note for note in self.notes))

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def terminate(self) -> None:
        """End it as the system does when it shuts down."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Pull the plug."""
        self._process.kill()
        self._process.wait()

    def end(self) -> int:
        """Wait for the end and return the exit code."""
        code = self._process.wait(timeout=60)
        for reader in self._readers:
            reader.join()
        return code
