"""A companion that writes its journal as fast as it can, until somebody kills it."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from companion.history.recorder import Recorder
from companion.history.writer import Writer
from companion.keep import Keeper
from companion.session.events import Record
from tests.session.stage import to_state

PERIOD = 0.1  # seconds
STAGE = to_state("holding")  # made once, before the processes that use it are forked
HOLD = {"exercise": "x", "side": "right", "seconds": 30, "phase": "start", "remaining": 30}


def write_until_killed(folder: str, number: int, acknowledged: str) -> None:
    """Hold, and tell of pain a hundred times a second, counting up from ``number``.

    Each is acknowledged by a line in ``acknowledged``: its number, and when it happened (monotonic, seconds).
    """
    keeper = Keeper(Path(folder))
    begun = time.monotonic()
    clock = replace(STAGE.state.clock, held=0.0)
    state = replace(STAGE.state, since=0.0, clocks=(clock, clock))
    acknowledgements = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    recorder = Recorder(Path(folder) / "journal.sqlite", print)
    writer = Writer(
        recorder,
        lambda: (state, time.monotonic() - begun),
        lambda state, now: keeper.keep_place(STAGE.world, state, now),
        print,
        period=PERIOD,
    )
    with writer:
        if number == 0:
            recorder.keep(Record("session", {"phase": "start", "routine": state.routine}), state, 0.0)
        recorder.keep(Record("hold", HOLD), state, 0.0)
        while True:
            recorder.keep(Record("pain", {"when": "before", "score": number}), state, 0.0)
            os.write(acknowledgements, f"{number} {time.monotonic()}\n".encode())
            number += 1
            time.sleep(0.01)  # the pace of what happens, not a wait for something
