"""How programs talk to a running companion: one JSON object a line, each way.

A program sends ``{"action": "start", "argument": "sciatica-relief"}`` and gets back ``{"status": {…}, "line":
"…"}``, the status as ``control.Status`` has it and a line for people; or ``{"error": "…"}``. With ``"follow":
true`` a line comes for each change until the program closes the connection.

The connection is a Unix socket that its owner alone can reach. Where Python has none (Windows), it is a port
of the loopback device, and every request carries the token that stands in a file only its owner can read.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST = 65_536  # bytes of a line
HAS_UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
PATH_LIMIT = 100  # bytes of a socket's path; systems allow 104 to 108


class PrivacyError(OSError):
    """The folder of the socket is not this person's alone; the message says what to do."""


def runtime_folder() -> Path:
    """The folder for what lives as long as the person is logged in. It need not exist yet."""
    places = [os.environ.get("XDG_RUNTIME_DIR")]
    if hasattr(os, "getuid"):
        places.append(f"/run/user/{os.getuid()}")  # the same one, for a program that was started without it
    for place in places:
        if place and Path(place).is_dir():
            return Path(place) / "companion"
    from companion.config import data_folder

    return data_folder() / "run"


def make_private(folder: Path) -> None:
    """Make the folder, for its owner alone. Raises ``PrivacyError`` where somebody else has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not hasattr(os, "getuid"):
        return  # Windows: the folder is within the person's profile
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid():
        raise PrivacyError(f"{folder} belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR.")
    folder.chmod(0o700)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a companion listens: files in ``folder``. ``unix``: by a socket file, else by a port."""

    folder: Path
    unix: bool = HAS_UNIX_SOCKETS

    @property
    def socket_file(self) -> Path:
        return self.folder / "control.sock"

    @property
    def port_file(self) -> Path:
        """JSON with ``port`` and ``token``."""
        return self.folder / "control.json"

    @property
    def lock_file(self) -> Path:
        return self.folder / "control.lock"

    def connect(self, limit: float) -> tuple[socket.socket, str]:
        """A connection whose calls take ``limit`` seconds at most, and the token to send along.

        Raises ``OSError`` or ``ValueError`` where nobody listens.
        """
        if self.unix:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(limit)
            try:
                connection.connect(str(self.socket_file))
            except OSError:
                connection.close()
                raise
            return connection, ""
        where = json.loads(self.port_file.read_text("utf-8"))
        return socket.create_connection(("127.0.0.1", int(where["port"])), limit), str(where["token"])


def encode(message: dict[str, Any]) -> bytes:
    """A message as a line."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """The message in a line. Raises ``ValueError`` where it is no JSON object."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("no object")
    return message
