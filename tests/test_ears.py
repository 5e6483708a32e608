"""The recogniser's process: real PocketSphinx, killed and brought back."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
import soxr

from companion.ears import STARTS_AT_MOST, Ears, Listening
from tests.virtual_card import spoken

RATE = 16_000
BLOCK = 320


class Notebook:
    """What the ears reported; waits till something was."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.notes: list[str] = []
        self._changed = threading.Condition()

    def hear(self, hypothesis) -> None:
        with self._changed:
            self.heard.append(hypothesis.text)
            self._changed.notify_all()

    def note(self, text: str) -> None:
        with self._changed:
            self.notes.append(text)
            self._changed.notify_all()

    def wait(self, what) -> None:
        with self._changed:
            assert self._changed.wait_for(what, 60), (self.heard, self.notes)


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def listening(engine: str = "pocketsphinx") -> Listening:
    return Listening(engine, ("pause", "stop", "how long left"), {}, Path("/nowhere"))  # type: ignore[arg-type]


def say(ears: Ears, text: str) -> None:
    sound = spoken(text)
    voice = soxr.resample(sound.pcm, sound.rate, RATE)
    quiet = np.zeros(RATE, np.int16)
    samples = np.concatenate([quiet, voice, quiet])
    for start in range(0, len(samples) - BLOCK, BLOCK):
        ears.take(samples[start : start + BLOCK])


def test_what_is_said_is_heard(notebook) -> None:
    with Ears(listening(), notebook.hear, notebook.note) as ears:
        notebook.wait(lambda: notebook.notes)
        assert "PocketSphinx" in notebook.notes[0]
        say(ears, "how long left")
        notebook.wait(lambda: "how long left" in notebook.heard)


def test_a_killed_recogniser_is_started_again_and_hears(notebook) -> None:
    with Ears(listening(), notebook.hear, notebook.note) as ears:
        notebook.wait(lambda: notebook.notes)
        os.kill(ears.pid, signal.SIGKILL)
        notebook.wait(lambda: any("started again" in note for note in notebook.notes))
        notebook.wait(lambda: len([note for note in notebook.notes if "PocketSphinx" in note]) == 2)
        say(ears, "how long left")
        notebook.wait(lambda: "how long left" in notebook.heard)


def test_a_recogniser_that_will_not_live_is_given_up(notebook) -> None:
    with Ears(listening(), notebook.hear, notebook.note) as ears:
        for start in range(1, STARTS_AT_MOST + 1):
            notebook.wait(
                lambda start=start: len([n for n in notebook.notes if "PocketSphinx" in n]) == start
            )
            os.kill(ears.pid, signal.SIGKILL)
            notebook.wait(lambda start=start: len([n for n in notebook.notes if "fail" in n]) == start)
        assert "nothing is heard" in notebook.notes[-1]
        ears.take(np.zeros(BLOCK, np.int16))  # lost, without harm


def test_a_missing_model_is_one_clear_line(notebook) -> None:
    with Ears(listening("vosk"), notebook.hear, notebook.note):
        notebook.wait(lambda: notebook.notes)
        (note,) = notebook.notes
        assert "no Vosk model" in note
        assert "companion setup" in note or "vosk-model" in note


def test_closing_ends_the_process(notebook) -> None:
    ears = Ears(listening(), notebook.hear, notebook.note)
    pid = ears.pid
    ears.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not any("fail" in note for note in notebook.notes)
