"""Trains the guesses at what is wanted: ``python -m tests.guess.train`` writes guesses.yaml.

It learns from ``tests/sentences`` (reports of symptoms are no commands) and ``tests/nlu/wordings.yaml``, from
some sentences that the templates of commands and those of ``other_talk.yaml`` generate, and from the labelled
utterances where they are there. scikit-learn does the learning and is
needed for nothing else (``pip install scikit-learn``). ``python -m tests.guess.check`` says what to expect.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from companion.content.yaml_file import read_yaml
from companion.nlu import INTENTS
from companion.nlu.answers import Answers
from companion.nlu.commands import Commands
from companion.nlu.guess import NOTHING, families
from companion.nlu.names import Calling, Names
from companion.nlu.packed import pack
from companion.nlu.plain import word_kinds
from companion.nlu.sounds_like import normalise
from companion.nlu.templates import Node, parse
from tests.made import write
from tests.sentences import CHATTER, sentences

ROOT = Path(__file__).parents[2]
OTHER_TALK = Path(__file__).with_name("other_talk.yaml")
PACK = ROOT / "voices" / "en"
LABELLED = ROOT.parent / "shared" / "utterances" / "dev.jsonl"
TARGET = PACK / "guesses.yaml"
SIZE = 32768
PER_INTENT = 200  # sentences generated from the templates of an intent
PER_SENTENCE = 30  # and from a template of other talk
GENERATED_WEIGHT, OTHER_TALK_WEIGHT = 0.3, 0.5  # they are cruder than what people say
REPORT_WEIGHT = 0.1  # they are many
READINESS = 0.5  # log odds: to miss what was wanted is worse than to do what was not

SLOTS = {
    "seconds": ("ten seconds", "twenty seconds", "thirty seconds", "a minute", "half a minute", "five"),
    "more_seconds": ("ten more seconds", "another minute"),
    "score": ("two", "three", "four", "six", "seven"),
    "heard_score": ("for",),
    "routine": ("sciatica", "morning", "wind down", "calf cramp", "desk break", "gentle relief"),
    "routine_name": ("sciatica relief", "wind down"),
    "exercise_name": ("child's pose", "cat cow"),
    "exercise": ("child's pose", "cat cow", "figure four", "hamstring stretch", "piriformis stretch"),
    "side": ("left", "right"),
    "unknown": ("knee", "foot", "back", "leg", "hip"),
}

NO_INTENTS = (CHATTER, "report_symptom")

Example = tuple[str, str, float]  # text, label, weight


def examples() -> dict[str, list[Example]]:
    """Everything to learn from, by where it comes from."""
    found = {name: [_example(*pair) for pair in pairs] for name, pairs in sentences().items()}
    wordings = _yaml(ROOT / "tests" / "nlu" / "wordings.yaml")
    found["wordings"] = [
        _example(t, label) for label, ts in wordings.items() if label != "question" for t in ts
    ]
    if LABELLED.exists():
        labels = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
        found["labelled"] = [(label["text"], _topical(label), 1.0) for label in labels]
    found["generated"] = list(_generated(_yaml(PACK / "commands.yaml")))
    found["other talk"] = list(_other_talk(_yaml(OTHER_TALK)))
    return found


def _yaml(file: Path) -> Mapping[str, Any]:
    data: Mapping[str, Any] = read_yaml(file).data
    return data


def _example(text: str, label: str) -> Example:
    intent, _, topic = label.partition("/")
    if intent in INTENTS and intent not in NO_INTENTS:
        return (text, f"{intent} {topic}".strip(), 1.0)
    return (text, NOTHING, 1.0 if intent == CHATTER else REPORT_WEIGHT)


def _topical(label: Mapping[str, Any]) -> str:
    return _label(f"{label['intent']} {label.get('slots', {}).get('topic', '')}".strip())


def _label(intent: str) -> str:
    return NOTHING if intent in NO_INTENTS else intent


def _generated(commands: Mapping[str, Any]) -> Iterator[Example]:
    """Sentences made of the templates, their alternatives chosen at random."""
    chance = random.Random(1)
    rules = {name: parse(text) for name, text in commands["rules"].items()}
    for intent, entry in commands["intents"].items():
        nodes = [parse(text) for text in (*entry["short"], *entry["sentences"])]
        for _ in range(PER_INTENT):
            yield _wording(rules, chance.choice(nodes), chance), _label(intent), GENERATED_WEIGHT


def _other_talk(data: Mapping[str, Any]) -> Iterator[Example]:
    chance = random.Random(1)
    rules = {name: parse(text) for name, text in data["rules"].items()}
    for sentence in data["sentences"]:
        node = parse(sentence)
        texts = {_wording(rules, node, chance) for _ in range(PER_SENTENCE)}
        yield from ((text, NOTHING, OTHER_TALK_WEIGHT) for text in sorted(texts))


def _wording(rules: Mapping[str, Node], node: Node, chance: random.Random) -> str:
    if node.kind == "word":
        return node.text
    if node.kind == "slot":
        return chance.choice(SLOTS[node.text.split(":")[0]])
    if node.kind == "rule":
        return _wording(rules, rules[node.text], chance)
    if node.kind == "alt":
        return _wording(rules, chance.choice(node.parts), chance)
    return " ".join(filter(None, (_wording(rules, part, chance) for part in node.parts)))


def known_kinds() -> dict[str, list[str]]:
    """The kinds of every word that the language pack knows."""
    commands = _yaml(PACK / "commands.yaml")
    known = Commands(commands, Names(routines=Calling({}), exercises=Calling({})))
    answers = Answers(_yaml(PACK / "answers.yaml"), known.fillers, known.spellings)
    return word_kinds(commands["kinds"], known, answers)


def train(data: Sequence[Example]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """The labels, and the weights: a row a feature and a last one of biases, a column a label."""
    kinds = known_kinds()
    rows = [families(normalise(text).split(), kinds, SIZE) for text, _, _ in data]
    values = [1 / np.sqrt(len(family)) for row in rows for family in row for _ in family]
    columns = [at for row in rows for family in row for at in family]
    starts = np.concatenate([[0], np.cumsum([sum(map(len, row)) for row in rows])])
    x = csr_matrix((values, columns, starts), shape=(len(rows), SIZE))
    model = LogisticRegression(C=10.0, max_iter=300)
    model.fit(x, [label for _, label, _ in data], sample_weight=[weight for _, _, weight in data])
    labels = [str(label) for label in model.classes_]
    model.intercept_[labels.index(NOTHING)] -= READINESS
    return labels, np.vstack([model.coef_.T, model.intercept_])


def guesses(data: Sequence[Example]) -> dict[str, Any]:
    """What is learnt from these examples, as ``guesses.yaml`` has it."""
    labels, weights = train(data)
    return {
        "labels": labels,
        "size": SIZE,
        "weights": pack(weights),
    }


def main() -> int:
    """Write the data; returns the exit code."""
    data = guesses([example for found in examples().values() for example in found])
    write(TARGET, data, "tests.guess.train")
    return 0


if __name__ == "__main__":
    sys.exit(main())
