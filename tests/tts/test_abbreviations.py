from pathlib import Path

import pytest
import yaml

from companion.tts.abbreviations import SpelledOut, spell_out

TABLE = yaml.safe_load((Path(__file__).parents[2] / "voices" / "en" / "abbreviations.yaml").read_text())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Hold for 30s.", "Hold for 30 seconds."),
        ("Hold for 30 s, then rest 1 min.", "Hold for 30 seconds, then rest 1 minute."),
        ("10-15 secs", "10 to 15 seconds"),
        ("2–3 reps, 2x a day", "2 to 3 repetitions, 2 times a day"),
        ("Rest 1.5 min", "Rest 1.5 minutes"),
        ("approx. 1/2 way, i.e. left vs. right", "about half way, that is left versus right"),
        ("About 5 cm apart & 1 m high", "About 5 centimetres apart and 1 metre high"),
    ],
)
def test_abbreviations_are_spelled_out(written, said):
    assert spell_out(written, TABLE) == said


@pytest.mark.parametrize(
    "text",
    [
        "Swap sides.",
        "It's your left-hand side.",
        "Half-way.",
        "3, 2, 1, and release.",
        "L4 is fine. S stands.",
        "",
    ],
)
def test_ordinary_sentences_stay_as_they_are(text):
    assert spell_out(text, TABLE) == text


def test_it_is_heard(speech, calm):
    written = SpelledOut(speech, TABLE).render("Hold for 30s.", calm)
    assert written.seconds == pytest.approx(speech.render("Hold for 30 seconds.", calm).seconds, abs=0.1)
