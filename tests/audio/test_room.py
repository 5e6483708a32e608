"""The simulated room: virtual time, echo and noise at the stated levels, the same samples every time."""

import numpy as np
import pytest

from companion.audio.player import Player
from companion.audio.room import RATE, Convolver, Room, pink_noise, synthetic_response
from companion.tts.base import Sound


def hiss(seconds, level=3000, seed=1, rate=RATE):
    return Sound(
        (level * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.int16), rate
    )


def listen(room, seconds):
    return np.concatenate(list(room.advance(seconds))).astype(float)


def rms(pcm):
    return np.sqrt(np.mean(np.square(pcm, dtype=float)))


def test_a_person_is_heard_at_the_stated_time():
    room = Room(echo_db=None)
    room.say(hiss(0.5), at=1.237)
    heard = listen(room, 2.0)
    loud = np.flatnonzero(heard)
    assert loud[0] == pytest.approx(1.237 * RATE, abs=5)
    assert loud[-1] == pytest.approx(1.737 * RATE, abs=5)
    assert room.time == 2.0


def test_nothing_can_be_said_in_the_past():
    room = Room()
    listen(room, 1.0)
    with pytest.raises(ValueError, match=r"the room's time is 1.000 s"):
        room.say(hiss(0.1), at=0.5)


@pytest.mark.parametrize("echo_db", [-20.0, -6.0, 0.0])
def test_the_echo_has_the_stated_level_and_delay(echo_db):
    room = Room(synthetic_response(rt60=0.2, delay=0.05), echo_db=echo_db)
    with Player(room.speaker, lambda *_: None, lead_in=0) as player:
        player.play(1, hiss(2.0))
        heard = listen(room, 3.0)
    ratio = 10 * np.log10(np.sum(heard**2) / np.sum(room.played.pcm.astype(float) ** 2))
    assert ratio == pytest.approx(echo_db, abs=0.5)
    assert np.flatnonzero(abs(heard) > 100)[0] == pytest.approx(0.05 * RATE, abs=20)


def test_the_noise_has_the_stated_ratio_to_an_ordinary_voice():
    assert rms(listen(Room(snr_db=20), 10)) == pytest.approx(250, rel=0.01)
    assert rms(listen(Room(snr_db=0, noise=hiss(1.0, rate=8000)), 10)) == pytest.approx(2500, rel=0.02)


def test_the_same_seed_gives_the_same_samples():
    def one(seed):
        room = Room(snr_db=10, seed=seed)
        room.say(hiss(0.2), at=0.1)
        return listen(room, 1.0)

    assert np.array_equal(one(3), one(3))
    assert not np.array_equal(one(3), one(4))


def test_utterances_are_played_and_told_at_virtual_times():
    room = Room()
    told = []
    with Player(room.speaker, lambda *ended: told.append((*ended, room.time)), lead_in=0.3) as player:
        player.play(1, hiss(1.0))
        player.play(2, hiss(5.0, rate=22_050))
        player.play(3, hiss(1.0))
        listen(room, 2.0)
        assert (player.playing, player.position(2)) == (2, pytest.approx(0.7))
        player.hush()
        listen(room, 1.0)
        assert player.playing is None
    assert told == [
        (1, True, pytest.approx(1.3)),
        (2, False, pytest.approx(2.02)),
        (3, False, pytest.approx(2.02)),
    ]
    assert [(p.id, p.start, p.end, p.completed) for p in player.history] == [
        (1, pytest.approx(0.3), pytest.approx(1.3), True),
        (2, pytest.approx(1.3), pytest.approx(2.005), False),
        (3, pytest.approx(2.005), pytest.approx(2.005), False),
    ]


def test_block_by_block_convolution_equals_the_whole():
    response = np.random.default_rng(0).standard_normal(1000)
    sound = np.random.default_rng(1).standard_normal(320 * 12)
    convolver = Convolver(response, 320)
    blocks = np.concatenate([convolver(block) for block in sound.reshape(-1, 320)])
    assert np.allclose(blocks, np.convolve(sound, response)[: len(sound)])


def test_pink_noise_has_equal_power_in_each_octave():
    power = abs(np.fft.rfft(pink_noise(20.0))) ** 2 / 20
    octaves = [power[20 * low : 40 * low].sum() for low in (100, 200, 400, 800, 1600, 3200)]
    assert max(octaves) / min(octaves) < 1.5
