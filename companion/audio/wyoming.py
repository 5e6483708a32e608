"""A server on the network that lends its ears or its voice, and may go at any moment.

It speaks the Wyoming protocol (https://github.com/OHF-Voice/wyoming): events as lines of JSON, with sound
after them, over TCP.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from wyoming.event import Event

Answer = TypeVar("Answer")

PATIENCE = 1.8  # seconds without a sign of the server after which it counts as gone: two, with what follows
AGAIN, SELDOM = 5.0, 300.0  # seconds before it is looked for again: twice as long after each failure
MISSING = "A speech server needs the extra “wyoming”. In a checkout, type: pip install '.[wyoming]'"
FAILURES = (OSError, EOFError, ValueError, TypeError, AttributeError, KeyError)  # the last four: no answer


class ServerError(Exception):
    """The server cannot be used; the message says why."""


def read_address(address: str) -> tuple[str, int]:
    """Host and port of ``tcp://host:port``. Raises ``ServerError`` for anything else."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, a bracket that is not closed
        host, port = None, None
    if not host or not port or parts.scheme != "tcp":
        raise ServerError(f"“{address}” is no address of a speech server, such as tcp://192.168.1.20:10300")
    return host, port


class VoiceServer:
    """One server. Whoever uses it goes on without it while ``there`` is False. Thread-safe.

    ``does`` says what it is for, "listens" or "speaks". ``note`` gets a line for the person when it goes and
    when it has answered again, from any thread. Raises ``ServerError`` where there can be none: for want
    of an address or of the library.
    """

    def __init__(self, address: str, does: str, note: Callable[[str], None]) -> None:
        if find_spec("wyoming") is None:
            raise ServerError(MISSING)
        self.address = address
        self.there = True  # as far as anybody knows
        self._host, self._port = read_address(address)
        self._does = does
        self._note = note
        self._changing = threading.Lock()
        self._told = False  # that it is gone
        self._wait = AGAIN
        self._look_at = 0.0  # when it may be looked for, on the monotonic clock

    def __repr__(self) -> str:
        return f"<VoiceServer {self.address}, {'there' if self.there else 'gone'}>"

    def ask(self, request: Sequence[Event], last: str, read: Callable[[list[Event]], Answer]) -> Answer:
        """Send these events, and ``read`` what comes back, up to the first event of the type ``last``.

        Blocks for ``PATIENCE`` without an answer at most. Raises ``ServerError``, also where ``read`` finds
        that it is no answer: by ValueError, TypeError, AttributeError or KeyError.
        """
        try:
            answer = read(_run(self._exchange(request, last)))
        except FAILURES as error:
            why = _reason(error)
            self._failed(why)
            raise ServerError(why) from None
        self._answered()
        return answer

    def look_again(self) -> None:
        """See in the background whether it may be asked again; ``there`` tells, some time later."""
        with self._changing:
            if self.there or time.monotonic() < self._look_at:
                return
            self._look_at = time.monotonic() + self._wait
        threading.Thread(target=self._look, name="look for a server", daemon=True).start()

    def _look(self) -> None:
        from wyoming.info import Describe

        with suppress(*FAILURES):
            _run(self._exchange([Describe().event()], "info"))
            self.there = True

    def _answered(self) -> None:
        with self._changing:
            self._wait = AGAIN
            told, self._told = self._told, False
        if told:
            self._note(f"The server that {self._does}, {self.address}, is back.")

    def _failed(self, why: str) -> None:
        with self._changing:
            self.there = False
            self._look_at = time.monotonic() + self._wait
            self._wait = min(2 * self._wait, SELDOM)
            told, self._told = self._told, True
        if not told:
            self._note(
                f"The server that {self._does}, {self.address}, is gone ({why})."
                f" This machine {self._does} until it is back."
            )

    async def _exchange(self, request: Sequence[Event], last: str) -> list[Event]:
        from wyoming.event import async_read_event, async_write_event

        async with asyncio.timeout(PATIENCE) as patience:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            try:
                for event in request:
                    await async_write_event(event, writer)
                answer: list[Event] = []
                while not answer or answer[-1].type != last:
                    came = await async_read_event(reader)
                    if came is None:
                        raise ConnectionError("it hung up")
                    if came.type == "error":
                        raise ConnectionError(f"it says: {came.data['text']}")
                    answer.append(came)
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
                return answer
            finally:
                writer.transport.abort()  # what is still to be sent would make a close wait


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    return str(error) if isinstance(error, OSError | EOFError) else "it does not speak Wyoming"


def _run(talk: Coroutine[Any, Any, list[Event]]) -> list[Event]:
    """Unlike ``asyncio.run``, this does not wait for a look-up of the host that hangs."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(talk)
    finally:
        loop.close()
