"""What ``make bench`` measures with: medians, ratios to a reference, memory."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


def timed(run: Callable[[], object]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def command(env: dict[str, str], *arguments: str) -> Callable[[], float]:
    def run() -> None:
        subprocess.run(arguments, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=True)

    return lambda: timed(run)


def arithmetic() -> float:
    return timed(lambda: sum(range(1_000_000)))


def compare(
    what: str, run: Callable[[], float], reference: Callable[[], float], runs: int, goal: float | None = None
) -> None:
    """Run it and its reference by turns."""
    pairs = [(reference(), run()) for _ in range(runs)]
    row(what, [seconds for _, seconds in pairs], statistics.median(base for base, _ in pairs), goal)


def row(what: str, seconds: list[float], reference: float | None = None, goal: float | None = None) -> None:
    median = statistics.median(seconds)
    times = f"{median / reference:>8.1f}" if reference else ""
    limit = f"< {goal:g} s" if goal else ""
    print(f"{what:<52} {median * 1000:>8.2f} ms {limit:>8} {times}", flush=True)


def memory_of(pid: int, which: str = "VmHWM") -> float:
    """The megabytes that a process and its children have, or by default the most that they have had."""
    return sum(_kilobytes(each, which) for each in (pid, *_children_of(pid))) / 1024


def _kilobytes(pid: int, which: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(which)))


def _children_of(pid: int) -> list[int]:
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]
