"""Trains the second opinion on symptoms: ``python -m tests.opinion.train`` writes second_opinion.yaml.

It learns from sentences that the lexicon generates, from ``examples.yaml`` beside this file, from what
``tests/nlu/wordings.yaml`` holds of commands, and from the labelled utterances where they are there.
scikit-learn does the learning and is needed for nothing else (``pip install scikit-learn``).
"""

from __future__ import annotations

import base64
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from companion.content.yaml_file import read_yaml
from companion.nlu.meaning import Tier
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms.lexicon import Lexicon, Rule, compile_lexicon, tokens
from companion.nlu.symptoms.opinion import SCALE, features
from companion.nlu.templates import Node

ROOT = Path(__file__).parents[2]
LABELLED = ROOT.parent / "shared" / "utterances" / "dev.jsonl"
TARGET = ROOT / "voices" / "en" / "second_opinion.yaml"
SIZE = 8192
LEAST = 0.7  # log odds from which on it asks: in cross-validation, 2 % of harmless sentences
PER_RULE = 40  # sentences generated for a rule
GENERATED_WEIGHT = 0.03  # they are cruder than what people say
FRAMES = ("i've got {}", "my {}", "it's {}", "i {}", "{}", "there's {}", "{} since yesterday", "um {}")

HARMLESS = (
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


def examples(lexicon: Lexicon) -> list[Example]:
    """Everything to learn from."""
    found = list(_generated(lexicon))
    written = yaml.safe_load(Path(__file__).with_name("examples.yaml").read_text("utf-8"))
    found += [(text, flag, 1.0) for flag, texts in written.items() for text in texts]
    wordings = yaml.safe_load((ROOT / "tests/nlu/wordings.yaml").read_text("utf-8"))
    found += [(text, "harmless", 1.0) for text in _texts(wordings)]
    for name in ("prompts", "answers", "commands"):
        said = yaml.safe_load((ROOT / "voices" / "en" / f"{name}.yaml").read_text("utf-8"))
        found += [(text, "harmless", 0.5) for text in _sentences(said)]
    for routine in (ROOT / "routines").rglob("*.yaml"):
        found += [(text, "harmless", 0.5) for text in _sentences(yaml.safe_load(routine.read_text("utf-8")))]
    if LABELLED.exists():
        found += [_labelled(json.loads(line)) for line in LABELLED.read_text("utf-8").splitlines()]
    return found


def _labelled(label: Mapping[str, Any]) -> Example:
    return (label["text"], label.get("flag") or "harmless", 1.0)


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
        for frame in HARMLESS:
            yield (frame.format(_wording(lexicon, Node("rule", name), chance)), "harmless", GENERATED_WEIGHT)
    for kind in ("idiom", "normal", "pleasant", "resolved"):
        for _ in range(PER_RULE * 5):
            yield (_wording(lexicon, Node("rule", kind), chance), "harmless", GENERATED_WEIGHT)


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


def matrix(texts: Sequence[str]) -> csr_matrix:
    """The hashed features of each text as a row of unit length."""
    rows = [features(tokens(normalise(text)), SIZE) for text in texts]
    values = np.concatenate([np.full(len(row), 1 / np.sqrt(len(row))) for row in rows])
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return csr_matrix((values, np.concatenate(rows), starts), shape=(len(rows), SIZE))


def train(data: Sequence[Example], flags: Sequence[str]) -> np.ndarray[Any, Any]:
    """Weights: a row a feature and a last one of biases; a column for “grave”, then one for each flag."""
    x = matrix([text for text, _, _ in data])
    weight = np.array([w for _, _, w in data])
    columns = []
    for wanted in (set(flags), *({flag} for flag in flags)):
        y = np.array([label in wanted for _, label, _ in data])
        model = LogisticRegression(C=30.0, max_iter=300).fit(x, y, sample_weight=weight)
        columns.append(np.concatenate([model.coef_[0], model.intercept_]))
    return np.stack(columns, axis=1)


def main() -> int:
    """Write the data; returns the exit code."""
    lexicon = compile_lexicon(read_yaml(ROOT / "voices" / "en" / "symptoms.yaml").data)
    rules = [rule for rules in lexicon.rules.values() for rule in rules]
    findings = {
        r.flag: r.tier
        for r in sorted(rules, key=lambda r: r.order)
        if r.tier in (Tier.EMERGENCY, Tier.URGENT)
    }
    weights = train(examples(lexicon), list(findings))
    stored = np.clip(np.round(weights * SCALE), -127, 127).astype(np.int8)
    TARGET.write_text(
        "# Made by `python -m tests.opinion.train`; not to be edited. See README.md.\n"
        + yaml.safe_dump({"findings": {f: t.value for f, t in findings.items()}}, sort_keys=False)
        + f"size: {SIZE}\nleast: {LEAST}\nweights: {base64.b64encode(stored.tobytes()).decode()}\n",
        "utf-8",
    )
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
