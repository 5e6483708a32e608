"""The live view: what it draws, and a real terminal to draw it in."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from companion.live_view import big, countdown_text, panel
from companion.screen import bar
from companion.session.view import View
from tests.running import ROOT, environment

HOLDING = View("Piriformis stretch", "Right side", "Hold", 18.2, 0.25, "Hold.")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0"), (0.2, "1"), (9, "9"), (59.5, "1:00"), (75, "1:15")])
def test_the_countdown_counts_as_people_do(seconds: float, shown: str) -> None:
    assert countdown_text(seconds) == shown


def test_big_digits_are_five_rows_of_the_same_width() -> None:
    rows = big("1:05")
    assert len(rows) == 5
    assert len({len(row) for row in rows}) == 1
    assert big("8") != big("0")


def test_the_bar_is_as_long_as_it_says() -> None:
    assert bar(0.25, 8) == "██░░░░░░"


def test_the_panel_shows_exercise_side_step_countdown_and_progress() -> None:
    text = "".join(fragment[1] for fragment in panel(HOLDING, 40))
    assert "Piriformis stretch" in text
    assert "Right side  ·  Hold" in text
    assert big("19")[0] in text
    assert "25%" in text
    assert text.count("\n") == 10


def own_the_terminal() -> None:
    """Make it the terminal that Ctrl-C reaches the program by, also while a line is being printed."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """The program in a real terminal. A context manager, which ends it."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "companion", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
            start_new_session=True, preexec_fn=own_the_terminal,
            env={**environment(home), "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )  # fmt: skip
        os.close(theirs)
        self._raw = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._child.kill()
        self._child.wait()
        os.close(self._ours)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def read_until(self, part: str) -> None:
        deadline = time.monotonic() + 30
        while part.replace(" ", "") not in self._seen():
            assert time.monotonic() < deadline, self._seen()
            self._raw += os.read(self._ours, 4096).decode("utf-8", "replace")

    def _seen(self) -> str:
        """What was written, without the terminal's codes; spaces may be codes, so without them too."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\s", "", self._raw)

    def end(self) -> int:
        return self._child.wait(timeout=20)


def test_a_session_by_text_is_typed_into_and_left_with_ctrl_c(tmp_path) -> None:
    with Terminal(tmp_path, "start", "desk-break", "--text") as terminal:
        terminal.read_until("Type what you would say")
        terminal.press("pause\r")
        terminal.read_until("Paused. Say resume to go on.")
        terminal.press("\x03")
        terminal.read_until("Goodbye. Your place is kept.")
        assert terminal.end() == 130


def test_a_session_by_voice_is_led_by_keys_and_enter_opens_the_line(tmp_path) -> None:
    with Terminal(tmp_path, "start", "desk-break") as terminal:
        terminal.read_until("⏎ type")
        terminal.press(" ")
        terminal.read_until("(pause)")
        terminal.press("xyz ")  # keys that mean nothing, then the one that does
        terminal.read_until("(resume)")
        terminal.press("\rhow are you\r")
        terminal.read_until("> how are you")
        terminal.press("s")
        terminal.read_until("(stop)")
        assert terminal.end() == 0


def test_escape_turns_the_line_into_keys_and_q_leaves(tmp_path) -> None:
    with Terminal(tmp_path, "start", "desk-break", "--text") as terminal:
        terminal.read_until("Type what you would say")
        terminal.press("half a line\x1b")
        terminal.read_until("⏎ type")
        terminal.press("q")
        terminal.read_until("Goodbye.")
        assert terminal.end() == 130
