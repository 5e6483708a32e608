"""From a document that fits its schema to the values of ``model``, and what the schema cannot say.

Each kind has two functions: ``…_problems`` looks, ``make_…`` builds and may only be called on a document
without problems.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from companion.content.durations import parse_duration
from companion.content.errors import ContentError, did_you_mean, nearest
from companion.content.model import Exercise, Gentler, Item, Pace, Routine, Side
from companion.content.yaml_file import Document, Where

CHANGEOVER = 10.0  # seconds, where a routine says nothing
REST = 0.0
ROUNDS = 1
LONGEST = 20 * 60.0  # seconds; more is a slip of the key
SHORTEST_HOLD = 1.0

# The order of the sides for each value of a step's "sides".
SIDES: Mapping[str, tuple[Side | None, ...]] = {
    "both": ("right", "left"),
    "right first": ("right", "left"),
    "left first": ("left", "right"),
    "right": ("right",),
    "left": ("left",),
}

Thing = TypeVar("Thing", Exercise, Routine)


def file_id(file: Path) -> str:
    """The id of what is in a file: its name in small letters with dashes."""
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-") or "unnamed"


def fold(name: str) -> str:
    """A name without what people vary: capitals, dashes, spaces."""
    return " ".join(re.findall(r"\w+", name.casefold().replace("_", " ")))


def by_name(things: Iterable[Thing]) -> dict[str, Thing]:
    """Things by every name that they go by, folded. Ids count before names, the first before the next."""
    things = tuple(things)
    names: dict[str, Thing] = {}
    for of in (lambda t: (t.id,), lambda t: (t.name,), lambda t: t.also):
        for thing in things:
            for name in of(thing):
                names.setdefault(fold(name), thing)
    return names


def exercise_problems(document: Document, where: Where = ()) -> Iterator[ContentError]:
    """What is wrong with the exercise at ``where`` beyond its structure."""
    data = _at(document, where)
    has_sides = _is_yes(data["sides"])
    yield from _duration_problems(document, where, data)
    yield from _duration_problems(document, (*where, "gentler"), data["gentler"])
    for i, beat in enumerate(data.get("pace", ())):
        yield from _duration_problems(document, (*where, "pace", i), beat)
    for here, text in _texts(where, {key: data[key] for key in data.keys() - {"get_ready", "sources"}}):
        yield from _brace_problems(document, here, text)
    ready = (*where, "get_ready")
    yield from _brace_problems(document, ready, data["get_ready"], ("side", "other") if has_sides else ())
    if has_sides and "{side}" not in data["get_ready"]:
        yield document.error(
            ready, "“get_ready” does not name the side", "Put {side} where left or right belongs."
        )


def make_exercise(document: Document, where: Where, exercise_id: str) -> Exercise:
    """The exercise at ``where``."""
    data = _at(document, where)
    gentler = data["gentler"]
    return Exercise(
        id=exercise_id,
        name=_tidy(data["name"]),
        also=_all_tidy(data.get("also", ())),
        position=data["position"],
        action=data.get("action", "hold"),
        stretches=_all_tidy(data["stretches"]),
        teach=_all_tidy(data["teach"]),
        brief=_tidy(data["brief"]),
        get_ready=_tidy(data["get_ready"]),
        seconds=parse_duration(data["hold"]),
        sides=_is_yes(data["sides"]),
        gentler=Gentler(
            _all_tidy(gentler["teach"]), _tidy(gentler["brief"]), parse_duration(gentler["hold"])
        ),
        leave_out_if=_all_tidy(data["leave_out_if"]),
        pace=tuple(Pace(_tidy(beat["say"]), parse_duration(beat["for"])) for beat in data.get("pace", ())),
        sources=_all_tidy(data["sources"]),
    )


def inline_exercises(document: Document) -> tuple[Exercise, ...]:
    """The exercises that a routine defines for itself."""
    return tuple(
        make_exercise(document, ("exercises", key), key) for key in document.data.get("exercises", ())
    )


def routine_problems(
    document: Document, library: Mapping[str, Exercise], broken: Collection[str] = ()
) -> Iterator[ContentError]:
    """What is wrong with a routine beyond its structure. ``broken`` holds the ids of unreadable exercises."""
    own = document.data.get("exercises", {})
    inline = [problem for key in own for problem in exercise_problems(document, ("exercises", key))]
    yield from inline
    yield from _duration_problems(document, (), document.data)
    if inline:
        return  # a step that names such an exercise would only repeat it
    known = by_name((*inline_exercises(document), *library.values()))
    for i, step in enumerate(document.data["steps"]):
        where: Where = ("steps", i) if isinstance(step, str) else ("steps", i, "exercise")
        settings = _settings(step)
        exercise = known.get(fold(settings["exercise"]))
        if exercise is None:
            yield _unknown_exercise(document, where, settings["exercise"], known, broken)
        elif "sides" in settings and not exercise.sides:
            what = f"“{settings['exercise']}” has no sides: both are done at once"
            yield document.error(("steps", i, "sides"), what, "Remove this line.")
        yield from _duration_problems(document, ("steps", i), settings)


def make_routine(document: Document, library: Mapping[str, Exercise]) -> Routine:
    """The routine, with every exercise looked up and every default filled in."""
    data = document.data
    known = by_name((*inline_exercises(document), *library.values()))
    return Routine(
        id=file_id(document.file),
        name=_tidy(data["name"]),
        also=_all_tidy(data.get("also", ())),
        about=_tidy(data["about"]),
        items=tuple(_item(step, data, known) for step in map(_settings, data["steps"])),
        sources=_all_tidy(data["sources"]),
        file=document.file,
    )


def _item(step: Mapping[str, Any], routine: Mapping[str, Any], known: Mapping[str, Exercise]) -> Item:
    """One step: what it says itself, else what the routine says, else what the exercise says."""
    exercise = known[fold(step["exercise"])]
    gentle = step.get("version") == "gentler"
    usual = exercise.gentler.seconds if gentle else exercise.seconds

    def duration(key: str, default: float) -> float:
        written = step.get(key, routine.get(key))
        return default if written is None else parse_duration(written)

    return Item(
        exercise=exercise,
        seconds=duration("hold", usual),
        rounds=step.get("rounds", routine.get("rounds", ROUNDS)),
        sides=SIDES[step.get("sides", "both")] if exercise.sides else (None,),
        changeover=duration("changeover", CHANGEOVER),
        rest=duration("rest", REST),
        gentle=gentle,
    )


def _unknown_exercise(
    document: Document, where: Where, name: str, known: Mapping[str, Exercise], broken: Collection[str]
) -> ContentError:
    if fold(name) in map(fold, broken):
        return document.error(where, f"the exercise “{name}” is broken itself", "Mend its own file first.")
    ids = dict.fromkeys(known[near].id for near in nearest(fold(name), known))
    remedy = did_you_mean(tuple(ids)) or "“companion routines” lists them all."
    return document.error(where, f"there is no exercise “{name}”", remedy)


def _duration_problems(document: Document, where: Where, data: Mapping[str, Any]) -> Iterator[ContentError]:
    """Durations that are well written but make no sense."""
    for key in {"hold", "for", "changeover", "rest"} & data.keys():
        seconds = parse_duration(data[key])
        if seconds > LONGEST:
            yield document.error((*where, key), f"“{key}” is longer than 20 minutes", "Write 20m at most.")
        if key == "hold" and seconds < SHORTEST_HOLD:
            yield document.error((*where, key), "“hold” is shorter than a second", "Write 1s at least.")
        if key == "for" and seconds <= 0:
            yield document.error((*where, key), "a beat has to last a while", "Write 1s at least.")


def _texts(where: Where, data: Any) -> Iterator[tuple[Where, str]]:
    """Every text at or under a place."""
    if isinstance(data, str):
        yield where, data
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _texts((*where, key), value)


def _brace_problems(
    document: Document, where: Where, text: str, allowed: Collection[str] = ()
) -> Iterator[ContentError]:
    """Braces that nothing will fill."""
    try:
        fields = [name for _, name, spec, conversion in string.Formatter().parse(text) if name is not None]
    except ValueError:
        yield document.error(where, "a brace is opened and never closed", "Remove it, or close it.")
        return
    for name in fields:
        if name not in allowed:
            remedy = "Only “get_ready” of an exercise with sides has {side} and {other}."
            yield document.error(where, f"nothing is known to fill {{{name}}} here", remedy)


def _settings(step: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return {"exercise": step} if isinstance(step, str) else step


def _at(document: Document, where: Where) -> Mapping[str, Any]:
    data = document.data
    for key in where:
        data = data[key]
    result: Mapping[str, Any] = data
    return result


def _is_yes(value: str | bool) -> bool:
    return value in ("yes", True)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _all_tidy(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(map(_tidy, texts))
