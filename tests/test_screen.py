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

import pytest

from companion.screen import bar, big, countdown_text, panel
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


def test_a_session_in_a_terminal_is_typed_into_and_left_with_ctrl_c(tmp_path) -> None:
    """A real terminal: the view is drawn, a typed line obeyed, Ctrl-C says goodbye."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "companion", "start", "desk-break", "--text"],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT,
        start_new_session=True, preexec_fn=own_the_terminal,
        env={**environment(tmp_path), "TERM": "xterm-256color", "PROMPT_TOOLKIT_NO_CPR": "1"},
    )  # fmt: skip
    os.close(theirs)
    raw = ""

    def seen() -> str:
        """What was written, without the terminal's codes; spaces may be codes, so without them too."""
        return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\s", "", raw)

    def read_until(part: str) -> None:
        nonlocal raw
        deadline = time.monotonic() + 30
        while part.replace(" ", "") not in seen():
            assert time.monotonic() < deadline, seen()
            raw += os.read(ours, 4096).decode("utf-8", "replace")

    try:
        read_until("Type what you would say")
        os.write(ours, b"pause\r")
        read_until("Paused. Say resume to go on.")
        os.write(ours, b"\x03")
        read_until("Goodbye. Your place is kept.")
        assert child.wait(timeout=20) == 130
    finally:
        child.kill()
        os.close(ours)
