"""The watchdog's decisions in virtual time, and a card that is unplugged and plugged in again."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.audio.microphone import Microphone
from companion.audio.output import FileOutput, SoundCardOutput
from companion.audio.player import Player
from companion.audio.watch import PATIENCE, TICK, SoundWatch
from companion.audio.watchdog import LIMIT, LONGEST_WAIT, Watchdog
from companion.audio.wav import read_wav
from companion.tts.base import Sound
from tests.audio.sounds import Endings, strength, tone
from tests.virtual_card import VirtualCard, spans

# -- decisions ------------------------------------------------------------------------------------------


class Stream:
    """A stream in virtual time: 50 blocks a second while it flows. Keeps what the dog wanted, and when."""

    def __init__(self):
        self.now = 0.0
        self.blocks = 0.0
        self.dog = Watchdog(0.0)
        self.wanted = []

    def run(self, seconds, flows=True):
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self.blocks += 50 * TICK * flows
            self.wanted += [(self.now, action) for action in self.dog.tick(self.now, int(self.blocks))]
        return self

    def actions(self):
        return [action for _, action in self.wanted]


def test_while_blocks_come_nothing_is_done():
    assert Stream().run(3600).wanted == []


@pytest.mark.parametrize("flowed", [0, 60])
def test_silence_is_noticed_within_two_seconds(flowed):
    stream = Stream().run(flowed).run(2, flows=False)
    assert stream.actions() == ["lost", "reopen"]
    assert stream.wanted[0][0] - flowed <= 2


def test_a_stutter_is_no_loss():
    stream = Stream()
    for _ in range(20):
        stream.run(LIMIT - 2 * TICK, flows=False).run(TICK)
    assert stream.wanted == []


def test_it_is_tried_again_and_again_with_longer_waits():
    stream = Stream().run(120, flows=False)
    assert stream.actions()[0] == "lost" and set(stream.actions()[1:]) == {"reopen"}
    times = np.array([at for at, action in stream.wanted if action == "reopen"])
    assert list(np.diff(times)[:5]) == [1, 2, 4, 8, 16]
    assert set(np.diff(times)[5:]) == {LONGEST_WAIT}


def test_that_it_is_back_is_told_once():
    stream = Stream().run(5).run(5, flows=False).run(60)
    assert [a for a in stream.actions() if a != "reopen"] == ["lost", "back"]
    assert stream.actions()[-1] == "back"


def test_one_that_comes_and_goes_is_tried_ever_more_rarely():
    stream = Stream()
    for _ in range(20):
        stream.run(2, flows=False).run(1)
    times = [at for at, action in stream.wanted if action == "reopen"]
    assert len(times) == 20  # once for each loss: no hurry between
    stream.run(60).run(5, flows=False)
    assert stream.actions()[-4:] == [
        "lost",
        "reopen",
        "reopen",
        "reopen",
    ]  # it was steady, so waits begin anew


def test_a_machine_that_slept_has_lost_nothing():
    stream = Stream().run(10)
    stream.now += 3600
    assert stream.run(1).wanted == []


@given(st.lists(st.tuples(st.floats(0.25, 40), st.booleans()), max_size=30))
def test_losses_and_returns_alternate_and_tries_fall_between(parts):
    stream = Stream()
    for seconds, flows in parts:
        stream.run(seconds, flows)
    told = [action for action in stream.actions() if action != "reopen"]
    assert told == ["lost", "back"] * (len(told) // 2) + ["lost"] * (len(told) % 2)
    lost = False
    for action in stream.actions():
        lost = (lost or action == "lost") and action != "back"
        assert lost or action == "back"


# -- a card that is unplugged ---------------------------------------------------------------------------


class News:
    """What was told, in order."""

    def __init__(self):
        self.told = []
        self._changed = threading.Condition()

    def tell(self, what):
        def told(kind):
            with self._changed:
                self.told.append((what, kind))
                self._changed.notify_all()

        return told

    def block(self, frames):
        with self._changed:
            self.told.append(("block", "input"))
            self._changed.notify_all()

    def wait(self, *news, limit=20):
        with self._changed:
            assert self._changed.wait_for(lambda: set(news) <= set(self.told), limit), set(self.told)

    def wait_for_blocks(self, number, limit=20):
        with self._changed:
            assert self._changed.wait_for(lambda: self.told.count(("block", "input")) >= number, limit)

    def forget(self):
        with self._changed:
            self.told.clear()


@pytest.fixture
def card(virtual_card):
    """A card of this test's own, for it will be unplugged."""
    with VirtualCard() as card:
        card.use_here()
        yield card
    virtual_card.use_here()


@pytest.fixture
def news():
    return News()


@pytest.fixture
def watch(news):
    with SoundWatch(news.tell("lost"), news.tell("back")) as watch:
        yield watch


@pytest.mark.sound
def test_an_unplugged_card_is_missed_and_used_again_when_it_is_back(card, watch, news):
    endings = Endings()
    player = Player(watch.output(lambda: SoundCardOutput("speakers")), endings)
    watch.microphone(lambda take, beat: Microphone("mic", take, beat), news.block)
    news.wait(("block", "input"))
    card.kill()
    news.wait(("lost", "input"), ("lost", "output"))
    player.play(1, tone(440, 0.5))
    assert endings.wait(1) == [(1, True)]  # a session does not wait for ever for its end
    news.forget()
    card.restart()
    news.wait(("back", "input"), ("back", "output"), ("block", "input"))
    with card.record() as tape:
        player.play(2, tone(880, 0.5))
        pcm = tape.wait_for_quiet()
        assert strength(pcm, tape.rate, 880) > 300
    assert endings.wait(2) == [(1, True), (2, True)]
    assert news.told.count(("back", "input")) == news.told.count(("back", "output")) == 1


@pytest.mark.sound
def test_another_loudspeaker_at_another_rate_goes_on_in_tune(card, watch, news, tmp_path):
    endings = Endings()
    loudspeakers = iter(
        [lambda: SoundCardOutput("speakers"), lambda: FileOutput(tmp_path / "other.wav", rate=16_000)]
    )
    with Player(watch.output(lambda: next(loudspeakers)()), endings) as player:
        card.kill()
        news.wait(("back", "output"))
        player.play(1, tone(880, 1.0))
        player.play(2, Sound(np.zeros(4800, np.int16), 16_000))
        endings.wait(2)
    heard = read_wav(tmp_path / "other.wav")
    ((start, end),) = spans(heard.pcm, heard.rate)
    assert end - start == pytest.approx(1.0, abs=0.02)
    sounding = heard.pcm[round(start * heard.rate) : round(end * heard.rate)]
    assert strength(sounding, heard.rate, 880) > 0.9 * 8000


@pytest.mark.sound
def test_what_was_closed_is_not_missed(virtual_card, watch, news):
    watch.microphone(lambda take, beat: Microphone("mic", take, beat), news.block)
    player = Player(watch.output(lambda: SoundCardOutput("speakers")), Endings())
    other = watch.microphone(lambda take, beat: Microphone("mic", take, beat), lambda frames: None)
    player.close()
    other.close()
    assert repr(watch).count("input") == 1 and "output" not in repr(watch)
    news.wait_for_blocks(round(50 * (LIMIT + 1)))
    assert {told[0] for told in news.told} == {"block"}


@pytest.mark.sound
def test_what_is_well_is_left_alone(virtual_card, watch, news):
    endings = Endings()
    player = Player(watch.output(lambda: SoundCardOutput("speakers")), endings)
    watch.microphone(lambda take, beat: Microphone("mic", take, beat), news.block)
    player.play(1, tone(440, 2.5))
    endings.wait(1)
    assert {told[0] for told in news.told} == {"block"}
    assert repr(watch).count("well") == 2


@pytest.mark.sound
def test_a_sound_server_that_answers_nobody_hangs_nothing_and_is_used_again(card, watch, news):
    endings = Endings()
    player = Player(watch.output(lambda: SoundCardOutput("speakers")), endings)
    watch.microphone(lambda take, beat: Microphone("mic", take, beat), news.block)
    news.wait(("block", "input"))
    with card.frozen():
        news.wait(("lost", "input"), ("lost", "output"))
        player.play(1, tone(440, 0.5))
        player.play(2, tone(440, 20))
        assert endings.wait(1) == [(1, True)]
        player.hush()
        assert endings.wait(2) == [(1, True), (2, False)]
        news.forget()
    news.wait(("back", "input"), ("back", "output"), ("block", "input"), limit=60)
    with card.record() as tape:
        player.play(3, tone(880, 0.5))
        assert strength(tape.wait_for_quiet(), tape.rate, 880) > 300


@pytest.mark.sound
def test_closing_does_not_wait_for_a_sound_server_that_answers_nobody(card, news):
    watch = SoundWatch(news.tell("lost"), news.tell("back"))
    player = Player(watch.output(lambda: SoundCardOutput("speakers")), Endings())
    watch.microphone(lambda take, beat: Microphone("mic", take, beat), news.block)
    news.wait(("block", "input"))
    with card.frozen():
        begun = time.monotonic()
        player.close()
        watch.close()
        assert time.monotonic() - begun < 2 * PATIENCE + 1
