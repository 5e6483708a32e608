"""The real thing: the program, PortAudio, pyttsx3 and PocketSphinx, and a voice in the microphone."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.audio.wav import read_wav
from companion.content.language import load_language
from companion.content.places import bundled
from companion.tts.cache import key_of
from tests.audio.sounds import found_in
from tests.running import Running
from tests.running import companion as command

RATE = 22_050
PAUSED = "Paused. Say resume to go on."

QUIET_START = "session:\n  screening: false\n  ask_pain: false\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person who wants to begin without questions."""
    settings = tmp_path / "config" / "companion" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(QUIET_START)
    return tmp_path


def heard_on(tape, text: str, home: Path) -> float:
    """How surely this line, just as the companion rendered it, is on the recording, from 0 to 1.

    Rendered anew it would differ a little, so it comes from the companion's own cache.
    """
    voice = load_language("en", [bundled("voices")]).voices["calm"]
    sound = read_wav(home / "cache" / "companion" / "speech" / f"{key_of(text, voice)}.wav")
    return found_in(tape.pcm, sound.pcm)


def test_a_session_is_led_and_obeys_by_voice(virtual_card, home) -> None:
    with virtual_card.record(rate=RATE) as tape:
        arguments = ("start", "sciatica-relief", "--engine", "pocketsphinx")
        with Running(*arguments, home=home, **virtual_card.environment) as companion:
            companion.wait_for_note("listening with PocketSphinx")
            companion.wait_for("state", to="teaching")

            virtual_card.say("pause")
            companion.wait_for("state", to="paused")
            companion.wait_for("speak", text=PAUSED)
            tape.wait_for_quiet()

            virtual_card.say("resume")
            companion.wait_for("state", **{"from": "paused", "to": "teaching"})
            companion.wait_for("speak", text="First: Piriformis stretch.")

            command(
                "pause", home=home
            )  # by another program: "next" over its own voice is not always understood
            companion.wait(lambda: [e.get("text") for e in companion.entries].count(PAUSED) == 2)
            tape.wait_for_quiet()

            virtual_card.say("next")
            named = companion.wait_for("speak", text="First: Seated glute stretch.")
            companion.wait(lambda: companion.entries[-1] is not named)  # till it has been said

            virtual_card.say("stop")
            companion.wait_for("state", to="ended")
            assert companion.end() == 0

            intents = [e["intent"] for e in companion.entries if e["event"] == "heard"]
            assert [i for i in intents if i != "chatter"][:5] == ["pause", "resume", "pause", "next", "stop"]
        for line in (PAUSED, "First: Seated glute stretch.", "Stopped."):
            assert heard_on(tape, line, home) > 0.7, line
        assert heard_on(tape, "And release.", home) < 0.5  # rendered ahead, and never said


def test_stop_silences_the_loudspeaker_in_the_middle_of_a_line(virtual_card, home) -> None:
    with virtual_card.record(rate=RATE) as tape:
        arguments = ("start", "sciatica-relief", "--engine", "pocketsphinx")
        with Running(*arguments, home=home, **virtual_card.environment) as companion:
            companion.wait_for_note("listening with PocketSphinx")
            line = companion.wait_for("speak", text="Bend the knee of one leg.")
            virtual_card.say("stop")
            companion.wait_for("state", to="ended")
            assert companion.end() == 0
            after = companion.entries[companion.entries.index(line) :]
            assert [e for e in after if e["event"] == "cut"]
            assert [e["event"] for e in after if e["event"] in ("cut", "speak")][-1] == "speak"
        assert heard_on(tape, "Stopped.", home) > 0.7
        assert heard_on(tape, "Go only as far as a gentle stretch, and breathe quietly.", home) < 0.5


SHORT = """\
name: Short
about: One hold.
changeover: 0s
exercises:
  sit:
    name: Sitting tall
    position: chair
    stretches: [the back]
    leave_out_if: [a fresh injury]
    teach: [Sit tall.]
    brief: Sit tall.
    get_ready: Sit.
    hold: 60s
    sides: no
    gentler: {teach: [Sit.], brief: Sit., hold: 30s}
    sources: [this test]
steps: [sit]
sources: [this test]
"""


def test_ctrl_c_says_goodbye_keeps_the_place_and_resume_goes_on_there(virtual_card, home) -> None:
    routine = home / "short.yaml"
    routine.write_text(SHORT)
    with Running("start", str(routine), home=home, **virtual_card.environment) as companion:
        companion.wait_for("hold", phase="start")
        companion.interrupt()
        companion.wait_for("speak", text="Goodbye. Your place is kept.")
        assert companion.end() == 130
        (held,) = [e for e in companion.entries if e["event"] == "hold" and e["phase"] == "end"]
    with Running("resume", home=home, **virtual_card.environment) as companion:
        going_on = companion.wait_for("hold", phase="start")
        assert going_on["seconds"] == pytest.approx(held["remaining"], abs=0.01)
        companion.interrupt()
        companion.interrupt()
        assert companion.end() == 130
