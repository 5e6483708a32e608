"""A language pack: the folder ``voices/<code>`` with everything that is said and understood.

Files are read when they are asked for, since the first word must not wait for the last.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from companion.content.durations import parse_duration
from companion.content.errors import ContentError, did_you_mean, listed, nearest, raise_any
from companion.content.model import Voice
from companion.content.schema import schema_problems
from companion.content.yaml_file import Document, Where, read_yaml


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to say: its sentences, with ``{slots}``, and where they stand."""

    sentences: tuple[str, ...]
    file: Path
    line: int

    @property
    def slots(self) -> frozenset[str]:
        """The names of the slots that have to be filled."""
        fields = (name for text in self.sentences for _, name, _, _ in string.Formatter().parse(text))
        return frozenset(name for name in fields if name)


class Prompts(Mapping[str, Prompt]):
    """What is said, by dotted key: ``hold.start`` is ``start`` under ``hold`` in ``prompts.yaml``."""

    def __init__(self, prompts: Mapping[str, Prompt], file: Path) -> None:
        self._prompts = dict(prompts)
        self._file = file

    def __getitem__(self, key: str) -> Prompt:
        return self._prompts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._prompts)

    def __len__(self) -> int:
        return len(self._prompts)

    def say(self, key: str, **slots: object) -> str:
        """The sentences of a prompt as one text. Raises ``ContentError`` for a missing key or slot."""
        return " ".join(self.lines(key, **slots))

    def lines(self, key: str, **slots: object) -> tuple[str, ...]:
        """The sentences of a prompt, filled in. Raises ``ContentError`` for a missing key or slot."""
        problem = self._problem(key, slots)
        if problem:
            raise problem
        return tuple(sentence.format_map(slots) for sentence in self[key].sentences)

    def problems(self, needs: Mapping[str, Collection[str]]) -> tuple[ContentError, ...]:
        """What would go wrong later: ``needs`` says which keys will be asked for and with which slots."""
        found = (self._problem(key, slots) for key, slots in needs.items())
        return tuple(problem for problem in found if problem)

    def _problem(self, key: str, slots: Collection[str]) -> ContentError | None:
        if key not in self:
            remedy = f"Add it. {did_you_mean(nearest(key, self, limit=1))}".rstrip()
            return ContentError(self._file, 0, 0, f"the prompt “{key}” is missing", remedy)
        prompt = self[key]
        unfilled = sorted(prompt.slots - set(slots))
        if not unfilled:
            return None
        what = f"nothing is known to fill {{{unfilled[0]}}} in the prompt “{key}”"
        remedy = f"There is {listed([f'{{{slot}}}' for slot in slots], 'and')}." if slots else "Write it out."
        return ContentError(prompt.file, prompt.line, 1, what, remedy)


@dataclass(frozen=True)
class Language:
    """One language pack. ``folders`` holds its folders, the user's own before the program's."""

    code: str
    folders: tuple[Path, ...] = field(default_factory=tuple)

    @cached_property
    def prompts(self) -> Prompts:
        """What is said, in ``prompts.yaml`` and ``safety.yaml``. A user's file needs only the prompts that
        it changes. Raises ``ContentError``."""
        prompts: dict[str, Prompt] = {}
        for name in ("prompts", "safety"):
            for document in reversed(self._documents(name)):
                prompts.update(_prompts(document))
        return Prompts(prompts, self._file("prompts"))

    @cached_property
    def voices(self) -> Mapping[str, Voice]:
        """How it sounds, by id; a user's file adds voices or replaces them. Raises ``ContentError``."""
        voices: dict[str, Voice] = {}
        for document in reversed(self._documents("voice")):
            raise_any(schema_problems(document, "voice"))
            for voice_id, data in document.data.items():
                voices[voice_id] = Voice(voice_id, **{**data, "pause": parse_duration(data["pause"])})
        return voices

    def data(self, name: str) -> Any:
        """The contents of ``<name>.yaml``, the user's own if there is one. Raises ``ContentError``."""
        return self.document(name).data

    def document(self, name: str) -> Document:
        """As ``data``, with the lines on which things stand. Raises ``ContentError``."""
        return read_yaml(self._file(name))

    def file(self, name: str) -> Path | None:
        """A file that is no YAML, the user's own if there is one; None where the pack has none."""
        return next((file for folder in self.folders if (file := folder / name).exists()), None)

    def _files(self, name: str) -> list[Path]:
        files = [folder / f"{name}.yaml" for folder in self.folders]
        return [file for file in files if file.exists()]

    def _file(self, name: str) -> Path:
        """The first of a name, or where the program's own should be."""
        return next(iter(self._files(name)), self.folders[-1] / f"{name}.yaml")

    def _documents(self, name: str) -> list[Document]:
        return [read_yaml(file) for file in self._files(name) or [self._file(name)]]


def load_language(code: str, folders: Sequence[Path]) -> Language:
    """The language pack ``<folder>/<code>`` of each folder that has one, the first before the next.

    Reads no file yet. Raises ``ContentError`` where there is none, naming those that there are.
    """
    there = [
        pack for folder in folders if folder.is_dir() for pack in sorted(folder.iterdir()) if pack.is_dir()
    ]
    found = tuple(pack for pack in there if pack.name == code)
    if found:
        return Language(code, found)
    codes = list(dict.fromkeys(pack.name for pack in there))
    remedy = f"There is {listed(codes, 'and')}." if codes else "Install the program again."
    where = folders[-1] if folders else Path()
    raise ContentError(where, 0, 0, f"there is no language “{code}”", remedy)


def _prompts(document: Document) -> dict[str, Prompt]:
    problems: list[ContentError] = []
    prompts = dict(_walk(document, (), document.data, problems))
    raise_any(problems)
    return prompts


def _walk(
    document: Document, where: Where, data: Any, problems: list[ContentError]
) -> Iterator[tuple[str, Prompt]]:
    """Every prompt at or under a place. A text is one sentence, a list is several."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(document, (*where, key), value, problems)
        return
    sentences = data if isinstance(data, list) else [data]
    if not where or not sentences or not all(isinstance(s, str) and s.strip() for s in sentences):
        remedy = "Write a sentence, or a list of sentences; put numbers in quotes."
        problems.append(document.error(where, "here a prompt has no words", remedy))
        return
    prompt = Prompt(tuple(" ".join(s.split()) for s in sentences), document.file, document.marks[where].line)
    bad = next((s for s in prompt.sentences if not _fits_slots(s)), None)
    if bad is None:
        yield ".".join(map(str, where)), prompt
    else:
        problems.append(document.error(where, f"the braces are wrong in “{bad}”", "Write slots as {name}."))


def _fits_slots(text: str) -> bool:
    """Whether its braces are plain slots: no attribute, index or format, which only a program needs."""
    try:
        fields = [field[1:] for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError:
        return False
    return all(str(name).isidentifier() and not spec and not as_ for name, spec, as_ in fields)
