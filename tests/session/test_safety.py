"""What happens when something dangerous is reported: interrupted, asked, locked, eased, cleared."""

from __future__ import annotations

import pytest

from companion.nlu.meaning import Tier
from companion.session.events import Begin
from companion.session.state import Sign
from tests.session.stage import Stage, to_state, world

FLAGS = {
    Tier.EMERGENCY: "saddle_numbness bladder bowel both_legs sexual_function trauma chest_pain breathing"
    " collapse stroke_signs",
    Tier.URGENT: "leg_weakness leg_numbness severe_pain infection cancer_or_weight_loss night_pain clot",
    Tier.CAUTION: "sharp_pain spreading_pain tingling dizziness cramp discomfort",
    Tier.ADVICE: "persisting not_improving daily_life",
}
ALL = [(tier, flag) for tier, flags in FLAGS.items() for flag in flags.split()]


@pytest.mark.parametrize(("tier", "flag"), ALL)
def test_every_finding_has_words_of_its_own(tier: Tier, flag: str) -> None:
    for key in ("name", "ask", "do"):
        assert world().prompts.say(f"sign.{flag}.{key}", emergency="999", clinician="your doctor")


@pytest.mark.parametrize("flag", FLAGS[Tier.EMERGENCY].split())
def test_an_emergency_stops_in_the_middle_of_a_word_and_says_twice_what_to_do(flag: str) -> None:
    stage = Stage(region="GB").until("teaching")
    after = stage.say(f"emergency:{flag}")
    kinds = [e["event"] for e in after]
    assert kinds.index("cut") < kinds.index("speak")
    before = len(stage.spoken()) - 1
    stage.finish()
    told = stage.spoken()[before:]
    assert told[: len(told) // 2] == told[len(told) // 2 :]
    text = " ".join(told)
    for part in ("You said:", "9 9 9", "Do not drive yourself.", "unlock the door"):
        assert part in text
    assert all(e["priority"] == "safety" for e in stage.events("speak")[before:])


def test_an_urgent_sign_names_a_clinician_today() -> None:
    stage = Stage(region="US").until_held(3)
    stage.say("urgent:leg_weakness")
    stage.finish()
    assert "Contact a clinician today: your doctor, or an urgent care clinic." in stage.spoken()
    assert stage.state.name == "locked"


@pytest.mark.parametrize(
    ("region", "number"), [("GB", "9 9 9"), ("us", "9 1 1"), ("", "your local"), ("XX", "your local")]
)
def test_the_number_is_that_of_the_region(region: str, number: str) -> None:
    stage = Stage(region=region).until("teaching")
    stage.say("emergency:bladder")
    stage.finish()
    assert any(line.startswith(f"Call {number}") for line in stage.spoken())


def test_only_stop_silences_an_emergency_and_the_lock_stays() -> None:
    stage = Stage().until_held(3)
    stage.say("emergency:bladder")
    for command in ("pause", "start", "resume", "next", "louder", "chatter"):
        after = stage.say(command)
        assert not [e for e in after if e["event"] == "cut"], command
    assert [e["event"] for e in stage.say("stop")] == ["heard", "cut"]
    assert stage.state.name == "locked"
    assert stage.state.queue == ()


@pytest.mark.parametrize("command", ["start", "resume", "ready", "next"])
def test_nothing_goes_on_while_locked_and_the_reason_is_said(command: str) -> None:
    stage = to_state("locked")
    stage.finish()
    after = stage.say(command)
    assert stage.state.name == "locked"
    assert stage.events("refused", intent=command)
    assert "trouble with your bladder" in " ".join(str(e.get("text")) for e in after)


def test_a_routine_begun_by_key_is_refused_too() -> None:
    stage = to_state("locked")
    stage.finish()
    stage.take(Begin("desk-break"))
    assert stage.state.name == "locked"


def test_the_lock_is_cleared_only_after_it_was_read_back_and_confirmed() -> None:
    stage = to_state("locked")
    stage.say("clear")
    assert stage.state.name == "clearing"
    assert "trouble with your bladder" in stage.spoken()[-1]
    stage.say("no")
    assert stage.state.lock is not None
    stage.say("clear", "yes")
    assert stage.state.name == "idle"
    assert stage.state.lock is None
    stage.say("start routine=desk-break")
    assert stage.state.name == "greeting"


def test_a_graver_sign_replaces_the_reason_of_a_lock() -> None:
    stage = Stage().until_held(3)
    stage.say("urgent:leg_numbness", "emergency:saddle_numbness")
    assert stage.state.lock == Sign(Tier.EMERGENCY, "saddle_numbness", "emergency:saddle_numbness")


# -- in doubt, ask --------------------------------------------------------------------------------------


def test_an_unclear_sign_pauses_and_asks_by_name() -> None:
    stage = Stage().until_held(7)
    stage.say("emergency:saddle_numbness?")
    assert stage.state.name == "checking"
    assert stage.state.since is None
    assert stage.state.clock.held == pytest.approx(7)
    assert "between your legs" in stage.spoken()[-1]


def test_a_clear_no_goes_on_where_it_was() -> None:
    stage = Stage().until_held(7)
    stage.say("emergency:saddle_numbness?", "no")
    stage.until_held(0)
    assert stage.state.clock.left == pytest.approx(23)
    assert stage.state.lock is None


def test_silence_counts_as_yes_after_it_was_asked_twice() -> None:
    stage = Stage().until_held(7)
    stage.say("emergency:saddle_numbness?")
    question = stage.spoken()[-1]
    asked_at = stage.until(lambda s: s.due is not None).now
    stage.until(lambda s: s.asked == 2)
    assert stage.now == pytest.approx(asked_at + 8)
    stage.until("locked")
    assert stage.spoken().count(question) == 2


@pytest.mark.parametrize(
    "unclear", ["ready", "next", "resume", "score score=4", "help", "caution:tingling", "none:"]
)
def test_what_is_neither_yes_nor_no_counts_as_yes_the_second_time(unclear: str) -> None:
    stage = Stage().until_held(7)
    stage.say("emergency:saddle_numbness?")
    stage.until(lambda s: s.due is not None)
    stage.say(unclear)
    assert stage.state.name == "checking"
    stage.until(lambda s: s.due is not None)
    stage.say(unclear)
    assert stage.state.name == "locked"


@pytest.mark.parametrize("answer", ["yes", "stop", "emergency:bladder", "urgent:clot"])
def test_yes_stop_and_a_further_red_flag_settle_it(answer: str) -> None:
    stage = Stage().until_held(7)
    stage.say("emergency:saddle_numbness?", answer)
    assert stage.state.name == "locked"
    assert stage.state.lock is not None
    assert stage.state.lock.tier is Tier.EMERGENCY


@pytest.mark.parametrize("state", ["idle", "ended", "paused", "resting", "greeting", "offering"])
def test_after_a_no_it_is_as_it_was(state: str) -> None:
    stage = to_state(state)
    stage.say("emergency:chest_pain?", "no")
    assert stage.state.name == state
    assert stage.state.doubt is None


# -- the screening --------------------------------------------------------------------------------------


def screening() -> Stage:
    return Stage().until(lambda s: s.name == "asking" and s.due is not None)


def test_a_yes_to_the_screening_is_an_emergency() -> None:
    stage = screening()
    stage.say("yes")
    assert stage.state.lock is not None
    assert stage.state.lock.tier is Tier.EMERGENCY


def test_the_screening_can_be_answered_in_free_words() -> None:
    stage = screening()
    stage.say("urgent:leg_weakness")
    assert stage.state.name == "locked"
    stage = screening()
    stage.say("advice:persisting")
    assert stage.state.name == "asking"
    stage.until("teaching")


# -- caution and advice ---------------------------------------------------------------------------------


def test_a_caution_ends_the_stretch_and_offers_gentler_next_or_rest_in_this_order() -> None:
    stage = Stage().until_held(10)
    stage.say("caution:sharp_pain")
    assert stage.state.name == "offering"
    assert stage.state.since is None
    stage.let(12)
    offer = stage.spoken()[-1]
    assert offer.index("gentler") < offer.index("next") < offer.index("rest")


@pytest.mark.parametrize(
    ("answer", "state"),
    [("yes", "teaching"), ("easier", "teaching"), ("next", "teaching"), ("pause", "paused")],
)
def test_the_offer_is_taken(answer: str, state: str) -> None:
    stage = Stage().until_held(10)
    place = stage.state.place
    stage.say("caution:sharp_pain", answer)
    assert stage.state.name == state
    if answer == "pause":
        stage.say("resume")
        assert stage.state.place > place  # not into the stretch that hurt
    elif answer == "next":
        assert world().exercise(stage.state).id == "seated-glute-stretch"
    else:
        assert world().is_gentle(stage.state)


def test_nobody_choosing_leads_to_a_rest() -> None:
    stage = Stage().until_held(10)
    stage.say("caution:cramp")
    stage.until("paused")


def test_a_second_caution_of_the_same_kind_ends_the_session() -> None:
    stage = Stage().until_held(10)
    stage.say("caution:sharp_pain", "next")
    stage.until_held(4).say("caution:tingling")
    assert stage.state.name == "offering"
    stage.say("next")
    stage.until_held(4).say("caution:sharp_pain")
    assert stage.state.name == "ended"
    assert stage.state.lock is None


def test_pain_that_moves_down_the_leg_leaves_that_stretch_out_from_now_on() -> None:
    stage = Stage().until_held(10)
    stage.say("caution:spreading_pain", "yes")
    assert world().exercise(stage.state).id == "seated-glute-stretch"
    stage.until_held(1).say("previous")
    assert world().exercise(stage.state).id == "seated-glute-stretch"
    stage.finish()
    later = [e["exercise"] for e in stage.events("hold", phase="start")]
    assert later.count("piriformis-stretch") == 1


def test_dizziness_means_sitting_or_lying_down_first() -> None:
    stage = Stage().until_held(10)
    stage.say("caution:dizziness")
    stage.let(2)
    assert any("Sit or lie down first" in line for line in stage.spoken())


def test_advice_is_given_once_and_the_hold_goes_on() -> None:
    stage = Stage().until_held(10)
    stage.say("advice:persisting", "advice:persisting")
    assert stage.state.name == "holding"
    assert stage.state.since is not None
    assert sum("See a clinician" in line for line in stage.spoken()) == 1


def test_an_ordinary_feeling_gets_a_short_word_at_most() -> None:
    stage = Stage().until_held(10)
    after = stage.say("none:")
    assert [e.get("text") for e in after if e["event"] == "speak"] == ["All right."]
    assert stage.state.name == "holding"
