"""Trains the second opinion on symptoms: ``python -m tests.opinion.train`` writes second_opinion.yaml.

It learns from ``tests/sentences``, from some sentences that the lexicon generates, from what
``tests/nlu/wordings.yaml`` and the texts of the program hold of other talk, and from the labelled utterances
where they are there. scikit-learn does the learning and is needed for nothing else
(``pip install scikit-learn``). ``python -m tests.opinion.check`` says what to expect of it.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from companion.content.yaml_file import read_yaml
from companion.nlu.meaning import Tier
from companion.nlu.packed import pack
from companion.nlu.symptoms.concepts import hear
from companion.nlu.symptoms.context import status
from companion.nlu.symptoms.lexicon import Lexicon, Rule, compile_lexicon, spelled
from companion.nlu.symptoms.opinion import GRAVE, Indexes, Values, signs
from companion.nlu.symptoms.slips import alternatives
from companion.nlu.templates import Node
from tests.made import write
from tests.sentences import CHATTER, HARMLESS, sentences

ROOT = Path(__file__).parents[2]
LABELLED = ROOT.parent / "shared" / "utterances" / "dev.jsonl"
TARGET = ROOT / "voices" / "en" / "second_opinion.yaml"
SIZE, FOLDED = 131_072, 16_384  # features by which gravity is told, and of which finding it is
PER_RULE = 40  # sentences generated for a rule
GENERATED_WEIGHT = 0.2  # they are cruder than what people say
COMMAND_WEIGHT = 0.5  # most are far from any report
FRAMES = ("i've got {}", "my {}", "it's {}", "i {}", "{}", "there's {}", "{} since yesterday", "um {}")

HARMLESS_FRAMES = (
    "my {} feels good",
    "put my {} on the floor",
    "i can feel it in my {}",
    "where does my {} go",
    "my {} is stronger today",
    "it's a bit tight in the {}",
    "lift the {}",
    "my {} is fine",
    "i'm stretching my {}",
    "what about the {}",
    "{} is a bit tired",
    "bring the {} to the wall",
)

Example = tuple[str, str, float]  # text, flag or "harmless", weight


def examples(lexicon: Lexicon) -> dict[str, list[Example]]:
    """Everything to learn from, by where it comes from."""
    flags = findings(lexicon)
    found = {name: [_example(*pair, flags) for pair in pairs] for name, pairs in sentences().items()}
    found["generated"] = list(_generated(lexicon))
    wordings = yaml.safe_load((ROOT / "tests/nlu/wordings.yaml").read_text("utf-8"))
    found["commands"] = [(text, HARMLESS, 1.0) for text in _texts(wordings)]
    packs = [ROOT / "voices" / "en" / f"{name}.yaml" for name in ("prompts", "answers", "commands")]
    files = [*packs, *sorted((ROOT / "routines").rglob("*.yaml"))]
    texts = [text for file in files for text in _sentences(yaml.safe_load(file.read_text("utf-8")))]
    found["texts"] = [(text, HARMLESS, 1.0) for text in texts]
    if LABELLED.exists():
        found["labelled"] = [_labelled(json.loads(line)) for line in LABELLED.read_text("utf-8").splitlines()]
    return found


def _example(text: str, label: str, flags: Collection[str]) -> Example:
    if label in flags:
        return (text, label, 1.0)
    return (text, HARMLESS, 1.0 if label in (HARMLESS, CHATTER) else COMMAND_WEIGHT)


def _labelled(label: Mapping[str, Any]) -> Example:
    return (label["text"], label.get("flag") or HARMLESS, 1.0)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, Sequence):
        for value in data:
            yield from _texts(value)


def _sentences(data: Any) -> Iterator[str]:
    """The plain sentences in a file: what has neither slots nor template brackets."""
    for text in _texts(data):
        for sentence in re.split(r"[.!?]\s+", text):
            if 3 <= len(sentence.split()) <= 30 and not re.search(r"[{}<>()\[\]]", sentence):
                yield sentence


def _generated(lexicon: Lexicon) -> Iterator[Example]:
    """Sentences put together from each rule's symptom and whatever else it needs."""
    chance = random.Random(1)
    rules = {rule.id: rule for rules in lexicon.rules.values() for rule in rules}
    for rule in rules.values():
        for _ in range(PER_RULE):
            yield (_sentence(lexicon, rule, chance), rule.flag, GENERATED_WEIGHT)
    places = [name for name, kind in lexicon.kinds.items() if kind in ("places", "courses")]
    for name in places:
        for frame in HARMLESS_FRAMES:
            yield (frame.format(_wording(lexicon, Node("rule", name), chance)), HARMLESS, GENERATED_WEIGHT)
    for kind in ("idiom", "normal", "pleasant", "resolved"):
        for _ in range(PER_RULE * 5):
            yield (_wording(lexicon, Node("rule", kind), chance), HARMLESS, GENERATED_WEIGHT)


def _sentence(lexicon: Lexicon, rule: Rule, chance: random.Random) -> str:
    parts = []
    for need in rule.needs:
        name = chance.choice(sorted(need))
        parts.append(_wording(lexicon, Node("rule", name), chance))
    if len(parts) > 1 and chance.random() < 0.5:
        parts.reverse()
    return chance.choice(FRAMES).format(" ".join(parts))


def _wording(lexicon: Lexicon, node: Node, chance: random.Random) -> str:
    if node.kind == "rule":
        return _wording(lexicon, chance.choice(lexicon.wordings[node.text]), chance)
    if node.kind == "alt":
        return _wording(lexicon, chance.choice(node.parts), chance)
    if node.kind == "seq":
        return " ".join(filter(None, (_wording(lexicon, part, chance) for part in node.parts)))
    return "" if node.text in ("_", "START", "END") else node.text


def _signs(lexicon: Lexicon, text: str) -> tuple[Indexes, Values]:
    words = spelled(lexicon, text)
    said = hear(lexicon, words, alternatives(words, lexicon.slips))
    return signs(said, status(said))


def learn(
    rows: Sequence[tuple[Indexes, Values]],
    data: Sequence[Example],
    wanted: Sequence[Collection[str]],
    size: int,
) -> str:
    """Packed weights: a row for each set of labels that is wanted; a column a feature, then bias.

    ``rows`` are the features of each example, which are hashed to so many.
    """
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    at, values = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    x = csr_matrix((values, at % size, ends), shape=(len(rows), size))
    weight = np.array([w for _, _, w in data])
    learnt = []
    for labels in wanted:
        y = np.array([label in labels for _, label, _ in data])
        model = LogisticRegression(C=30.0, max_iter=400).fit(x, y, sample_weight=weight)
        learnt.append(np.concatenate([model.coef_[0], model.intercept_]))
    return pack(np.stack(learnt))


def findings(lexicon: Lexicon) -> dict[str, Tier]:
    """The tier of every flag, the gravest first."""
    rules = [rule for rules in lexicon.rules.values() for rule in rules]
    return {rule.flag: rule.tier for rule in sorted(rules, key=lambda rule: rule.order)}


def second_opinion(lexicon: Lexicon, data: Sequence[Example]) -> dict[str, Any]:
    """What is learnt from these examples, as ``second_opinion.yaml`` has it."""
    known = findings(lexicon)
    rows = [_signs(lexicon, text) for text, _, _ in data]
    emergency = {flag for flag, tier in known.items() if tier is Tier.EMERGENCY}
    grave = {flag for flag, tier in known.items() if tier in GRAVE}
    return {
        "findings": {flag: tier.value for flag, tier in known.items()},
        "gravity": learn(rows, data, (emergency, grave, set(known)), SIZE),
        "likeness": learn(rows, data, [{flag} for flag in known], FOLDED),
    }


def read_lexicon() -> dict[str, Any]:
    """The parsed lexicon."""
    return read_yaml(ROOT / "voices" / "en" / "symptoms.yaml").data


def main() -> int:
    """Write the data; returns the exit code."""
    lexicon = compile_lexicon(read_lexicon())
    data = second_opinion(lexicon, [e for found in examples(lexicon).values() for e in found])
    write(TARGET, data, "tests.opinion.train")
    return 0


if __name__ == "__main__":
    sys.exit(main())
