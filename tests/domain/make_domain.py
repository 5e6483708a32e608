"""Make the domain's language model: python -m tests.domain.make_domain

It tells PocketSphinx which sentences a companion is told: ``voices/en/domain.arpa.gz``, a trigram model of
what the command templates generate, of the wordings of commands and questions that the tests know, and of
``tests/sentences`` but for what is said to others and a recogniser's slips. The sentences on which hearing
is measured (``tests/nlu/symptom_wordings.yaml``) are left out. Run it anew when those have grown.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pocketsphinx import Decoder

from companion.config import Settings
from companion.load import load
from tests.domain.kneser_ney import arpa, learn
from tests.sentences import CHATTER, sentences

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "voices" / "en" / "domain.arpa.gz"
OFTEN = 3  # times that a short command counts: it is said more than any sentence
SLIPS = "slips"  # sets of sentences as a recogniser gets them wrong
LEAST = (2, 2)  # times that two words, and three, are said in a row to be listed: what is rarer is chance


def main() -> None:
    texts = list(known(said()))
    TARGET.write_bytes(gzip.compress(arpa(learn(texts, LEAST)).encode(), mtime=0))
    print(f"{TARGET.name}: {len(texts)} sentences, {TARGET.stat().st_size:,} bytes")


def said() -> Iterator[str]:
    """What is said to a companion."""
    commands = load(Settings())[0].interpreter.commands
    yield from commands.phrases()
    yield from commands.short_phrases() * (OFTEN - 1)
    yield from _texts(ROOT / "tests" / "nlu" / "wordings.yaml")
    kept = set(_texts(ROOT / "tests" / "nlu" / "symptom_wordings.yaml"))
    told = (pair for name, pairs in sentences().items() if SLIPS not in name for pair in pairs)
    yield from (text for text, label in told if label != CHATTER and text not in kept)


def known(texts: Iterator[str]) -> Iterator[str]:
    """Those of whose words the recogniser has all, or is told, the pronunciation."""
    told = load(Settings())[0].language.data("pronunciations")
    dictionary = Decoder(loglevel="FATAL", lm=None)
    for text in texts:
        words = re.findall(r"[a-z']+", text.lower())
        if words and all(word in told or dictionary.lookup_word(word) is not None for word in words):
            yield " ".join(words)


def _texts(file: Path) -> Iterator[str]:
    """Every sentence in a YAML file, however deep."""
    return _leaves(yaml.safe_load(file.read_text()))


def _leaves(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for each in data.values():
            yield from _leaves(each)
    elif isinstance(data, list):
        for each in data:
            yield from _leaves(each)


if __name__ == "__main__":
    main()
