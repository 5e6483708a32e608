"""What is wrong with a file, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


class ContentError(Exception):
    """One thing wrong in a file. ``line`` and ``column`` count from 1; 0 stands for the whole file."""

    def __init__(self, file: Path, line: int, column: int, what: str, remedy: str = "") -> None:
        super().__init__(file, line, column, what, remedy)
        self.file = file
        self.line = line
        self.column = column
        self.what = what
        self.remedy = remedy

    @property
    def problems(self) -> tuple[ContentError, ...]:
        """This problem and those found with it."""
        return (self,)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return f"{place}: {self.what}. {self.remedy}".rstrip()


class BrokenFileError(ContentError):
    """A file with one problem or more; printed, it is a line for each, in the order of the file."""

    def __init__(self, problems: Sequence[ContentError]) -> None:
        self._problems = tuple(sorted(problems, key=lambda p: (str(p.file), p.line, p.column)))
        first = self._problems[0]
        super().__init__(first.file, first.line, first.column, first.what, first.remedy)

    @property
    def problems(self) -> tuple[ContentError, ...]:
        return self._problems

    def __str__(self) -> str:
        return "\n".join(map(str, self._problems))


def raise_any(problems: Iterable[ContentError]) -> None:
    """Raise ``BrokenFileError`` with all of them, if there are any."""
    found = list(problems)
    if found:
        raise BrokenFileError(found)


class UnknownRoutine(LookupError):  # noqa: N818  (reads as what it says)
    """No routine is called that. ``nearest`` holds the ids that come nearest, best first."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.nearest = tuple(nearest)

    def __str__(self) -> str:
        remedy = did_you_mean(self.nearest) or "“companion routines” lists them all."
        return f"There is no routine “{self.name}”. {remedy}"


def nearest(word: str, choices: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The choices that look most like ``word``, best first; none where nothing comes near."""
    from rapidfuzz import process, utils  # here because a program without mistakes never needs it

    near = process.extract(word, list(choices), processor=utils.default_process, limit=limit, score_cutoff=65)
    return tuple(choice for choice, _, _ in near)


def did_you_mean(names: Sequence[str]) -> str:
    """``Did you mean a, b or c?``, or nothing where there are no names."""
    return f"Did you mean {listed(names, 'or')}?" if names else ""


def listed(names: Sequence[str], word: str) -> str:
    """``a, b or c`` with ``word`` before the last."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
