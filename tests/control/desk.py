"""A person's desktop for the tests: their own folders, and a real message bus with its services."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LONG = 10.0  # seconds after which what was to come is given up


def needs(program: str, package: str) -> None:
    """Skip where a program cannot be had; on Debian it can, so there its absence is a failure."""
    if shutil.which(program) is None:
        if Path("/etc/debian_version").exists():
            pytest.fail(f"{program} is not here: apt install {package}")
        pytest.skip(f"{program} is not here, which Debian has in {package}")


def folders(home: Path) -> dict[str, str]:
    """The variables that put all of a desktop's files under ``home``."""
    (home / "run").mkdir(mode=0o700, exist_ok=True)
    kinds = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA", "STATE")}
    return {**kinds, "XDG_RUNTIME_DIR": str(home / "run")}


@contextmanager
def session_bus(variables: dict[str, str]) -> Iterator[dict[str, str]]:
    """Run a message bus; yield the variables with its address. It ends with what it started."""
    needs("dbus-run-session", "dbus")
    say_address = "echo $DBUS_SESSION_BUS_ADDRESS; exec cat"  # cat ends with its input
    with subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", say_address],
        env=os.environ | variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as bus:  # fmt: skip
        assert bus.stdin and bus.stdout
        yield variables | {"DBUS_SESSION_BUS_ADDRESS": bus.stdout.readline().strip()}
        bus.stdin.close()


def output(*command: str | Path) -> str:
    """What a program prints that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class ServiceManager:
    """The end of systemd."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address.replace("@", "\0", 1))
        self.environment = {"NOTIFY_SOCKET": address}

    def hears(self, within: float = LONG) -> str | None:
        """The next message, or None where none comes."""
        self._socket.settimeout(within)
        try:
            return self._socket.recv(4096).decode()
        except (TimeoutError, BlockingIOError):
            return None

    def hears_of(self, start: str) -> str:
        """The next message that starts so."""
        while (message := self.hears()) is not None:
            if message.startswith(start):
                return message
        pytest.fail(f"nothing was heard of {start}")

    def close(self) -> None:
        self._socket.close()
