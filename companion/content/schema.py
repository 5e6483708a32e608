"""Holds a document against its JSON Schema and says in plain words what does not fit.

The schema is the one source of truth for the structure, for editors and for us; its descriptions are the
remedies.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from companion.content.durations import guess_duration
from companion.content.errors import ContentError, did_you_mean, listed, nearest
from companion.content.places import bundled
from companion.content.yaml_file import Document, Where

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Kind = Literal["exercise", "routine", "voice"]

Error = Any  # jsonschema's ValidationError, typed too loosely to be of use

# What is wrong at a place, and the remedy.
Finding = tuple[Where, str, str]


def schema_problems(document: Document, kind: Kind) -> list[ContentError]:
    """Everything in which a document departs from the schema of its kind."""
    errors = _validator(kind).iter_errors(document.data)
    return [document.error(*finding) for error in errors for finding in _findings(error)]


def schema_file(kind: Kind) -> Path:
    """Where the schema of a kind of file is."""
    if kind == "voice":
        return Path(__file__).with_name("voice.schema.json")
    return bundled("routines") / f"{kind}.schema.json"


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # here because importing it takes longer than all the rest
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    kinds: tuple[Kind, ...] = (kind,) if kind == "voice" else ("exercise", "routine")
    schemas = {schema_file(k).name: json.loads(schema_file(k).read_text("utf-8")) for k in kinds}
    resources = [(name, DRAFT202012.create_resource(schema)) for name, schema in schemas.items()]
    registry: Any = Registry().with_resources(resources)
    # By reference, so that "#/…" is looked up in the file that says it.
    return Draft202012Validator({"$ref": schema_file(kind).name}, registry=registry)


def _findings(error: Error) -> Iterator[Finding]:
    where: Where = tuple(error.absolute_path)
    if "propertyNames" in error.schema_path:  # the value complained of is itself a key
        yield (
            (*where, error.instance),
            f"“{error.instance}” cannot be a short name",
            _description(error.schema),
        )
    else:
        yield from _BY_KEYWORD.get(error.validator, _other)(where, error)


def _unknown_keys(where: Where, error: Error) -> Iterator[Finding]:
    known = error.schema["properties"]
    for key in error.instance:
        if key not in known:
            unused = [k for k in known if k not in error.instance]
            remedy = did_you_mean(nearest(key, unused, limit=1))
            yield (
                (*where, key),
                f"“{key}” is not known here",
                remedy or f"There are {listed(list(known), 'and')}.",
            )


def _missing_key(where: Where, error: Error) -> Iterator[Finding]:
    # jsonschema gives one error a missing key, and the key only in its message.
    key = next(k for k in error.validator_value if error.message.startswith(repr(k)))
    remedy = _description(error.schema["properties"][key])
    yield where, f"“{key}” is missing", f"Add “{key}:”. {remedy}".rstrip()


def _type(where: Where, error: Error) -> Iterator[Finding]:
    guess = guess_duration(error.instance) if "pattern" in error.schema else None
    yield where, f"{_named(where)} is {_shown(error.instance)}", _remedy(error, guess)


def _pattern(where: Where, error: Error) -> Iterator[Finding]:
    guess = guess_duration(error.instance)
    yield where, f"{_named(where)} cannot be {_shown(error.instance)}", _remedy(error, guess)


def _choice(where: Where, error: Error) -> Iterator[Finding]:
    choices = [choice for choice in error.validator_value if isinstance(choice, str)]
    near = nearest(str(error.instance), choices, limit=1)
    remedy = f"{did_you_mean(near)} {_description(error.schema)}".strip()
    yield where, f"{_named(where)} cannot be {_shown(error.instance)}", remedy


def _empty(where: Where, error: Error) -> Iterator[Finding]:
    yield where, f"{_named(where)} is empty", _description(error.schema)


def _too_long(where: Where, error: Error) -> Iterator[Finding]:
    what = "letters" if error.validator == "maxLength" else "entries"
    remedy = f"At most {error.validator_value} fit; make two of it, or shorten it."
    yield where, f"{_named(where)} has {len(error.instance)} {what}", remedy


def _twice(where: Where, error: Error) -> Iterator[Finding]:
    yield where, f"{_named(where)} has an entry twice", "Keep one."


def _other(where: Where, error: Error) -> Iterator[Finding]:
    yield where, f"{_named(where)} cannot be {_shown(error.instance)}", _description(error.schema)


_BY_KEYWORD: dict[str, Callable[[Where, Error], Iterator[Finding]]] = {
    "additionalProperties": _unknown_keys,
    "required": _missing_key,
    "type": _type,
    "pattern": _pattern,
    "enum": _choice,
    "minLength": _empty,
    "minItems": _empty,
    "minProperties": _empty,
    "maxLength": _too_long,
    "maxItems": _too_long,
    "uniqueItems": _twice,
}


def _remedy(error: Error, guess: str | None) -> str:
    return f"Write {guess}." if guess else _description(error.schema)


def _description(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def _named(where: Where) -> str:
    """The place in words: “hold”, or entry 2 of “teach”."""
    if not where:
        return "the file"
    return (
        f"“{where[-1]}”" if isinstance(where[-1], str) else f"entry {where[-1] + 1} of {_named(where[:-1])}"
    )


def _shown(value: object) -> str:
    """A value as a person would call it."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"“{str(value).lower()}”"
        case int() | float():
            return f"the bare number {value}"
        case str():
            return f"“{value[:40]}…”" if len(value) > 40 else f"“{value}”"
        case list():
            return "a list"
        case _:
            return "a group of keys"
