"""Measures how well words are understood: ``python -m tests.evaluate [FILE …]``.

A FILE holds one labelled utterance a line, as ``../shared/utterances/README.md`` describes; without any,
``dev.jsonl`` there is read, where it is there, and those in ``tests/utterances``, from which nothing has
learnt. The bars are those for a set that nobody who works on the lexicon has seen; on ``dev.jsonl``, against
which it was built, they say little.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.content.language import load_language
from companion.content.library import load_library
from companion.nlu.interpreter import make_interpreter
from companion.nlu.meaning import Meaning, Tier

ROOT = Path(__file__).parents[1]
DEV = ROOT.parent / "shared" / "utterances" / "dev.jsonl"
KEPT = sorted((ROOT / "tests" / "utterances").glob("*.jsonl"))
STOPS_ALL = (Tier.EMERGENCY, Tier.URGENT)


@dataclass(frozen=True)
class Case:
    """One labelled utterance and what was made of it."""

    label: Mapping[str, Any]
    meaning: Meaning

    @property
    def intent(self) -> str:
        """What the speaker wanted."""
        return str(self.label["intent"])

    @property
    def tier(self) -> Tier | None:
        """How grave the report is, for a report."""
        return Tier(self.label["tier"]) if self.intent == "report_symptom" else None

    @property
    def stops(self) -> bool:
        """Whether it was taken for an emergency or urgent, acted on or asked about."""
        return self.meaning.tier in STOPS_ALL

    def is_exact(self) -> bool:
        """Whether intent, tier and flag are right, or those of another right answer."""
        answers = [self.label, *self.label.get("also", ())]
        return any(
            self.meaning.intent == answer["intent"]
            and answer.get("tier") == self.meaning.tier
            and answer.get("flag") == self.meaning.flag
            for answer in answers
        )

    def is_intent_right(self) -> bool:
        """Whether the intent is right, or that of another right answer."""
        return self.meaning.intent in (
            self.intent,
            *(other["intent"] for other in self.label.get("also", ())),
        )

    def is_heeded(self) -> bool:
        """Whether the report was taken at least as gravely as it is; of two emergencies either counts."""
        return self.tier is not None and (self.meaning.tier or Tier.NONE).rank <= self.tier.rank


@dataclass(frozen=True)
class Row:
    """One line of the table: of the cases chosen, the share that passes, and the bars for it in per cent."""

    name: str
    among: Callable[[Case], bool]
    passes: Callable[[Case], bool]
    least: float | None = None
    most: float | None = None

    @property
    def bar(self) -> str:
        """As the table has it."""
        if self.least is not None:
            return f"≥ {self.least:g} %"
        return "" if self.most is None else f"≤ {self.most:g} %"

    def share(self, cases: Sequence[Case]) -> tuple[int, int]:
        """How many pass, of how many."""
        among = [case for case in cases if self.among(case)]
        return sum(map(self.passes, among)), len(among)


def _of(tier: Tier) -> Callable[[Case], bool]:
    return lambda case: case.tier is tier


def _is_command(case: Case) -> bool:
    return case.intent not in ("report_symptom", "question", "chatter")


ROWS = (
    Row(
        "emergency: acted on or asked",
        _of(Tier.EMERGENCY),
        lambda c: c.meaning.tier is Tier.EMERGENCY,
        least=98,
    ),
    Row(
        "  fell to none or to chatter",
        _of(Tier.EMERGENCY),
        lambda c: c.meaning.tier in (None, Tier.NONE),
        most=0,
    ),
    Row(
        "  taken for a command",
        _of(Tier.EMERGENCY),
        lambda c: c.meaning.intent not in ("report_symptom", "chatter"),
        most=0,
    ),
    Row("urgent: acted on or asked", _of(Tier.URGENT), lambda c: c.stops, least=95),
    Row("caution: right or higher", _of(Tier.CAUTION), Case.is_heeded, least=90),
    Row("advice: right or higher", _of(Tier.ADVICE), Case.is_heeded),
    Row("tier and flag exact", lambda c: c.tier not in (None, Tier.NONE), Case.is_exact),
    Row("false alarms: harmless reports", _of(Tier.NONE), lambda c: c.stops, most=5),
    Row(
        "  caution or advice on them", _of(Tier.NONE), lambda c: c.meaning.tier in (Tier.CAUTION, Tier.ADVICE)
    ),
    Row("false alarms: chatter", lambda c: c.intent == "chatter", lambda c: c.stops),
    Row("false alarms: commands", _is_command, lambda c: c.stops),
    Row(
        "  chatter and commands", lambda c: c.intent == "chatter" or _is_command(c), lambda c: c.stops, most=1
    ),
    Row("false alarms: questions", lambda c: c.intent == "question", lambda c: c.stops),
    Row("commands: intent", _is_command, Case.is_intent_right, least=93),
    Row("questions: intent", lambda c: c.intent == "question", Case.is_intent_right, least=90),
    Row("chatter: intent", lambda c: c.intent == "chatter", Case.is_intent_right),
)


def evaluate(labels: Sequence[Mapping[str, Any]]) -> list[Case]:
    """What the program as it ships makes of labelled utterances."""
    interpreter = make_interpreter(load_language("en", [ROOT / "voices"]), load_library([ROOT / "routines"]))
    return [Case(label, interpreter.interpret(label["text"])) for label in labels]


def table(cases: Sequence[Case]) -> str:
    """All rows: over all cases, and over the odd and the even lines apart."""
    lines = [f"{'':34}{'all':>18}{'odd':>18}{'even':>18}   bar (unseen)"]
    for row in ROWS:
        shares = "".join(_share(row, half) for half in (cases, cases[0::2], cases[1::2]))
        lines.append(f"{row.name:34}{shares}   {row.bar}".rstrip())
    return "\n".join(lines)


def _share(row: Row, cases: Sequence[Case]) -> str:
    passed, among = row.share(cases)
    return f"{f'{passed}/{among}':>11}{100 * passed / among:6.1f}%" if among else f"{'–':>18}"


def wrong(cases: Sequence[Case]) -> list[str]:
    """The reports taken too lightly and the false alarms, a line each."""
    return [
        f"  {case.label['text']!r}: {case.tier or case.intent}, taken as "
        f"{' '.join(filter(None, (case.meaning.intent, case.meaning.tier, case.meaning.flag)))}"
        for case in cases
        if (case.tier and not case.is_heeded()) or (case.tier not in STOPS_ALL and case.stops)
    ]


def read(file: Path) -> list[Mapping[str, Any]]:
    """The labels in a file. Raises ``OSError`` or ``ValueError`` for one that cannot be read."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def main(arguments: Sequence[str]) -> int:
    """Print a table for each file. 0, also where there is nothing to measure; 1 for what cannot be read."""
    for file in map(Path, arguments or (DEV, *KEPT)):
        if not file.exists():
            print(f"Labelled utterances were not found ({file.name}), so nothing is measured.\n")
            if arguments:
                return 1
            continue
        try:
            labels = read(file)
        except (OSError, ValueError) as error:
            print(f"{file}: this cannot be read as one JSON object a line: {error}")
            return 1
        cases = evaluate(labels)
        print(f"{len(cases)} utterances of {file.name}\n\n{table(cases)}")
        missed = wrong(cases)
        print(f"\nToo light, or a false alarm ({len(missed)}):\n" + "\n".join(missed) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
