"""Lets other programs of the same person talk to a running companion."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from companion.control.control import Control, ControlError, Status
from companion.control.protocol import LONGEST, PATH_LIMIT, Address, decode, encode, make_private

PATIENCE = 5.0  # seconds that a client may take to ask, and to take an answer
CLIENTS = 32  # at a time
EXAMPLE = 'Send one JSON object on a line, such as {"action": "status"}.'


class RunningError(Exception):
    """Another companion listens already."""


@asynccontextmanager
async def serving(control: Control, address: Address) -> AsyncIterator[None]:
    """Take requests as long as this is open.

    Raises ``RunningError`` where another companion does, ``OSError`` where the socket cannot be made.
    """
    make_private(address.folder)
    with _only_one(address):
        server = _Server(control, "" if address.unix else secrets.token_hex(16))
        listening = await _listen(server, address)
        try:
            yield
        finally:
            listening.close()
            server.close()
            for file in (address.socket_file, address.port_file):
                file.unlink(missing_ok=True)


@contextmanager
def _only_one(address: Address) -> Iterator[None]:
    """Hold the lock, which the system takes back from whoever dies."""
    running = RunningError("A companion is running already. See what it does: companion status")
    try:
        import fcntl
    except ImportError:  # Windows: who answers is there
        with suppress(OSError, ValueError, KeyError):
            address.connect(PATIENCE)[0].close()
            raise running from None
        yield
        return
    with address.lock_file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise running from None
        yield


async def _listen(server: _Server, address: Address) -> asyncio.Server:
    if address.unix:
        path = str(address.socket_file)
        if len(os.fsencode(path)) > PATH_LIMIT:
            raise OSError(f"The path {path} is too long for a socket. Set XDG_RUNTIME_DIR to a shorter one.")
        address.socket_file.unlink(missing_ok=True)  # of one that was killed: the lock is ours
        before = os.umask(0o177)
        try:
            return await asyncio.start_unix_server(server.serve, path, limit=LONGEST)
        finally:
            os.umask(before)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=LONGEST)
    where = {"port": listening.sockets[0].getsockname()[1], "token": server.token}
    with open(os.open(address.port_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
        json.dump(where, file)
    return listening


class _Server:
    """Answers each connection: one request, then one reply or, when it follows, many."""

    def __init__(self, control: Control, token: str) -> None:
        self.token = token
        self._control = control
        self._clients: set[asyncio.Task[Any]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            if not _is_owner(writer.get_extra_info("socket")):
                return
            if len(self._clients) > CLIENTS:
                await _send(writer, {"error": "Too many programs are asking at once. Try again."})
                return
            await self._answer(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # it has gone, is too slow, or the companion ends
        finally:
            self._clients.discard(task)
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def close(self) -> None:
        for task in self._clients:
            task.cancel()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            request = decode(line)
        except ValueError:  # too long, not JSON, not UTF-8
            await _send(writer, {"error": EXAMPLE})
            return
        if self.token and not hmac.compare_digest(str(request.get("token")).encode(), self.token.encode()):
            await _send(writer, {"error": "The token is not that of this companion."})
            return
        try:
            status = await self._control.do(str(request.get("action")), str(request.get("argument") or ""))
        except ControlError as error:
            await _send(writer, {"error": str(error)})
            return
        if request.get("follow") is not True:
            await _send(writer, _reply(status))
            return
        gone = asyncio.create_task(_until_gone(reader))
        following = asyncio.create_task(self._follow(writer))
        try:
            await asyncio.wait((gone, following), return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            following.cancel()

    async def _follow(self, writer: asyncio.StreamWriter) -> None:
        async for status in self._control.changes():
            await _send(writer, _reply(status))


def _reply(status: Status) -> dict[str, Any]:
    return {"status": status.as_json(), "line": str(status)}


async def _send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
    writer.write(encode(message))
    async with asyncio.timeout(PATIENCE):
        await writer.drain()


async def _until_gone(reader: asyncio.StreamReader) -> None:
    while await reader.read(LONGEST):
        pass  # nothing more is expected


def _is_owner(connection: socket.socket) -> bool:
    """Whether the same person is at the other end. Systems that cannot tell rely on the folder's mode."""
    if not hasattr(socket, "SO_PEERCRED") or connection.family != socket.AF_UNIX:
        return True
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return bool(uid == os.getuid())
