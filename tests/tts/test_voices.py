from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from companion.tts.process import SystemVoice
from companion.tts.voices import choose

SYSTEM = [SystemVoice("gmw/en-us", "English (America)", ("en-us",))]


@pytest.fixture
def voices(calm):
    return {"calm": calm, "brisk": replace(calm, id="brisk", rate=190)}


def test_the_first_voice_speaks_unless_another_is_wanted(voices):
    assert choose(None, voices).id == "calm"
    assert choose("brisk", voices).rate == 190


@pytest.mark.parametrize("name", ["gmw/en-us", "english (america)"])
def test_a_voice_of_the_system_speaks_at_the_first_voices_pace(voices, name):
    voice = choose(name, voices, SYSTEM)
    assert (voice.voice, voice.rate) == ("gmw/en-us", 150)


def test_a_missing_voice_falls_back_with_one_line(voices, caplog):
    assert choose("briks", voices, SYSTEM).id == "calm"
    assert caplog.messages == ["There is no voice 'briks'; 'calm' speaks instead. Did you mean 'brisk'?"]


def test_every_voice_of_the_language_pack_is_one_that_the_engine_has(speech, caplog, calm):
    file = Path(__file__).parents[2] / "voices" / "en" / "voice.yaml"
    pack = yaml.safe_load(file.read_text())
    assert next(iter(pack)) == "calm"
    for data in pack.values():
        speech.render("Hello.", replace(calm, voice=data["voice"], rate=data["rate"]))
    assert caplog.messages == []
