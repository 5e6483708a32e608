"""What to expect of the guesses: ``python -m tests.guess.check [SET]``.

For every set of example sentences in turn it learns from all the others and reads that set. The templates
have learnt from most sets too, so this flatters; nothing has learnt from ``tests/nlu/unlearnt.yaml``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from companion.nlu.guess import NOTHING
from companion.nlu.meaning import Context
from companion.nlu.plain import PlainReader
from companion.nlu.sounds_like import normalise
from tests.guess.train import Example, examples, guesses
from tests.nlu.pack import data as pack
from tests.nlu.pack import names
from tests.sentences import sentences

KINDS = ("commands", "questions", "other talk")


def kind(label: str) -> str:
    """Which sort of thing a label asks for."""
    if label == NOTHING:
        return "other talk"
    return "questions" if label.startswith("question") else "commands"


def understood(reader: PlainReader, text: str, label: str) -> bool:
    """Whether the reader finds that intent; in other talk, whether it finds nothing to do."""
    meaning = reader.read(text, normalise(text).split(), Context()).meaning
    return meaning.intent == ("chatter" if label == NOTHING else label.partition(" ")[0])


def line(name: str, reader: PlainReader, data: Sequence[Example]) -> str:
    """How many of each sort are understood."""
    found = {
        sort: [understood(reader, t, label) for t, label, _ in data if kind(label) == sort] for sort in KINDS
    }
    return f"{name:20}" + "".join(f"{sum(hits):>8} of{len(hits):>5}" for hits in found.values())


def main(arguments: Sequence[str]) -> int:
    """Print a line for every set, or for those named; returns the exit code."""
    data = examples()
    chosen = arguments or sorted(sentences())
    unknown = set(chosen) - set(data)
    if unknown:
        print(f"There is no set {', '.join(sorted(unknown))}; there are {', '.join(sorted(data))}.")
        return 1
    print(f"{'understood of':20}" + "".join(f"{sort:>16}" for sort in KINDS))
    for name in chosen:
        others = [example for other, found in data.items() if other != name for example in found]
        reader = PlainReader(pack("commands"), pack("answers"), guesses(others), names())
        print(line(name, reader, data[name]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
