"""The table of checks, and how they are run and shown."""

from __future__ import annotations

import importlib
import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from companion.doctor import program
from companion.doctor.check import Check, Finding, Machine
from companion.screen import bar


def _later(module: str, name: str) -> Callable[[Machine], Finding]:
    """A check whose imports may fail: that is then what it finds."""
    return lambda machine: getattr(importlib.import_module(f"companion.doctor.{module}"), name)(machine)


CHECKS = (
    Check("python", program.python),
    Check("libraries", program.libraries),
    Check("settings", program.settings),
    Check("content", program.content, 20.0),
    Check("folders", program.folders),
    Check("disk", program.disk),
    Check("terminal", program.terminal),
    Check("sound system", _later("sound", "portaudio")),
    Check("microphone", _later("sound", "microphone")),
    Check("your voice", _later("sound", "voice_level"), 15.0, needs_person=True),
    Check("loudspeaker", _later("sound", "loudspeaker")),
    Check("echo", _later("sound", "echo"), 15.0),
    Check("voice", _later("speech", "voice"), 20.0),
    Check("model", _later("speech", "model"), 20.0),
    Check("recogniser", _later("speech", "recogniser"), 60.0),
)
NAME_WIDTH = max(len(check.name) for check in CHECKS)
METER = (-60.0, 0.0)  # dB, from the left to the right end of the level meter
METER_WIDTH = 30  # columns


def examine(person: bool, checks: Sequence[Check] = CHECKS) -> Iterator[tuple[Check, Finding]]:
    """Run every check, but those that need a ``person`` at a terminal only where there is one."""
    machine = Machine(_draw_meter)
    for check in checks:
        if person or not check.needs_person:
            yield check, run(check, machine)


def run(check: Check, machine: Machine) -> Finding:
    """One check, whatever happens in it, within its limit."""
    found: list[Finding] = []

    def work() -> None:
        try:
            found.append(check.run(machine))
        except Exception as error:  # one failing never keeps the rest from running
            known = isinstance(error, OSError) or type(error).__module__.startswith("companion.")
            found.append(Finding("fail", str(error) if known else f"{type(error).__name__}: {error}"))

    worker = threading.Thread(target=work, name=f"check {check.name}", daemon=True)
    worker.start()
    worker.join(check.limit)
    if found:
        return found[0]
    return Finding("fail", f"no answer within {check.limit:g} s", "Start the machine anew and try again.")


def as_row(check: Check, finding: Finding) -> str:
    """``ok    microphone    what was found``, and what to do in a line below."""
    margin = " " * (NAME_WIDTH + 8)
    found = finding.found.replace("\n", f"\n{margin}")
    row = f"{finding.status:<4}  {check.name:<{NAME_WIDTH}}  {found}"
    return f"{row}\n{margin}→ {finding.remedy}" if finding.remedy else row


def as_line(check: Check, finding: Finding) -> str:
    """The same as a JSON object with ``check``, ``status``, ``found`` and ``remedy``."""
    facts = {
        "check": check.name,
        "status": finding.status,
        "found": finding.found,
        "remedy": finding.remedy,
    }
    return json.dumps(facts, ensure_ascii=False)


def _draw_meter(level: float | None) -> None:
    if level is None:
        sys.stdout.write("\r\x1b[K")
    else:
        low, high = METER
        part = min(1.0, max(0.0, (level - low) / (high - low)))
        sys.stdout.write(f"\rSay something: {bar(part, METER_WIDTH)}")
    sys.stdout.flush()
