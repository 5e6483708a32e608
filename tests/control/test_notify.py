"""What a service manager hears of the companion, on a real datagram socket."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from companion.app import Companion
from companion.config import Settings
from companion.control.control import Control
from companion.control.notify import keep_watchdog_fed, notify, supervised, watchdog_interval
from companion.load import load
from tests.control.desk import LONG, ServiceManager
from tests.running import environment

INTERVAL = 0.02  # seconds between two signs of life


@pytest.fixture(params=["file", "abstract"])
def manager(request, tmp_path, monkeypatch):
    address = str(tmp_path / "notify") if request.param == "file" else f"@companion-test-{os.getpid()}"
    manager = ServiceManager(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    yield manager
    manager.close()


@pytest.fixture
def loop():
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop

    async def end():
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(end(), loop).result(LONG)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_it_hears_what_is_sent(manager):
    assert notify("READY=1", "STATUS=Piriformis stretch, right side: hold, 20 s left – “ja”")
    assert manager.hears() == "READY=1\nSTATUS=Piriformis stretch, right side: hold, 20 s left – “ja”"


def test_without_one_nothing_happens(tmp_path):
    assert not notify("READY=1", environment={})
    assert not notify("READY=1", environment={"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    assert not notify("READY=1", environment={"NOTIFY_SOCKET": "vsock:2:1"})


def test_one_that_does_not_read_holds_nothing_up(manager):
    sent = 0
    while notify("STATUS=" + "x" * 1000):
        sent += 1
    assert 0 < sent < 10_000  # its buffer is full, and notify has returned


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "500000"}, 0.25),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # it waits for another process
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_signs_of_life_are_due_twice_as_often_as_they_are_missed(variables, seconds):
    assert watchdog_interval(variables) == seconds


def test_a_loop_that_is_stuck_gives_no_sign_of_life(manager, loop):
    asyncio.run_coroutine_threadsafe(keep_watchdog_fed(INTERVAL), loop)
    assert [manager.hears() for _ in range(5)] == ["WATCHDOG=1"] * 5
    stuck, go_on = threading.Event(), threading.Event()

    def get_stuck():
        stuck.set()
        go_on.wait(LONG)

    loop.call_soon_threadsafe(get_stuck)
    assert stuck.wait(LONG)
    while manager.hears(within=0) is not None:
        pass  # what was sent before
    assert manager.hears(within=10 * INTERVAL) is None
    go_on.set()
    assert manager.hears() == "WATCHDOG=1"


def test_a_service_tells_what_it_does_when_it_listens_and_that_it_lives(tmp_path):
    manager = ServiceManager(str(tmp_path / "notify"))
    variables = environment(tmp_path / "home") | manager.environment | {"WATCHDOG_USEC": "100000"}
    command = [sys.executable, "-m", "companion", "serve", "--text"]
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as served:
        nothing_runs = "STATUS=Nothing is running. Start with: companion start sciatica-relief"
        assert manager.hears_of("STATUS") == nothing_runs
        assert manager.hears_of("READY=1") == "READY=1"
        assert manager.hears_of("WATCHDOG") == "WATCHDOG=1"
        served.kill()
    manager.close()


def test_what_is_watched_over_says_when_it_stops(manager, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", str(round(INTERVAL * 2e6)))

    async def scenario():
        companion = Companion(load(Settings())[0].world, lambda: pytest.fail("nobody speaks"))
        async with supervised(Control(companion)):
            assert await asyncio.to_thread(manager.hears_of, "STATUS=Nothing is running.")
            assert await asyncio.to_thread(manager.hears_of, "WATCHDOG=1")
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert all(task.cancelling() for task in asyncio.run(scenario()))
    assert manager.hears_of("STOPPING=1")
    assert manager.hears(within=0) is None
