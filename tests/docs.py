"""The parts of the texts that are made from the program itself: ``python -m tests.docs`` writes them anew.

Each stands between two comments, ``<!-- generated: NAME -->`` and ``<!-- end -->``; everything else in the
texts is written by hand. A test asserts that they are up to date.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from companion.config import Settings, describe_settings
from companion.load import load
from companion.rehearse import Rehearsal, Said
from companion.session.table import ALONG_THE_PLAN, EVERYWHERE, GOING_ON, ROWS, SAME, STATES, Row
from companion.session.transcript import Entry, plain

ROOT = Path(__file__).parents[1]
PART = re.compile(r"(<!-- generated: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
PLAN = "plan_goes_on"
FEW = 4  # triggers that an arrow names; the table has them all
SAMPLE = 20  # lines
SAID = ((8, "how long have I got"), (13, "hang on a second"), (19, "okay I'm back"))  # seconds into the hold


def spoken_commands() -> str:
    """What can be said: a table from the language pack."""
    commands = load(Settings())[0].interpreter.commands
    rows = [f"| {how} | {does} |" for _intent, how, does in commands.help_table()]
    return "\n".join(["| say | and it |", "| --- | --- |", *rows])


def sample() -> str:
    """A piece of a rehearsal, from the first hold on."""
    loaded, _ = load(Settings())

    def rehearse(script: Sequence[Said]) -> list[Entry]:
        world = dataclasses.replace(loaded.world, screened_lately=False)  # whoever makes the texts
        return list(Rehearsal(world, loaded.interpreter, script).run("sciatica-relief"))

    hold = next(entry["t"] for entry in rehearse(()) if entry["event"] == "hold")
    entries = rehearse([Said(hold + seconds, text) for seconds, text in SAID])
    lines = [line for entry in entries if entry["t"] >= hold - 2 and (line := plain(entry))]
    return "\n".join(["```text", *lines[:SAMPLE], "```"])


def settings() -> str:
    """Every setting, its default and its meaning."""
    rows = [f"| `{name}` | {default or '–'} | {meaning} |" for name, default, meaning in describe_settings()]
    return "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows])


# -- the session's table --------------------------------------------------------------------------------


def state_diagram() -> str:
    """The table as a Mermaid diagram. What leaves the state as it is has no arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in ROWS:
        for start, end in _arrows(row):
            triggers = arrows.setdefault((start, end), [])
            triggers += [trigger for trigger in row.triggers if trigger not in triggers]
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> idle", "    state session {"]
    lines += [f"        state {PLAN} <<choice>>"]
    lines += [f"        {PLAN} --> {state}" for state in ALONG_THE_PLAN if state in GOING_ON]
    lines += [_arrow(*ends, triggers, 8) for ends, triggers in arrows.items() if _inside(*ends)]
    lines += ["    }", f"    {PLAN} --> ended"]
    lines += [_arrow(*ends, triggers, 4) for ends, triggers in arrows.items() if not _inside(*ends)]
    return "\n".join([*lines, "```"])


def _arrows(row: Row) -> list[tuple[str, str]]:
    """From where to where the row leads; where all of a session's states lead to one, the session does."""
    ends = [state for state in _ends(row) if state != SAME]
    whole = set(GOING_ON) <= set(row.states)
    arrows = []
    for end in ends:
        together = whole and not _within(end)
        starts = [state for state in row.states if not (together and state in GOING_ON)]
        arrows += [(start, end) for start in (["session"] if together else []) + starts if start != end]
    return arrows


def _ends(row: Row) -> list[str]:
    if set(ALONG_THE_PLAN) <= set(row.to):
        return [state for state in row.to if state not in ALONG_THE_PLAN] + [PLAN]
    return list(row.to)


def _within(state: str) -> bool:
    return state == PLAN or state in GOING_ON


def _inside(start: str, end: str) -> bool:
    return _within(start) and _within(end)


def _arrow(start: str, end: str, triggers: list[str], indent: int) -> str:
    shown = ", ".join(triggers[:FEW]) + (f" and {len(triggers) - FEW} more" if len(triggers) > FEW else "")
    return f"{' ' * indent}{start} --> {end}: {shown}"


def state_table() -> str:
    """Every row of the table."""
    rows = [
        f"| {_states(row)} | {', '.join(row.triggers)} | `{row.action}` | {', '.join(_ends(row))} |"
        for row in ROWS
    ]
    return "\n".join(["| while | on | does | and is then |", "| --- | --- | --- | --- |", *rows])


def _states(row: Row) -> str:
    return (
        "anything" if set(row.states) == set(EVERYWHERE) else ", ".join(s for s in STATES if s in row.states)
    )


# -- the texts ------------------------------------------------------------------------------------------

PARTS: dict[str, Callable[[], str]] = {
    "spoken commands": spoken_commands,
    "sample": sample,
    "settings": settings,
    "state diagram": state_diagram,
    "state table": state_table,
}
TEXTS = (ROOT / "README.md", ROOT / "companion" / "session" / "README.md")


def up_to_date(text: str) -> str:
    """The text with its generated parts made anew. Raises ``KeyError`` for a part that nothing makes."""
    return PART.sub(lambda part: f"{part[1]}{PARTS[part[2]]()}\n{part[3]}", text)


def main() -> int:
    """Write all texts anew and name those that changed."""
    for file in TEXTS:
        before = file.read_text("utf-8")
        after = up_to_date(before)
        if after != before:
            file.write_text(after, "utf-8")
            print(f"{file.relative_to(ROOT)} brought up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
