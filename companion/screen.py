"""What a person sees: a live view under the transcript, plain lines, or JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from companion.session.transcript import Entry, plain

if TYPE_CHECKING:
    from companion.content.language import Prompts
    from companion.session.view import View

Fragments = list[tuple[str, str] | tuple[str, str, Any]]  # style and text, as prompt_toolkit has them

# Five rows of each digit, three or four columns wide.
_DIGITS = {
    "0": ("███", "█ █", "█ █", "█ █", "███"),
    "1": (" █ ", "██ ", " █ ", " █ ", "███"),
    "2": ("███", "  █", "███", "█  ", "███"),
    "3": ("███", "  █", "███", "  █", "███"),
    "4": ("█ █", "█ █", "███", "  █", "  █"),
    "5": ("███", "█  ", "███", "  █", "███"),
    "6": ("███", "█  ", "███", "█ █", "███"),
    "7": ("███", "  █", "  █", "  █", "  █"),
    "8": ("███", "█ █", "███", "█ █", "███"),
    "9": ("███", "█ █", "███", "  █", "███"),
    ":": (" ", "█", " ", "█", " "),
}
_ROWS = 5


def big(text: str) -> list[str]:
    """Digits and colons as five rows of blocks, twice as wide as high letters so that they look square."""
    rows = ["  ".join(_DIGITS[sign][row] for sign in text) for row in range(_ROWS)]
    return ["".join(block * 2 for block in row) for row in rows]


def countdown_text(seconds: float) -> str:
    """``9``, ``30`` or ``1:05``: the seconds that are still to come, as people count them."""
    whole = int(seconds + 0.999)
    return f"{whole // 60}:{whole % 60:02}" if whole >= 60 else str(whole)


def bar(progress: float, width: int) -> str:
    """A progress bar of that many columns."""
    full = round(progress * width)
    return "█" * full + "░" * (width - full)


def panel(view: View, width: int) -> Fragments:
    """The live view as styled text of ten lines."""
    digits = big(countdown_text(view.countdown)) if view.countdown is not None else [""] * _ROWS
    side = f"{view.side}  ·  " if view.side else ""
    lines: Fragments = [
        ("class:title", f" {view.title}\n"),
        ("class:step", f" {side}{view.step}\n"),
        ("", "\n"),
    ]
    lines += [("class:count", f"   {row}\n") for row in digits]
    lines += [("", "\n"), ("class:bar", f" {bar(view.progress, max(10, width - 9))}")]
    lines += [("", f" {view.progress:4.0%}\n")]
    return lines


def _write(stream: TextIO, line: str) -> None:
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
        _write(sys.stdout, text)

    def close(self) -> None:
        """Nothing is open."""


class NotesAlone(Lines):
    """Notes without the transcript: what a person says does not belong into a system's log."""

    def show(self, entry: Entry) -> None:
        """Nothing is shown."""


class JsonLines:
    """A JSON object a line; notes for people go to the error stream."""

    def show(self, entry: Entry) -> None:
        _write(sys.stdout, json.dumps(entry, ensure_ascii=False))

    def note(self, text: str) -> None:
        _write(sys.stderr, text)

    def close(self) -> None:
        """Nothing is open."""


class LiveView:
    """The transcript, and under it the live view with a line to type in.

    ``look`` gives the view to draw, ``typed`` gets each line that is typed, ``leave`` is called on Ctrl-C or
    Ctrl-D.
    """

    def __init__(
        self,
        prompts: Prompts,
        look: Callable[[], View],
        typed: Callable[[str], None],
        leave: Callable[[], None],
    ) -> None:
        from prompt_toolkit.application import Application
        from prompt_toolkit.buffer import Buffer
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
        from prompt_toolkit.layout.processors import BeforeInput
        from prompt_toolkit.patch_stdout import patch_stdout
        from prompt_toolkit.styles import Style

        def accept(buffer: Buffer) -> bool:
            if buffer.text.strip():
                typed(buffer.text.strip())
            return False

        keys = KeyBindings()
        keys.add("c-c")(lambda event: leave())
        keys.add("c-d")(lambda event: leave())
        self._buffer = Buffer(multiline=False, accept_handler=accept)
        view = Window(
            FormattedTextControl(lambda: panel(look(), self._app.output.get_size().columns)), height=_ROWS + 5
        )
        line = Window(BufferControl(self._buffer, input_processors=[BeforeInput(" > ")]), height=1)
        hint = Window(FormattedTextControl([("class:hint", " " + prompts.say("screen.typing"))]), height=1)
        style = Style.from_dict(
            {
                "title": "bold",
                "step": "fg:ansicyan",
                "count": "fg:ansigreen",
                "bar": "fg:ansicyan",
                "hint": "dim",
            }
        )
        self._app: Application[None] = Application(
            Layout(HSplit([view, hint, line]), focused_element=line),
            key_bindings=keys,
            style=style,
            refresh_interval=0.1,
            erase_when_done=True,
        )
        self._patched = patch_stdout(raw=True)

    def show(self, entry: Entry) -> None:
        if (line := plain(entry)) is not None:
            self.note(line)

    def note(self, text: str) -> None:
        _write(sys.stdout, text)

    async def run(self) -> None:
        """Draw until ``close``."""
        with self._patched:
            await self._app.run_async(handle_sigint=False)

    def close(self) -> None:
        if self._app.is_running:
            self._app.exit()
