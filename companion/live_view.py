"""The live view in a terminal: the transcript, and under it what goes on, with keys and a line to type in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from companion.content.language import Prompts
from companion.screen import bar, write_line
from companion.session.transcript import Entry, plain
from companion.session.view import View

Fragments = list[tuple[str, str] | tuple[str, str, Any]]  # style and text, as prompt_toolkit has them

KEYS = {
    " ": "toggle",
    "n": "next",
    "p": "previous",
    "r": "repeat",
    "+": "more_time",
    "s": "stop",
    "?": "help",
}
"""What a key does, as one of ``control.ACTIONS``. Beside them, q leaves and Enter opens the line."""
STYLE = {
    "title": "bold",
    "step": "fg:ansicyan",
    "count": "fg:ansigreen",
    "bar": "fg:ansicyan",
    "hint": "dim",
}
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


class LiveView:
    """The transcript, and under it the live view.

    Keys are pressed, or a line is typed: Enter opens the line, Escape closes it, and ``typing`` says whether
    it is open from the start. ``look`` gives the view to draw, ``press`` gets what a key does, ``typed`` each
    line, ``leave`` is called on q, Ctrl-C or Ctrl-D.
    """

    def __init__(
        self,
        prompts: Prompts,
        look: Callable[[], View],
        press: Callable[[str], None],
        typed: Callable[[str], None],
        leave: Callable[[], None],
        typing: bool,
    ) -> None:
        self._typing = self._stays_open = typing
        self._typed = typed
        self._buffer = Buffer(multiline=False, accept_handler=self._accept)
        view = Window(
            FormattedTextControl(lambda: panel(look(), self._app.output.get_size().columns)), height=_ROWS + 5
        )
        line = Window(
            BufferControl(
                self._buffer, input_processors=[BeforeInput(lambda: " > " if self._typing else " ")]
            ),
            height=1,
        )
        hints = {
            typing: " " + prompts.say(f"screen.{name}")
            for typing, name in ((True, "typing"), (False, "keys"))
        }
        hint = Window(FormattedTextControl(lambda: [("class:hint", hints[self._typing])]), height=1)
        self._app: Application[None] = Application(
            Layout(HSplit([view, hint, line]), focused_element=line),
            key_bindings=self._bindings(press, leave),
            style=Style.from_dict(STYLE),
            refresh_interval=0.1,
            erase_when_done=True,
        )
        self._app.ttimeoutlen = 0.05  # Escape alone acts as soon as it can be no longer sequence
        self._patched = patch_stdout(raw=True)

    def _bindings(self, press: Callable[[str], None], leave: Callable[[], None]) -> KeyBindings:
        bindings = KeyBindings()
        typing = Condition(lambda: self._typing)
        for key in ("c-c", "c-d"):
            bindings.add(key)(lambda event: leave())
        bindings.add(Keys.Any, filter=~typing)(lambda event: None)
        for key, action in KEYS.items():
            bindings.add(key, filter=~typing)(lambda event, action=action: press(action))
        bindings.add("q", filter=~typing)(lambda event: leave())
        bindings.add("enter", filter=~typing)(lambda event: self._open_line(True))
        bindings.add("escape", filter=typing, eager=True)(lambda event: self._open_line(False))
        return bindings

    def _open_line(self, typing: bool) -> None:
        self._typing = typing
        self._buffer.reset()

    def _accept(self, buffer: Buffer) -> bool:
        if buffer.text.strip():
            self._typed(buffer.text.strip())
        self._typing = self._stays_open
        return False

    def show(self, entry: Entry) -> None:
        if (line := plain(entry)) is not None:
            self.note(line)

    def note(self, text: str) -> None:
        write_line(sys.stdout, text)

    async def run(self) -> None:
        """Draw until ``close``."""
        with self._patched:
            await self._app.run_async(handle_sigint=False)

    def close(self) -> None:
        if self._app.is_running:
            self._app.exit()
