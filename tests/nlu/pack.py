"""The language pack and the library as they ship, read once for the tests of understanding."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from companion.content.language import Language, load_language
from companion.content.library import Library, load_library
from companion.nlu.interpreter import Interpreter, make_interpreter
from companion.nlu.meaning import Context, Meaning
from companion.nlu.names import Calling, Names
from companion.nlu.plain import PlainReader
from companion.nlu.sounds_like import normalise

ROOT = Path(__file__).parents[2]
WORDINGS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("wordings.yaml").read_text("utf-8"))


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
    return PlainReader(data("commands"), data("answers"), names())


@cache
def interpreter() -> Interpreter:
    return make_interpreter(language(), library())


def read(text: str, question: str | None = None) -> Meaning:
    """What a text means apart from symptoms."""
    return plain_reader().read(text, normalise(text).split(), Context(question=question))
