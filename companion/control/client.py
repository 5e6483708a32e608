"""Asks a running companion. Imports next to nothing: a key has been pressed, and somebody waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from companion.control.protocol import LONGEST, Address, decode, encode, runtime_folder

ANSWERS_WITHIN = 5.0  # seconds


class NobodyError(Exception):
    """No companion runs here; the message says how to start one."""


class RefusedError(Exception):
    """The companion cannot do that, or does not answer; the message says why."""


def ask(action: str, argument: str = "", address: Address | None = None) -> dict[str, Any]:
    """Ask for one of ``control.ACTIONS`` and return the reply: ``status`` and ``line``.

    Raises ``NobodyError`` and ``RefusedError``.
    """
    return next(_replies({"action": action, "argument": argument}, address))


def follow(address: Address | None = None) -> Iterator[dict[str, Any]]:
    """A reply now and after every change, until the companion ends."""
    return _replies({"action": "status", "follow": True}, address)


def _replies(request: dict[str, Any], address: Address | None) -> Iterator[dict[str, Any]]:
    try:
        connection, token = (address or Address(runtime_folder())).connect(ANSWERS_WITHIN)
    except (OSError, ValueError, KeyError):
        raise NobodyError("No companion is running. Start one that stays: companion serve") from None
    with connection, connection.makefile("rb") as lines:
        try:
            connection.sendall(encode(request | {"token": token}))
            while line := lines.readline(LONGEST):
                reply = decode(line)
                if "error" in reply:
                    raise RefusedError(str(reply["error"]))
                yield reply
                connection.settimeout(None)  # a change comes when it comes
        except TimeoutError:
            raise RefusedError("The companion that is running does not answer. Start it again.") from None
        except (OSError, ValueError):
            raise RefusedError("The companion ended before it answered.") from None
    if "follow" not in request:
        raise RefusedError("The companion ended before it answered.")
