"""All exercises and routines that there are, from the user's folder and from the program's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from companion.content.build import (
    by_name,
    exercise_problems,
    file_id,
    fold,
    make_exercise,
    make_routine,
    routine_problems,
)
from companion.content.errors import ContentError, UnknownRoutine, nearest, raise_any
from companion.content.model import Exercise, Routine
from companion.content.places import bundled
from companion.content.schema import schema_problems
from companion.content.yaml_file import Document, read_yaml


@dataclass(frozen=True)
class Library:
    """What could be loaded, by id, and ``problems``: what could not."""

    exercises: Mapping[str, Exercise]
    routines: Mapping[str, Routine]
    problems: tuple[ContentError, ...] = ()

    @cached_property
    def _names(self) -> Mapping[str, Routine]:
        return by_name(self.routines.values())

    def find_routine(self, name: str) -> Routine:
        """The routine of that id, name or other name, in any spelling of capitals, dashes and spaces.

        Raises ``UnknownRoutine``, which knows the nearest ids.
        """
        routine = self._names.get(fold(name))
        if routine is None:
            raise UnknownRoutine(name, self.nearest(name))
        return routine

    def including(self, routine: Routine) -> Library:
        """This library with one more routine, such as one from ``load_file``; it hides another of its id."""
        return replace(self, routines=MappingProxyType({**self.routines, routine.id: routine}))

    def nearest(self, name: str) -> tuple[str, ...]:
        """The ids of the routines whose names look most like ``name``, best first."""
        return tuple(dict.fromkeys(self._names[near].id for near in nearest(fold(name), self._names)))


def load_library(folders: Sequence[Path]) -> Library:
    """Load every exercise and routine. Of equal ids the one in the earlier folder counts.

    A folder holds routines, and exercises in its folder ``exercises``; one that does not exist is empty.
    Never raises: what is broken stands in ``problems``, and everything else is loaded.
    """
    problems: list[ContentError] = []
    broken: set[str] = set()
    exercises: dict[str, Exercise] = {}
    for file in _files([folder / "exercises" for folder in folders], problems):
        try:
            exercises.setdefault(file_id(file), _exercise(read_yaml(file), _ships(file)))
        except ContentError as error:
            problems += error.problems
            broken.add(file_id(file))
    routines: dict[str, Routine] = {}
    for file in _files(folders, problems):
        try:
            routines.setdefault(file_id(file), _routine(read_yaml(file), exercises, broken, _ships(file)))
        except ContentError as error:
            problems += error.problems
    return Library(MappingProxyType(exercises), MappingProxyType(routines), tuple(problems))


def load_file(file: Path, library: Library) -> Routine:
    """The routine in a file anywhere, with exercises of its own or the library's. Raises ``ContentError``."""
    return _routine(read_yaml(file), library.exercises)


def check_file(file: Path, library: Library) -> list[ContentError]:
    """Everything wrong with a routine or an exercise, in the order of the file."""
    try:
        document = read_yaml(file)
        if kind_of(document) == "exercise":
            _exercise(document)
        else:
            _routine(document, library.exercises)
    except ContentError as error:
        return list(error.problems)
    return []


def kind_of(document: Document) -> Literal["exercise", "routine"]:
    """What a file is meant to be: it need not be right to tell."""
    keys = document.data if isinstance(document.data, dict) else ()
    if "steps" in keys:
        return "routine"
    return "exercise" if "teach" in keys or document.file.parent.name == "exercises" else "routine"


def _ships(file: Path) -> bool:
    """Whether it comes with the program: the tests hold those to the schema, which takes long to load."""
    return file.is_relative_to(bundled("routines"))


def _exercise(document: Document, ships: bool = False) -> Exercise:
    if not ships:
        raise_any(schema_problems(document, "exercise"))
    raise_any(exercise_problems(document))
    return make_exercise(document, (), file_id(document.file))


def _routine(
    document: Document,
    exercises: Mapping[str, Exercise],
    broken: Collection[str] = (),
    ships: bool = False,
) -> Routine:
    if not ships:
        raise_any(schema_problems(document, "routine"))
    raise_any(routine_problems(document, exercises, broken))
    return make_routine(document, exercises)


def _files(folders: Sequence[Path], problems: list[ContentError]) -> list[Path]:
    """The YAML files of each folder, folder by folder; two of one id in a folder are a problem."""
    files: list[Path] = []
    for folder in folders:
        try:
            here = (
                sorted(f for f in folder.iterdir() if f.suffix in (".yaml", ".yml"))
                if folder.is_dir()
                else []
            )
        except OSError as error:
            what = f"the folder cannot be read ({str(error.strerror).lower()})"
            problems.append(ContentError(folder, 0, 0, what, "Check who may read it."))
            continue
        first: dict[str, Path] = {}
        for file in here:
            other = first.setdefault(file_id(file), file)
            if other is not file:
                what = f"its name is the same as that of {other.name}"
                problems.append(ContentError(file, 0, 0, what, "Rename one of the two."))
        files += first.values()
    return files
