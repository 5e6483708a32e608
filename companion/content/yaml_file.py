"""Reads a YAML file that a person wrote, and remembers on which line everything stands.

It takes the part of YAML that people expect and no more. ``yes``, ``on``, ``1:30`` and dates stay text,
which YAML 1.1 would turn into something else; aliases and tags are refused, and with them every file that
unpacks to more than it shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from companion.content.errors import BrokenFileError, ContentError

MOST_BYTES = 1_000_000  # a routine has a few thousand
MOST_DEPTH = 20  # levels of lists in lists

Where = tuple[str | int, ...]  # keys and indexes from the top: ("steps", 2, "hold")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is ten times as fast

_WHOLE = re.compile(r"[-+]?(0|[1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"[-+]?\d{1,15}\.\d{1,15}", re.ASCII)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Mark(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data (mappings, lists, text, numbers, booleans, ``None``) and where each of them stands."""

    file: Path
    data: Any
    marks: Mapping[Where, Mark]

    def error(self, where: Where, what: str, remedy: str = "") -> ContentError:
        """A problem with what stands at ``where``, or at the nearest place around it."""
        while where not in self.marks:
            where = where[:-1]
        return ContentError(self.file, *self.marks[where], what, remedy)


def read_yaml(file: Path) -> Document:
    """Read one file. Raises ``ContentError``; every mapping key is text."""
    text = read_text(file)
    reader = _Reader(file, text)
    try:
        return reader.document()
    except yaml.YAMLError as error:
        raise _syntax_error(file, text, error) from None


def read_text(file: Path) -> str:
    """The text of a UTF-8 file of reasonable size. Raises ``ContentError``."""
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # a pipe would be waited for
            raise ContentError(file, 0, 0, "this is no ordinary file", "Name a YAML file.")
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise ContentError(file, 0, 0, "there is no such file", "Check the name and the folder.") from None
    except IsADirectoryError:
        raise ContentError(file, 0, 0, "this is a folder", "Name a YAML file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ContentError(
            file, 0, 0, f"it cannot be read ({reason.lower()})", "Check who may read it."
        ) from None
    if len(content) > MOST_BYTES:
        raise ContentError(file, 0, 0, "it is larger than a megabyte", "Check the name.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ContentError(file, line, 1, "it is not in UTF-8", "Save it again as UTF-8 text.") from None


class _Reader:
    """Builds the data from the parser's events, so that nothing is made that was not looked at."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._text = text
        self._marks: dict[Where, Mark] = {(): Mark(1, 1)}
        self._problems: list[ContentError] = []

    def document(self) -> Document:
        self._events = _LOADER(self._text)
        self._events.get_event()  # the stream's start
        if self._events.check_event(yaml.StreamEndEvent):
            raise ContentError(self._file, 1, 1, "it is empty", "“companion routines new” writes an example.")
        self._events.get_event()  # the document's start
        data = self._value(())
        self._events.get_event()  # the document's end
        if not self._events.check_event(yaml.StreamEndEvent):
            self._fail(self._events.peek_event(), "a second document starts here", "Remove the line “---”.")
        if self._problems:
            raise BrokenFileError(self._problems)
        return Document(self._file, data, self._marks)

    def _value(self, where: Where) -> Any:
        event = self._events.get_event()
        if isinstance(event, yaml.AliasEvent):
            self._fail(event, f"“*{event.anchor}” refers to another place", "Write the text out here again.")
        if event.tag not in (None, "!"):
            self._fail(event, f"the tag “{event.tag}” is not understood", "Remove the “!” and its word.")
        if len(where) > MOST_DEPTH:
            self._fail(event, "there are too many lists within lists", "Check the brackets.")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(where)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(where)
        return _plain(event.value) if event.implicit[0] else event.value

    def _list(self, where: Where) -> list[Any]:
        items: list[Any] = []
        while not self._events.check_event(yaml.SequenceEndEvent):
            here = (*where, len(items))
            self._marks[here] = _mark(self._events.peek_event())
            items.append(self._value(here))
        self._events.get_event()
        return items

    def _mapping(self, where: Where) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not self._events.check_event(yaml.MappingEndEvent):
            event = self._events.get_event()
            if not isinstance(event, yaml.ScalarEvent):
                self._fail(event, "a key has to be a word", "Write “word: value”; put braces in quotes.")
            here = (*where, event.value)
            if event.value in mapping:
                first = self._marks[here].line
                self._note(
                    event,
                    f"“{event.value}” is here a second time",
                    f"Keep one; the first is on line {first}.",
                )
            else:
                self._marks[here] = _mark(event)
            mapping[event.value] = self._value(here)
        self._events.get_event()
        return mapping

    def _note(self, event: Any, what: str, remedy: str) -> None:
        self._problems.append(ContentError(self._file, *_mark(event), what, remedy))

    def _fail(self, event: Any, what: str, remedy: str) -> None:
        self._note(event, what, remedy)
        raise BrokenFileError(self._problems)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


def _plain(text: str) -> Any:
    """What an unquoted scalar stands for: the core of YAML 1.2."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


# A part of the parser's message, what it means, and what to do about it.
_SYNTAX = (
    (
        "mapping values",
        "a colon stands where none can be",
        "Put text with a colon in quotes.",
    ),
    ("could not find expected ':'", "a colon is missing after a key", "Write “key: value”."),
    ("quoted scalar", "a quotation mark is opened and never closed", "Close it, or remove it."),
    (
        "flow sequence",
        "a bracket is opened and never closed",
        "Close it; put a comma between entries.",
    ),
    ("flow mapping", "a brace is opened and never closed", "Close it, or put the text in quotes."),
    ("indentation", "the indentation does not fit", "Indent all keys of one level by the same spaces."),
    ("block", "the indentation does not fit", "Indent all keys of one level by the same spaces."),
    ("cannot start any token", "this sign cannot start a text", "Put the text in quotes."),
    ("alias", "“*” refers to another place", "Put text that starts with “*” in quotes."),
)


def _syntax_error(file: Path, text: str, error: yaml.YAMLError) -> ContentError:
    """The parser's complaint in words that help someone who does not know the parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:  # a character that no text has, found before parsing
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return ContentError(file, line, 1, "there is a character that no text has", "Type the line again.")
    message = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    lines = text.splitlines() or [""]
    if any(re.match(r" *\t", line) for line in lines[max(0, mark.line - 1) : mark.line + 1]):
        return ContentError(file, mark.line + 1, 1, "the line is indented with a tab", "Indent with spaces.")
    what, remedy = next(
        ((what, remedy) for part, what, remedy in _SYNTAX if part in message),
        (f"this is no YAML ({message.strip()})", "Check the indentation and the quotation marks."),
    )
    start = getattr(error, "context_mark", None) if "never closed" in what else None
    mark = start or mark
    return ContentError(file, mark.line + 1, mark.column + 1, what, remedy)
