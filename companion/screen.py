"""What a person sees of a session without a terminal to draw in: plain lines, or JSON lines."""

from __future__ import annotations

import json
import sys
from typing import Protocol, TextIO

from companion.session.transcript import Entry, plain


def bar(progress: float, width: int) -> str:
    """A progress bar of that many columns."""
    full = round(progress * width)
    return "█" * full + "░" * (width - full)


def write_line(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


class Screen(Protocol):
    """Shows entries of the transcript, and notes about the program itself."""

    def show(self, entry: Entry) -> None: ...

    def note(self, text: str) -> None: ...

    def close(self) -> None: ...


class Lines:
    """Plain lines to a stream, for terminals without a screen, files and pipes."""

    def show(self, entry: Entry) -> None:
        if (line := plain(entry)) is not None:
            self.note(line)

    def note(self, text: str) -> None:
        write_line(sys.stdout, text)

    def close(self) -> None:
        """Nothing is open."""


class NotesAlone(Lines):
    """Notes without the transcript: what a person says does not belong into a system's log."""

    def show(self, entry: Entry) -> None:
        """Nothing is shown."""


class JsonLines:
    """A JSON object a line; notes for people go to the error stream."""

    def show(self, entry: Entry) -> None:
        write_line(sys.stdout, json.dumps(entry, ensure_ascii=False))

    def note(self, text: str) -> None:
        write_line(sys.stderr, text)

    def close(self) -> None:
        """Nothing is open."""
