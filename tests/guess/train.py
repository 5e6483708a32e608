"""Trains the guesses at what is wanted: ``python -m tests.guess.train`` writes guesses.yaml.

It learns from sentences that the command templates generate, from ``tests/nlu/wordings.yaml`` and
``examples.yaml`` beside this file, from the examples of symptoms (which are no commands), and from the
labelled utterances where they are there.
scikit-learn does the learning and is needed for nothing else (``pip install scikit-learn``).
"""

from __future__ import annotations

import base64
import json
import random
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from companion.content.yaml_file import read_yaml
from companion.nlu.guess import NOTHING, SCALE, families, kinds_of_words
from companion.nlu.sounds_like import normalise
from companion.nlu.templates import Node, parse

ROOT = Path(__file__).parents[2]
LABELLED = ROOT.parent / "shared" / "utterances" / "dev.jsonl"
TARGET = ROOT / "voices" / "en" / "guesses.yaml"
SIZE = 8192
PER_INTENT = 200  # sentences generated from the templates of an intent
READINESS = 1.0  # log odds: to miss what was wanted is worse than to do what was not
REPORT_WEIGHT = 0.1  # they are many
GENERATED_WEIGHT = 0.3  # they are cruder than what people say

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

Example = tuple[str, str, float]  # text, label, weight


def examples() -> Iterator[Example]:
    """Everything to learn from."""
    for name in ("tests/nlu/wordings.yaml", "tests/guess/examples.yaml"):
        for label, texts in _yaml(name).items():
            if label != "question":
                yield from ((text, _label(label.replace("/", " ")), 1.0) for text in texts)
    for file in sorted((ROOT / "tests/opinion/examples").glob("*.yaml")):
        for texts in yaml.safe_load(file.read_text("utf-8")).values():
            yield from ((text, NOTHING, REPORT_WEIGHT) for text in texts)
    if LABELLED.exists():
        for line in LABELLED.read_text("utf-8").splitlines():
            label = json.loads(line)
            topic = label.get("slots", {}).get("topic", "")
            yield label["text"], _label(f"{label['intent']} {topic}".strip()), 1.0
    yield from _generated(read_yaml(ROOT / "voices/en/commands.yaml").data)


def _yaml(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return data


def _label(intent: str) -> str:
    return NOTHING if intent in ("chatter", "report_symptom") else intent


def _generated(commands: Mapping[str, Any]) -> Iterator[Example]:
    """Sentences made of the templates, their alternatives chosen at random."""
    chance = random.Random(1)
    rules = {name: parse(text) for name, text in commands["rules"].items()}
    for intent, entry in commands["intents"].items():
        nodes = [parse(text) for text in (*entry["short"], *entry["sentences"])]
        for _ in range(PER_INTENT):
            yield _wording(rules, chance.choice(nodes), chance), _label(intent), GENERATED_WEIGHT


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


def train(data: list[Example]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """The labels, and the weights: a row a feature and a last one of biases, a column a label."""
    kinds = kinds_of_words(read_yaml(ROOT / "voices/en/commands.yaml").data["kinds"])
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


def main() -> int:
    """Write the data; returns the exit code."""
    labels, weights = train(list(examples()))
    stored = np.clip(np.round(weights * SCALE), -127, 127).astype(np.int8)
    TARGET.write_text(
        "# Made by `python -m tests.guess.train`; not to be edited. See README.md.\n"
        + yaml.safe_dump({"labels": labels}, sort_keys=False)
        + f"size: {SIZE}\nweights: {base64.b64encode(zlib.compress(stored.tobytes())).decode()}\n",
        "utf-8",
    )
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
