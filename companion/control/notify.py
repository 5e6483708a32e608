"""Tells systemd that the companion is ready and alive as sd_notify(3) describes. Else it does nothing."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from companion.control.control import Control


def notify(*assignments: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send ``READY=1``, ``STATUS=…`` or ``WATCHDOG=1``; False where nobody wants to know.

    Never waits and never fails: a service manager that does not read is no reason to fall silent.
    """
    path = environment.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    if path.startswith("@"):
        path = "\0" + path[1:]  # an abstract socket of Linux, without a file
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.setblocking(False)
        try:
            channel.sendto("\n".join(assignments).encode(), path)
        except OSError:
            return False
    return True


def watchdog_interval(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two signs of life: half of what systemd waits for; None where it waits for none."""
    microseconds, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or pid not in ("", str(os.getpid())):
        return None
    return int(microseconds) / 1e6 / 2


@asynccontextmanager
async def supervised(control: Control) -> AsyncIterator[None]:
    """Give systemd signs of life, and the line that it shows, as long as this is open."""
    tasks = [asyncio.create_task(_tell_status(control))]
    if (interval := watchdog_interval()) is not None:
        tasks.append(asyncio.create_task(keep_watchdog_fed(interval)))
    try:
        yield
    finally:
        notify("STOPPING=1")
        for task in tasks:
            task.cancel()


async def keep_watchdog_fed(interval: float) -> None:
    """Give a sign of life every so many seconds, from the loop that does all the work: when that is stuck,
    the signs stop, and systemd starts the companion anew.
    """
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)


async def _tell_status(control: Control) -> None:
    """Keep the line up to date that ``systemctl status`` shows."""
    async for status in control.changes():
        notify(f"STATUS={status}")
