"""A real companion behind a real socket, and what real clients, good and bad, do to it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from companion.app import Companion
from companion.config import Settings
from companion.control.client import NobodyError, RefusedError, ask, follow
from companion.control.control import Control
from companion.control.protocol import LONGEST, Address, PrivacyError
from companion.control.server import RunningError, serving
from companion.load import load
from companion.mouth import SilentMouth

LOADED, _ = load(Settings())
EITHER_WAY = pytest.mark.parametrize("unix", [True, False], ids=["socket", "loopback"])


@asynccontextmanager
async def resident(address: Address):
    """A companion that waits for somebody to start a session."""
    async with AsyncExitStack() as stack:
        companion = Companion(LOADED.world, lambda: LOADED.interpreter, resident=True)
        companion.mouth = SilentMouth(companion.spoken)
        control = Control(companion)
        await stack.enter_async_context(serving(control, address))
        running = asyncio.create_task(companion.run())
        yield companion
        running.cancel()  # leaving would wait for the goodbye
        with suppress(asyncio.CancelledError):
            await running


async def asked(*arguments: object) -> dict:
    """What ``ask`` returns, asked from another thread, as another program would."""
    return await asyncio.to_thread(ask, *arguments)


def talk(address: Address, sent: bytes) -> bytes:
    """Send these bytes as they are and return all that comes back."""
    connection, _token = address.connect(10)
    with connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(4096), b""))


@EITHER_WAY
def test_a_session_is_led_from_another_program(tmp_path: Path, unix: bool) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run", unix)
        async with resident(address) as companion:
            assert (await asked("status", "", address))["status"]["state"] == "idle"
            started = await asked("start", "desk-break", address)
            assert started["status"]["routine"] == "desk-break"
            assert (await asked("toggle", "", address))["status"]["state"] == "paused"
            assert (await asked("toggle", "", address))["status"]["state"] != "paused"
            said = await asked("say", "hang on a second", address)
            assert said["status"]["state"] == "paused"
            assert said["line"] == "Desk break: paused"
            assert (await asked("stop", "", address))["status"]["routine"] is None
            assert companion.state.name == "ended"

    asyncio.run(scenario())


def test_a_red_flag_that_was_said_through_another_program_locks(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            await asked("start", "desk-break", address)
            locked = (await asked("say", "i cannot feel anything between my legs", address))["status"]
            assert locked["lock"]["flag"] == locked["finding"]["flag"] == "saddle_numbness"
            refused = await asked("start", "desk-break", address)
            assert refused["status"]["state"] == "locked"
            assert refused["line"].startswith("Locked, because of “i cannot feel anything")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("action", "argument", "message"),
    [
        ("start", "desk-brake", "Did you mean desk-break?"),
        ("start", "/nowhere/mine.yaml", "there is no such file"),
        ("strat", "", "Did you mean start"),
        ("say", "  ", "There is nothing to say"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, action: str, argument: str, message: str) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address) as companion:
            with pytest.raises(RefusedError, match=message):
                await asked(action, argument, address)
            assert companion.state.name == "idle"

    asyncio.run(scenario())


def test_a_routine_that_was_written_after_the_start_is_found(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            mine = tmp_path / "mine.yaml"
            mine.write_text("name: Mine\nabout: One stretch.\nsteps: [calf-stretch]\nsources: [Me]\n")
            started = await asked("start", str(mine), address)
            assert started["line"].startswith("Mine: ")

    asyncio.run(scenario())


# -- who may, and who may not ---------------------------------------------------------------------------


def test_the_socket_is_the_owners_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            assert stat.S_IMODE(address.folder.stat().st_mode) == 0o700
            assert stat.S_IMODE(address.socket_file.stat().st_mode) == 0o600
        assert not address.socket_file.exists()

    asyncio.run(scenario())


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_somebody_else_is_not_answered_even_where_the_file_lets_them_in(tmp_path: Path) -> None:
    """The kernel tells who is at the other end, whatever the modes of the files are."""

    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            for opened in (*address.folder.parents[:-2], address.folder, address.socket_file):
                opened.chmod(0o777)
            os.seteuid(65534)
            try:  # credentials are those of the moment of connecting
                connection, _token = address.connect(10)
            finally:
                os.seteuid(0)
            with connection, suppress(ConnectionResetError):
                connection.sendall(b'{"action": "status"}\n')
                assert await asyncio.to_thread(connection.recv, 100) == b""

    asyncio.run(scenario())


def test_on_loopback_the_token_is_needed(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run", unix=False)
        async with resident(address):
            assert stat.S_IMODE(address.port_file.stat().st_mode) == 0o600
            for request in (b'{"action": "status"}\n', b'{"action": "status", "token": "\xc3\xa9"}\n'):
                reply = json.loads(await asyncio.to_thread(talk, address, request))
                assert "token" in reply["error"]

    asyncio.run(scenario())


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.symlink_to(tmp_path)  # as somebody could leave one in a folder that all may write to

    async def scenario() -> None:
        async with resident(Address(folder)):
            raise AssertionError("it was used")

    with pytest.raises(PrivacyError, match="belongs to somebody else"):
        asyncio.run(scenario())


# -- clients that do harm -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"pause\n",
        b"[]\n",
        b"\xff\xfe\n",
        b"{" * 1000 + b"\n",
        b"x" * (2 * LONGEST) + b"\n",
        b'{"action": 7}\n',
    ],
    ids=["empty", "no JSON", "no object", "no text", "unbalanced", "too long", "no action"],
)
def test_what_is_no_request_gets_an_error_and_harms_nobody(tmp_path: Path, sent: bytes) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            reply = json.loads(await asyncio.to_thread(talk, address, sent))
            assert reply["error"]
            assert (await asked("status", "", address))["status"]["state"] == "idle"

    asyncio.run(scenario())


def test_a_client_that_says_nothing_or_never_reads_keeps_nobody_waiting(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            silent = [address.connect(10)[0] for _ in range(8)]
            for connection in silent[:4]:
                connection.sendall(b'{"action": "status", "follow": true}\n')
            assert (await asked("start", "desk-break", address))["status"]["routine"] == "desk-break"
            for connection in silent:
                connection.close()
            assert (await asked("stop", "", address))["status"]["routine"] is None

    asyncio.run(scenario())


def test_too_many_at_once_are_sent_away_and_the_place_of_who_has_gone_is_free_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        async with resident(address):
            followers = [address.connect(10)[0] for _ in range(32)]
            for connection in followers:
                connection.sendall(b'{"action": "status", "follow": true}\n')
                await asyncio.to_thread(connection.recv, 4096)
            with pytest.raises(RefusedError, match="Too many programs"):
                await asked("status", "", address)
            for connection in followers:
                connection.close()
            while len(asyncio.all_tasks()) > 3:  # this one, the companion's, the server's
                await asyncio.sleep(0)
            assert (await asked("status", "", address))["status"]["state"] == "idle"

    asyncio.run(scenario())


# -- following ------------------------------------------------------------------------------------------


def test_a_follower_gets_every_state_until_the_companion_ends(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        states: list[str] = []
        seen = asyncio.Event()
        loop = asyncio.get_running_loop()

        def read() -> None:
            for reply in follow(address):
                states.append(reply["status"]["state"])
                loop.call_soon_threadsafe(seen.set)

        async with resident(address):
            reading = asyncio.create_task(asyncio.to_thread(read))
            for action, argument, state in (
                ("status", "", "idle"),
                ("start", "desk-break", "greeting"),
                ("pause", "", "paused"),
                ("stop", "", "ended"),
            ):
                await asked(action, argument, address)
                while state not in states:
                    seen.clear()
                    await asyncio.wait_for(seen.wait(), 10)
        await reading

    asyncio.run(scenario())


# -- one at a time --------------------------------------------------------------------------------------


@EITHER_WAY
def test_a_second_one_is_told_that_one_runs(tmp_path: Path, unix: bool) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run", unix)
        async with resident(address):
            with pytest.raises(RunningError, match="companion status"):
                async with serving(Control(Companion(LOADED.world, lambda: LOADED.interpreter)), address):
                    raise AssertionError("two of them")
            assert (await asked("status", "", address))["status"]["state"] == "idle"
        async with resident(address):  # and when the first has gone, there is room again
            assert (await asked("status", "", address))["status"]["state"] == "idle"

    asyncio.run(scenario())


def test_what_a_killed_one_left_is_no_hindrance(tmp_path: Path) -> None:
    async def scenario() -> None:
        address = Address(tmp_path / "run")
        address.folder.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(address.socket_file))
        address.lock_file.touch()
        async with resident(address):
            assert (await asked("status", "", address))["status"]["state"] == "idle"

    asyncio.run(scenario())


def test_where_nobody_runs_it_says_how_to_start_one(tmp_path: Path) -> None:
    for unix in (True, False):
        with pytest.raises(NobodyError, match="companion serve"):
            ask("pause", "", Address(tmp_path, unix))


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with resident(Address(tmp_path / ("x" * 120))):
            raise AssertionError("no system has such a socket")

    with pytest.raises(OSError, match="XDG_RUNTIME_DIR"):
        asyncio.run(scenario())
