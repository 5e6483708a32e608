"""The language pack and the library as they ship, read once for the tests of understanding."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from companion.content.language import Language, load_language
from companion.content.library import Library, load_library
from companion.nlu.interpreter import Interpreter
from companion.nlu.meaning import Context, Meaning
from companion.nlu.names import Calling, Names
from companion.nlu.plain import PlainReader
from companion.nlu.sounds_like import normalise
from companion.nlu.symptoms import SymptomReader
from companion.nlu.symptoms.lexicon import CONTEXTS

ROOT = Path(__file__).parents[2]
WORDINGS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("wordings.yaml").read_text("utf-8"))


# A few signs of the tests' own, one a tier, so that ranking can be tested whatever the lexicon holds.
SIGNS: dict[str, tuple[str, str]] = {
    "saddle_numbness": ("emergency", "numb between my legs"),
    "leg_numbness": ("urgent", "can't feel my big toe"),
    "cramp": ("caution", "cramp"),
    "persisting": ("advice", "for weeks"),
    "discomfort": ("caution", "sore"),
}


@cache
def language() -> Language:
    return load_language("en", [ROOT / "voices"])


@cache
def library() -> Library:
    return load_library([ROOT / "routines"])


@cache
def data(name: str) -> Any:
    return language().data(name)


@cache
def names() -> Names:
    return Names(
        routines=Calling({r.id: (r.name, *r.also) for r in library().routines.values()}),
        exercises=Calling({e.id: (e.name, *e.also) for e in library().exercises.values()}),
    )


@cache
def plain_reader() -> PlainReader:
    return PlainReader(data("commands"), data("answers"), data("guesses"), names())


def few_signs() -> dict[str, Any]:
    """A lexicon that knows these signs only, and otherwise has the sections that the real one has."""
    return {section: type(held)() for section, held in data("symptoms").items()} | {
        "symptoms": {flag: [words] for flag, (_, words) in SIGNS.items()},
        "context": {kind: [] for kind in CONTEXTS} | {"question": ["why do i get"]},
        "findings": {
            flag: {"tier": tier, "sources": ["NHS"], "rules": [{"id": flag, "needs": [flag]}]}
            for flag, (tier, _) in SIGNS.items()
        },
    }


@cache
def interpreter() -> Interpreter:
    return Interpreter(
        data("commands"), data("answers"), data("guesses"), SymptomReader(few_signs()), names()
    )


def read(text: str, question: str | None = None) -> Meaning:
    """What a text means apart from symptoms."""
    return plain_reader().read(text, normalise(text).split(), Context(question=question)).meaning
