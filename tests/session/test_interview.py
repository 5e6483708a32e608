"""The interview about nerves: offered after the answer, red flags first, never in the way."""

from __future__ import annotations

import pytest

from companion.nlu.meaning import Tier
from tests.session.stage import Stage, to_state


def test_it_asks_one_question_after_the_other_and_goes_on_with_the_hold() -> None:
    stage = to_state("interviewing")
    left = stage.state.clock.left
    for answer, next_line in (
        ("yes", "Any red flag?"),
        ("no", "Down one leg?"),
        ("yes", "Nerve."),
        ("no", "Salt."),
    ):
        stage.until(lambda s: s.due is not None)
        stage.say(answer)
        assert stage.spoken()[-1] == next_line
    stage.until_held(0)
    assert "That describes; it does not say what you have." in stage.spoken()
    assert stage.state.clock.left == pytest.approx(left)


def test_a_yes_to_the_red_flags_locks() -> None:
    stage = to_state("interviewing")
    stage.say("yes", "yes")
    assert stage.state.lock is not None
    assert stage.state.lock.tier is Tier.EMERGENCY


@pytest.mark.parametrize("answer", ["no", "resume", "never_mind"])
def test_not_wanting_it_goes_on_at_once(answer: str) -> None:
    stage = to_state("interviewing")
    stage.say(answer)
    assert stage.state.name == "preparing"


def test_silence_ends_it() -> None:
    stage = to_state("interviewing")
    stage.until(lambda s: s.name != "interviewing")
    assert stage.state.name == "preparing"


@pytest.mark.parametrize("state", ["idle", "ended", "paused"])
def test_it_ends_where_it_was_asked_for(state: str) -> None:
    stage = to_state(state)
    stage.say("question topic=pinched_nerve", "no")
    assert stage.state.name == state


def test_a_red_flag_in_the_middle_outranks_it() -> None:
    stage = to_state("interviewing")
    stage.say("emergency:saddle_numbness?", "no")
    assert stage.state.name == "preparing"
    assert Stage().state.lock is None
