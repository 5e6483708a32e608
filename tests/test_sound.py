"""The program while its microphone and loudspeaker go and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.running import Running
from tests.virtual_card import VirtualCard

pytestmark = pytest.mark.sound


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person who wants to begin without questions."""
    settings = tmp_path / "config" / "companion" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("session:\n  screening: false\n  ask_pain: false\n")
    return tmp_path


def test_a_card_that_is_unplugged_pauses_the_session_which_goes_on_when_it_is_back(home) -> None:
    with VirtualCard() as card:
        arguments = ("start", "sciatica-relief", "--engine", "pocketsphinx")
        with Running(*arguments, home=home, **card.environment) as companion:
            companion.wait_for_note("listening with PocketSphinx")
            companion.wait_for("state", to="teaching")
            card.kill()
            companion.wait_for_note("The microphone is gone.")
            companion.wait_for_note("The loudspeaker is gone.")
            companion.wait_for("state", to="paused")
            card.restart()
            companion.wait_for_note("The microphone is back.")
            companion.wait_for_note("The loudspeaker is back.")
            companion.wait_for("speak", text="I can hear you again. Say resume to go on.")
            card.say("resume")
            companion.wait_for("state", **{"from": "paused", "to": "teaching"})
            card.say("stop")
            companion.wait_for("state", to="ended")
            assert companion.end() == 0


def test_a_sound_server_that_answers_nobody_keeps_nobody_from_leaving(home) -> None:
    with (
        VirtualCard() as card,
        Running("start", "sciatica-relief", home=home, **card.environment) as companion,
    ):
        companion.wait_for("state", to="teaching")
        with card.frozen():
            companion.wait_for_note("The loudspeaker is gone.")
            companion.wait_for("state", to="paused")
            companion.interrupt()
            companion.wait_for("speak", text="Goodbye. Your place is kept.")
            assert companion.end() == 130
