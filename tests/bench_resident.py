"""How fast a companion that stays obeys, and what it costs to have it. A part of ``make bench``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.measuring import command, memory_of, row
from tests.running import Running, environment
from tests.virtual_card import VirtualCard

COMPANION = (sys.executable, "-m", "companion")
RUNS = 7


def resident(home: Path) -> None:
    """Measure it and print its rows."""
    to_effect(home)
    try:
        card = VirtualCard()
    except RuntimeError as error:
        print(f"companion serve with sound: not measured; {error}")
        return
    with card:
        listening, sounds, memory = zip(*(with_sound(card, home / str(run)) for run in range(3)), strict=True)
    row("companion serve to listening", list(listening))
    row("companion start to first sound, where one is resident", list(sounds), goal=1.0)
    print(f"{'companion serve, memory with its children':<52} {max(memory):>8.0f} MB")


def to_effect(home: Path) -> None:
    """From the start of a client to the change in the companion that stays."""
    tell = {name: command(environment(home), *COMPANION, name) for name in ("pause", "resume")}
    seconds = []
    with Running("serve", "--text", home=home) as running:
        running.wait_for("speak")
        command(environment(home), *COMPANION, "start", "desk-break")()
        for _ in range(RUNS):
            for action in tell.values():
                changes = len(running.entries)
                begun = time.monotonic()
                action()
                running.wait(lambda seen=changes: any(e["event"] == "state" for e in running.entries[seen:]))
                seconds.append(time.monotonic() - begun)
    row("companion pause or resume, to its effect", seconds, goal=0.15)


def with_sound(card: VirtualCard, home: Path) -> tuple[float, float, float]:
    """Seconds till the service listens, and till it sounds when told to start; its megabytes after that."""
    with Running("serve", home=home, **card.environment) as running:
        with card.record() as greeting:
            running.wait_for_note("istening with")
            listening = time.monotonic() - running.started
            greeting.wait_for_quiet()
        with card.record() as tape:
            begun = time.monotonic()
            command(environment(home), *COMPANION, "start", "desk-break")()
            tape.wait_for_sound()
            heard = tape.started + tape.spans()[0][0]
        return listening, heard - begun, memory_of(running.pid, "VmRSS")
