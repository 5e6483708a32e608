"""The player on the real PortAudio, heard through the virtual sound card."""

import time

import pytest

from companion.audio.output import SoundCardOutput
from companion.audio.player import Player
from companion.content.model import Voice
from companion.tts.process import SpeechProcess
from tests.audio.sounds import Endings, found_in, strength, tone

pytestmark = pytest.mark.sound

CALM = Voice("calm", "pyttsx3", "en-gb", 150, 45, 0.9, 0.2)


@pytest.fixture
def endings():
    return Endings()


@pytest.fixture
def player(virtual_card, endings):
    with Player(SoundCardOutput("speakers"), endings) as player:
        yield player


def test_a_tone_arrives_whole_and_its_end_is_told(virtual_card, player, endings):
    with virtual_card.record() as tape:
        player.play(7, tone(440, 0.6))
        assert endings.wait(1) == [(7, True)]
        tape.wait_for_quiet()
    (span,) = tape.spans()
    assert span[1] - span[0] == pytest.approx(0.6, abs=0.03)
    part = tape.pcm[round((span[0] + 0.1) * tape.rate) : round((span[1] - 0.1) * tape.rate)]
    assert strength(part, tape.rate, 440) == pytest.approx(8000, rel=0.05)
    assert endings.threads == {"player"}


def test_speech_arrives_as_it_was_rendered(virtual_card, player, endings):
    with SpeechProcess() as speech:
        sound = speech.render("Bend your right knee.", CALM)
    with virtual_card.record(rate=sound.rate) as tape:
        player.play(1, sound)
        pcm = tape.wait_for_quiet()
    assert found_in(pcm, sound.pcm) > 0.9


def test_utterances_are_heard_in_order_each_at_its_volume(virtual_card, player, endings):
    with virtual_card.record() as tape:
        for number, (hertz, volume) in enumerate([(400, 1.0), (800, 0.25), (1600, 0.5)]):
            player.play(number, tone(hertz, 0.5), volume)
        assert endings.wait(3) == [(0, True), (1, True), (2, True)]
        tape.wait_for_quiet()
    (span,) = tape.spans()
    for number, (hertz, volume) in enumerate([(400, 1.0), (800, 0.25), (1600, 0.5)]):
        start = round((span[0] + 0.5 * number + 0.1) * tape.rate)
        part = tape.pcm[start : start + round(0.3 * tape.rate)]
        assert strength(part, tape.rate, hertz) == pytest.approx(8000 * volume, rel=0.1)


def test_hush_is_silence_at_once_and_drops_what_is_queued(virtual_card, player, endings):
    with virtual_card.record() as tape:
        player.play(1, tone(440, 20))
        player.play(2, tone(1000, 20))
        tape.wait_for_sound()
        before, at = time.monotonic(), player.position(1)
        player.hush()
        between = time.monotonic() - before
        assert endings.wait(2) == [(1, False), (2, False)]
        tape.wait_for_quiet()
    heard = sum(end - start for start, end in tape.spans())
    length = player.history[0].end - player.history[0].start
    assert length - at < between + 0.02  # what was still handed over: a block and the fade
    assert heard == pytest.approx(length, abs=0.05)  # and what was handed over ends with it
    assert player._output.latency < 0.12


def test_it_speaks_again_after_a_hush(virtual_card, player, endings):
    player.play(1, tone(440, 20))
    player.hush()
    endings.wait(1)
    with virtual_card.record() as tape:
        player.play(2, tone(1000, 0.4))
        assert endings.wait(2) == [(1, False), (2, True)]
        pcm = tape.wait_for_quiet()
    assert strength(pcm, tape.rate, 1000) > 10 * strength(pcm, tape.rate, 440)


def test_a_loudspeaker_of_another_rate_and_two_channels(virtual_card, endings):
    with (
        Player(SoundCardOutput("hifi"), endings) as player,
        virtual_card.record("hifi") as tape,
    ):
        player.play(1, tone(440, 0.5))
        tape.wait_for_quiet()
    (span,) = tape.spans()
    assert span[1] - span[0] == pytest.approx(0.5, abs=0.05)


def test_closing_in_the_middle_of_an_utterance_is_silence(virtual_card, endings):
    with virtual_card.record() as tape:
        with Player(SoundCardOutput("speakers"), endings) as player:
            player.play(1, tone(440, 20))
            tape.wait_for_sound()
        tape.wait_for_quiet()
    assert tape.spans()[-1][1] < tape.seconds
