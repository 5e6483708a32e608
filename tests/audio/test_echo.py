"""The echo canceller, in the simulated room and against clocks, delays and people that make it hard."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from companion.asr.pocketsphinx import PocketSphinxRecogniser
from companion.audio.echo import EchoCanceller, EchoGuard, system_cancelled
from companion.audio.player import Player
from companion.audio.room import BLOCK, RATE, Convolver, Room, synthetic_response
from companion.content.language import load_language
from companion.content.places import bundled
from companion.tts.base import Sound
from companion.tts.process import SpeechProcess
from tests.virtual_card import spoken

LINES = (
    "Lie on your back with your knees bent and your feet flat on the floor.",
    "Bring your right knee towards your chest and hold it with both hands.",
    "Go only as far as a gentle stretch, and breathe quietly.",
    "Slowly lower your leg, and change to the other side.",
)


@pytest.fixture(scope="module")
def narration():
    """About 40 seconds of the companion's voice, int16 at 16 kHz."""
    voice = load_language("en", [bundled("voices")]).voices["calm"]
    with SpeechProcess() as speech:
        lines = [at_16_khz(speech.render(line, voice)) for line in LINES]
    pause = np.zeros(round(0.4 * RATE), np.int16)
    said = np.concatenate([part for line in lines for part in (line, pause)])
    return np.resize(said, 40 * RATE // BLOCK * BLOCK)


@pytest.fixture(scope="module")
def person():
    return at_16_khz(spoken("how long is left, and what comes next"))


def at_16_khz(sound):
    return soxr.resample(sound.pcm, sound.rate, RATE)


def echo_of(played, delay=0.03, echo_db=-6.0, ppm=0.0):
    """What the microphone hears of it, float; ``ppm`` by which the loudspeaker's clock is faster."""
    response = synthetic_response(delay=delay)
    response *= 10 ** (echo_db / 20) / np.sqrt(np.sum(response**2))
    sounding = soxr.resample(played.astype(float), RATE, RATE / (1 + ppm * 1e-6)) if ppm else played
    convolve = Convolver(response, BLOCK)
    blocks = np.resize(sounding, len(played)).astype(float).reshape(-1, BLOCK)
    return np.concatenate([convolve(block) for block in blocks])


def in_a_quiet_room(sound):
    hiss = np.random.default_rng(0).normal(scale=8, size=len(sound))
    return np.clip(np.rint(sound + hiss), -32768, 32767).astype(np.int16)


def run(canceller, microphone, reference):
    pairs = zip(microphone.reshape(-1, BLOCK), reference.reshape(-1, BLOCK), strict=True)
    return np.concatenate([canceller.process(*pair) for pair in pairs])


def decibels(before, after, start, end):
    """By how much a stretch, in seconds, became quieter."""
    power = [
        np.mean(np.square(s[round(start * RATE) : round(end * RATE)], dtype=float)) for s in (before, after)
    ]
    return 10 * np.log10(power[0] / power[1])


@pytest.mark.parametrize(("delay", "echo_db"), [(0.01, -12), (0.03, -6), (0.2, -6), (0.4, 0)])
def test_an_echo_is_found_and_taken_out(narration, delay, echo_db):
    microphone = in_a_quiet_room(echo_of(narration, delay, echo_db))
    canceller = EchoCanceller()
    out = run(canceller, microphone, narration)
    assert canceller.echo_present
    assert canceller.delay == pytest.approx(delay, abs=0.001)
    assert decibels(microphone, out, 3, 10) > 20
    assert decibels(microphone, out, 20, 40) > 25
    assert canceller.erle_db > 20
    assert canceller.echo_gone


@pytest.mark.parametrize("ppm", [-100, 100])
def test_clocks_that_drift_apart_are_followed(narration, ppm):
    microphone = in_a_quiet_room(echo_of(narration, 0.1, ppm=ppm))
    canceller = EchoCanceller()
    out = run(canceller, microphone, narration)
    assert canceller.drift == pytest.approx(ppm * 1e-6, abs=5e-6)
    assert decibels(microphone, out, 25, 40) > 20


@pytest.mark.parametrize("later", [0.05, 0.35])
def test_a_delay_that_jumps_is_found_again(narration, later):
    half = len(narration) // 2
    echo = np.concatenate([echo_of(narration, 0.2)[:half], echo_of(narration, later)[half:]])
    microphone = in_a_quiet_room(echo)
    canceller = EchoCanceller()
    out = run(canceller, microphone, narration)
    assert canceller.delay == pytest.approx(later, abs=0.001)
    assert decibels(microphone, out, 28, 40) > 20


def test_where_nothing_plays_not_a_bit_is_changed(narration):
    microphone = in_a_quiet_room(narration)
    assert np.array_equal(run(EchoCanceller(), microphone, np.zeros_like(narration)), microphone)


def test_with_headphones_not_a_bit_is_changed(narration, person):
    microphone = in_a_quiet_room(np.resize(np.pad(person, RATE), len(narration)))
    canceller = EchoCanceller()
    assert not canceller.echo_gone  # it has not looked yet
    assert np.array_equal(run(canceller, microphone, narration), microphone)
    assert not canceller.echo_present
    assert canceller.echo_gone  # so the words that play explain nothing away


def test_a_microphone_that_is_perfectly_silent_has_no_echo(narration):
    canceller = EchoCanceller()
    run(canceller, np.zeros(len(narration), np.int16), narration)
    assert canceller.echo_gone


def test_headphones_that_are_put_on_end_the_cancelling(narration):
    microphone = in_a_quiet_room(np.where(np.arange(len(narration)) < 10 * RATE, echo_of(narration), 0))
    canceller = EchoCanceller()
    out = run(canceller, microphone, narration)
    assert not canceller.echo_present
    assert np.array_equal(out[35 * RATE :], microphone[35 * RATE :])
    assert decibels(microphone, out, 10.5, 40) > -3


def test_a_person_who_talks_over_it_is_left_in(narration, person):
    echo = echo_of(narration, echo_db=3.0)
    near = np.zeros(len(narration))
    during = slice(20 * RATE, 20 * RATE + len(person))
    near[during] = 0.5 * person
    microphone = in_a_quiet_room(echo + near)
    out = run(EchoCanceller(), microphone, narration)
    assert np.corrcoef(microphone[during], person)[0, 1] < 0.6
    assert np.corrcoef(out[during], person)[0, 1] > 0.7


def test_a_loudspeaker_that_is_turned_round_never_makes_it_louder(narration):
    sign = np.where(np.arange(len(narration)) < 20 * RATE, 1, -1)
    microphone = in_a_quiet_room(echo_of(narration) * sign)
    out = run(EchoCanceller(), microphone, narration)
    for second in range(20, 40):
        assert decibels(microphone, out, second, second + 1) > -3, second
    assert decibels(microphone, out, 25, 40) > 20


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_the_player_and_a_microphone_with_jitter_are_paired(narration, rate):
    """The player's blocks come in bursts, and the listener is up to 2 seconds behind."""
    microphone = in_a_quiet_room(echo_of(narration, 0.1)).reshape(-1, BLOCK)
    played = np.array_split(soxr.resample(narration, RATE, rate), len(microphone))
    guard, bursts = EchoGuard(rate), np.random.default_rng(1)
    given, out = 0, []
    for number, block in enumerate(microphone):
        ahead = bursts.integers(0, 3) + (100 if 500 < number < 900 else 0)
        for pcm in played[given : number + 1 + ahead]:
            guard.played(pcm)
        given = max(given, number + 1 + ahead)
        out.append(guard.clean(block))
    assert guard.canceller.delay == pytest.approx(0.1, abs=0.05)  # as exactly as the first block was paired
    assert decibels(microphone.ravel(), np.concatenate(out), 20, 40) > 20


def test_the_tap_gets_what_is_played_silence_included():
    room, tapped = Room(), []
    with Player(room.speaker, lambda *_: None, tap=tapped.append) as player:
        player.play(1, Sound(np.arange(5000, dtype=np.int16), RATE))
        list(room.advance(1.0))
    assert np.array_equal(np.concatenate(tapped), room.played.pcm)
    assert len(np.concatenate(tapped)) == RATE


@pytest.mark.parametrize(
    ("name", "cancelled"),
    [
        ("Echo-Cancel Source", True),
        ("alsa_input.usb-mic.echo-cancel", True),
        ("Built-in Audio (echo cancelled with speakers)", True),
        ("USB Audio: - (hw:1,0)", False),
        ("pulse", False),
    ],
)
def test_a_source_whose_echo_the_system_cancels_is_known_by_name(name, cancelled):
    assert system_cancelled(name) is cancelled


def test_commands_are_understood_over_the_companions_voice(narration):
    said = ("repeat", "how long left", "resume", "go back", "that hurts")
    near = np.zeros(len(narration))
    for number, command in enumerate(said):
        voice = at_16_khz(spoken(command)).astype(float)
        at = (9 + 5 * number) * RATE
        near[at : at + len(voice)] = 2 * voice * level(echo_of(narration)) / level(voice)
    microphone = in_a_quiet_room(echo_of(narration) + near)
    without, over_it = (
        understood(microphone, said),
        understood(run(EchoCanceller(), microphone, narration), said),
    )
    assert len(without) <= 1
    assert len(over_it) >= 4


def level(sound):
    """RMS of what is not silence."""
    return np.sqrt(np.mean(np.square(sound[np.abs(sound) > 50], dtype=float)))


def understood(sound, phrases):
    recogniser = PocketSphinxRecogniser((*phrases, "stop", "next", "skip", "louder"), {})
    heard = [h.text for block in sound.reshape(-1, BLOCK) for h in recogniser.accept(block) if h.final]
    recogniser.close()
    return [phrase for phrase in phrases if phrase in heard]
