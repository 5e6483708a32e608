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


def test_between_sessions_only_the_wake_phrase_opens_the_ears(home, virtual_card) -> None:
    settings = home / "config" / "companion" / "settings.yaml"
    settings.write_text(settings.read_text() + "hearing:\n  engine: pocketsphinx\n  wake: hello companion\n")
    heard = home / "heard"
    with Running("--record", str(heard), home=home, **virtual_card.environment) as companion:
        companion.wait_for_note("listening with PocketSphinx")
        companion.wait_for("speak", text="Say start sciatica relief, or ask which routines there are.")
        with virtual_card.record() as tape:
            tape.wait_for_quiet(1.0)
        virtual_card.say("start sciatica relief")
        with virtual_card.record() as tape:
            virtual_card.say("hello companion")
            tape.wait_for_sound()  # the chime that says so
        virtual_card.say("start sciatica relief")
        companion.wait_for("state", **{"from": "idle", "to": "greeting"})
        said = [entry["text"] for entry in companion.entries if entry["event"] == "heard"]
        assert len(said) == 1 and "sciatica" in said[0]
    assert len(list(heard.glob("*.wav"))) == 3
