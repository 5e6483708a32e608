"""How a session goes: holds, cues, commands; all in virtual time."""

from __future__ import annotations

import dataclasses

import pytest

from companion.content.estimate import speaking_seconds
from companion.content.language import load_language
from companion.content.places import bundled
from companion.session.cues import cues
from companion.session.events import Greet, Leave
from companion.session.narration import duration
from companion.session.plan import compile_plan
from companion.session.turn import Turn
from companion.session.view import view
from tests.session.stage import Stage, to_state, world


def held(stage: Stage, exercise: str, side: str | None) -> float:
    """Seconds for which the hold of this side ran, by the transcript's own times."""
    parts = stage.events("hold", exercise=exercise, side=side)
    times = [e["t"] for e in parts]
    return sum(end - start for start, end in zip(times[::2], times[1::2], strict=True))


def start_of_hold(stage: Stage) -> float:
    return stage.events("hold", phase="start")[-1]["t"]


# -- the way through ------------------------------------------------------------------------------------


def test_a_whole_session_goes_through_all_its_steps_by_itself() -> None:
    stage = Stage().finish()
    assert stage.state.name == "ended"
    (end,) = stage.events("session", phase="end")
    assert end["how"] == "finished"
    assert end["done"] == ["Piriformis stretch", "Seated glute stretch", "Downward dog"]
    order = [(e["exercise"], e["side"]) for e in stage.events("hold", phase="start")]
    assert order == [
        *[("piriformis-stretch", side) for side in ("right", "left", "right", "left")],
        *[("seated-glute-stretch", side) for side in ("right", "left", "right", "left")],
        *[("downward-dog", None)] * 2,
    ]
    assert all(e["seconds"] == 30 for e in stage.events("hold", phase="end"))


def test_pain_is_asked_for_before_and_after_and_told_at_the_end() -> None:
    stage = Stage()
    stage.until(lambda s: s.due is not None).say("no")
    stage.until(lambda s: s.due is not None).say("score score=7")
    assert stage.state.pain_before == 7
    stage.until(lambda s: s.pain_before is not None and s.name == "asking" and s.due is not None)
    stage.say("score score=3")
    stage.finish()
    assert [(e["when"], e["score"]) for e in stage.events("pain")] == [("before", 7), ("after", 3)]
    assert "Pain was 7 before, and is 3 now." in " ".join(stage.spoken())


def test_full_teaching_the_first_time_a_reminder_from_the_second_on() -> None:
    exercise = world().library.exercises["piriformis-stretch"]
    stage = Stage().until_held(1)
    assert set(exercise.teach) <= set(stage.spoken())
    assert any("Leave this one out if" in line for line in stage.spoken())
    stage.say("next")
    stage.until_held(1).say("previous")
    before = len(stage.spoken())
    stage.until_held(1)
    again = stage.spoken()[before:]
    assert exercise.brief in again
    assert not set(exercise.teach) & set(again)


def test_the_side_is_named_before_each_hold_and_the_clock_starts_after_that() -> None:
    stage = Stage().finish()
    entries = stage.transcript
    for index, entry in enumerate(entries):
        if entry["event"] == "hold" and entry["phase"] == "start":
            said = next(e for e in reversed(entries[:index]) if e["event"] == "speak")
            assert "Hold." in said["text"]
            assert (entry["side"] or "").capitalize() in said["text"]
            assert entry["t"] >= said["t"] + speaking_seconds(said["text"]) - 1e-3


def test_nothing_is_taught_while_a_hold_runs_and_no_cue_cuts_a_line() -> None:
    stage = Stage().finish()
    running = False
    for entry in stage.transcript:
        if entry["event"] == "hold":
            running = entry["phase"] == "start"
        if running and entry["event"] == "speak":
            assert entry["priority"] == "cue"
    assert not stage.events("cut")


# -- holds and cues -------------------------------------------------------------------------------------


def test_cues_come_on_time() -> None:
    stage = Stage().until_held(30)
    start = start_of_hold(stage)
    cue_times = {e["text"]: round(e["t"] - start, 3) for e in stage.events("speak", priority="cue")}
    assert cue_times == {
        "Half way.": 15.0,
        "Ten seconds left.": 20.0,
        "Three.": 27.0,
        "Two.": 28.0,
        "One.": 29.0,
    }
    release = next(e for e in stage.events("speak") if e["text"] == "And release.")
    assert release["t"] == pytest.approx(start + 30, abs=1e-3)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(4, []), (5, [2, 3, 4]), (15, [12, 13, 14]), (20, [10, 17, 18, 19]), (30, [15, 20, 27, 28, 29])],
)
def test_short_holds_have_fewer_cues(seconds: float, expected: list[float]) -> None:
    exercise = world().library.exercises["piriformis-stretch"]
    assert [cue.at for cue in cues(exercise, seconds)] == expected


def test_a_paced_exercise_gives_its_beats_and_no_half_ones() -> None:
    exercise = world().library.exercises["slow-breathing"]
    beats = cues(exercise, 25.0)
    assert [(cue.at, cue.words) for cue in beats][:3] == [
        (0.0, exercise.pace[0].say),
        (4.0, exercise.pace[1].say),
        (10.0, exercise.pace[0].say),
    ]
    assert beats[-1].at + 4.0 <= 25.0


def test_a_cue_that_would_fall_into_an_answer_is_left_out() -> None:
    stage = Stage().until_held(14.5)
    stage.say("time_left")
    stage.let(3)
    assert "Half way." not in stage.spoken()
    stage.let(13)
    assert "Ten seconds left." in stage.spoken()


@pytest.mark.parametrize(
    ("cues_", "speaks", "chimes"), [("speech", True, 0), ("both", True, 7), ("chimes", False, 7)]
)
def test_cues_are_speech_chimes_or_both(cues_: str, speaks: bool, chimes: int) -> None:
    stage = Stage(cues=cues_).until_held(30)
    assert ("Three." in stage.spoken()) is speaks
    assert len(stage.events("chime")) == chimes
    assert "Right side. Hold." in stage.spoken()


@pytest.mark.parametrize(
    ("during_first", "seconds"),
    [
        ([], 30),
        (["more_time"], 60),
        (["more_time seconds=20"], 50),
        (["less_time seconds=10"], 20),
        (["more_time", "less_time"], 50),
        (["pause", "resume"], 30),
        (["explain"], 30),
        (["time_left", "louder", "slower"], 30),
        (["less_time seconds=25"], 5.0),
    ],
)
def test_the_second_side_gets_exactly_the_time_of_the_first(during_first: list[str], seconds: float) -> None:
    stage = Stage().until_held(5)
    if during_first:
        stage.say(*during_first)
    stage.until(lambda s: s.side == 1).until(lambda s: world().step(s).round == 2)
    right, left = held(stage, "piriformis-stretch", "right"), held(stage, "piriformis-stretch", "left")
    assert right == pytest.approx(seconds, abs=1e-3)
    assert left == pytest.approx(right, abs=1e-3)


def test_more_time_on_the_second_side_does_not_call_back_the_first() -> None:
    stage = Stage().until(lambda s: s.side == 1).until_held(5)
    stage.say("more_time seconds=20")
    stage.until(lambda s: world().step(s).round == 2)
    assert held(stage, "piriformis-stretch", "right") == pytest.approx(30)
    assert held(stage, "piriformis-stretch", "left") == pytest.approx(50)


def test_swapping_keeps_what_each_side_has_still_to_be_held() -> None:
    stage = Stage().until_held(12)
    stage.say("swap_sides")
    assert stage.state.name == "preparing"
    stage.until(lambda s: world().step(s).round == 2)
    order = [e["side"] for e in stage.events("hold", phase="start")]
    assert order == ["right", "left", "right"]
    assert held(stage, "piriformis-stretch", "right") == pytest.approx(30)
    assert held(stage, "piriformis-stretch", "left") == pytest.approx(30)


def test_swapping_to_a_named_side_is_the_same_said_twice() -> None:
    stage = Stage().until_held(12)
    stage.say("swap_sides side=left", "swap_sides side=left")
    assert stage.state.clock.side == "left"


def test_an_exercise_without_sides_says_so() -> None:
    stage = Stage().until(lambda s: s.routine is not None and world().step(s).item == 2).until_held(3)
    assert "This one has no sides." in [e.get("text") for e in stage.say("swap_sides")]
    assert stage.state.name == "holding"


# -- getting ready --------------------------------------------------------------------------------------


def test_the_hold_starts_after_the_changeover_or_when_the_person_is_ready() -> None:
    stage = Stage().until("preparing").until(lambda s: s.due is not None)
    assert stage.state.due == pytest.approx(stage.now + 10)
    ready_at = stage.now + 2
    stage.let(2)
    stage.say("ready")
    assert stage.state.name == "holding"
    stage.until_held(0)
    assert start_of_hold(stage) == pytest.approx(ready_at + speaking_seconds("Right side. Hold."), abs=1e-3)


def test_ready_during_the_teaching_goes_straight_to_the_hold() -> None:
    stage = Stage().until("teaching")
    stage.say("ready")
    assert stage.state.name == "holding"
    assert stage.state.speaking is not None
    assert stage.state.speaking.text == "Right side. Hold."


def test_a_changeover_of_nothing_is_allowed() -> None:
    stage = Stage(changeover=0.0).until("preparing").until(lambda s: s.due is not None)
    arrived = stage.now
    stage.until("holding")
    assert stage.now == arrived


# -- commands -------------------------------------------------------------------------------------------


def test_pause_keeps_the_remaining_hold_and_resume_goes_into_it_by_way_of_getting_ready() -> None:
    stage = Stage().until_held(12.5)
    stage.say("pause")
    assert stage.state.clock.left == pytest.approx(17.5)
    stage.let(600)
    assert stage.state.name == "paused"
    stage.say("resume")
    assert stage.state.name == "preparing"
    stage.until_held(0)
    assert stage.events("hold", phase="start")[-1]["seconds"] == 17.5


def test_pause_in_the_middle_of_the_teaching_goes_on_with_the_line_that_was_cut() -> None:
    stage = Stage().until("teaching")
    stage.let(4)
    (cut,) = [e for e in stage.say("pause") if e["event"] == "cut"]
    stage.let(30)
    stage.say("resume")
    stage.let(3)
    assert stage.spoken().count(cut["text"]) == 2


@pytest.mark.parametrize("twice", ["pause", "resume", "stop", "next", "ready", "swap_sides", "more_time"])
def test_nothing_said_twice_at_once_does_harm(twice: str) -> None:
    once, again = Stage().until_held(5), Stage().until_held(5)
    once.say(twice)
    again.say(twice)
    again.say(twice)
    assert (once.state.name, once.state.place, once.state.clocks, once.state.side) == (
        again.state.name,
        again.state.place,
        again.state.clocks,
        again.state.side,
    )


def test_next_and_previous_go_by_exercise() -> None:
    stage = Stage().until_held(5)

    def exercise() -> str:
        return world().exercise(stage.state).id

    stage.say("next")
    assert exercise() == "seated-glute-stretch"
    stage.let(2)
    stage.say("next", "previous", "previous", "previous")
    assert exercise() == "piriformis-stretch"
    stage.say("next exercise=downward-dog")
    assert exercise() == "downward-dog"
    stage.let(2)
    stage.say("next")
    assert world().step(stage.state).kind == "pain_after"


@pytest.mark.parametrize("command", ["next", "start exercise=downward-dog", "pause"])
def test_nothing_jumps_over_the_screening(command: str) -> None:
    stage = Stage()
    stage.say(command)
    if command == "pause":
        stage.say("next")
    stage.until(lambda s: s.name == "asking")
    assert world().step(stage.state).kind == "screen"
    stage.say("next", "never_mind")
    assert world().step(stage.state).kind == "screen"


def test_easier_teaches_the_gentler_version_and_holds_it_shorter() -> None:
    exercise = world().library.exercises["piriformis-stretch"]
    stage = Stage().until_held(5)
    stage.say("easier")
    assert stage.state.name == "teaching"
    stage.until_held(0)
    assert set(exercise.gentler.teach) <= set(stage.spoken())
    assert stage.state.clock.total == exercise.gentler.seconds
    assert exercise.get_ready.format(side="right", other="left") not in stage.spoken()[-4:]
    assert stage.spoken()[-3:-1] == ["Right side first.", exercise.gentler.brief]
    stage.until(lambda s: s.side == 1).until_held(0)
    assert stage.spoken()[-4:-1] == ["Swap sides.", "Left side.", exercise.gentler.brief]
    stage.let(2)
    assert [e.get("text") for e in stage.say("easier")][3].startswith("This is the gentlest")


def test_how_long_left() -> None:
    stage = Stage().until_held(18)
    assert "12 seconds left." in [e.get("text") for e in stage.say("time_left")]
    stage.say("pause")
    assert any("minutes left" in str(e.get("text")) for e in stage.say("time_left"))


def test_an_explanation_takes_nothing_from_the_hold() -> None:
    stage = Stage().until_held(10)
    stage.say("explain")
    assert stage.state.since is None
    stage.until_held(0)
    assert stage.state.clock.left == pytest.approx(20)


def test_louder_and_slower_change_how_it_sounds_up_to_a_limit() -> None:
    stage = Stage().until_held(1)
    (tune,) = [e for e in stage.say("louder") if e["event"] == "tune"]
    assert tune["volume"] == 0.95
    for _ in range(3):
        stage.let(2)
        stage.say("louder")
    assert stage.state.volume == 1.0
    stage.let(3)
    stage.say("slower")
    assert stage.state.rate == 0.9


def test_repeat_says_the_last_thing_again() -> None:
    stage = Stage().until("teaching")
    stage.let(10)
    before = stage.state.last_said
    stage.say("repeat")
    assert stage.state.speaking is not None
    assert stage.state.speaking.text == before[0]


def test_a_question_is_answered_and_more_is_said_when_asked_for() -> None:
    stage = Stage().until("teaching")
    stage.say("question topic=sciatica")
    stage.let(6)
    stage.say("question topic=more")
    stage.let(3)
    spoken = stage.spoken()
    assert "Short one. Short two." in spoken
    assert "More one. More two." in spoken
    stage.say("question topic=nothing_known")
    assert "I have no answer to that." in " ".join(stage.spoken())


def test_stop_says_so_afterwards_with_what_was_done() -> None:
    stage = Stage().until(lambda s: s.side == 1)
    stage.say("stop")
    stage.finish()
    assert stage.spoken()[-2:] == ["Stopped.", "That was Piriformis stretch."]


# -- starting -------------------------------------------------------------------------------------------


def test_an_unknown_routine_is_answered_with_what_there_is() -> None:
    stage = Stage(None)
    stage.say("start routine=zumba")
    assert stage.state.name == "idle"
    assert "I do not know zumba. There is " in " ".join(stage.spoken())


def test_start_without_a_name_asks_which_and_a_second_routine_needs_a_stop() -> None:
    stage = Stage(None)
    stage.say("start")
    assert "Which one would you like?" in " ".join(stage.spoken())
    stage.let(10)
    stage.say("start routine=desk-break")
    assert stage.state.routine == "desk-break"
    stage.until("teaching").say("start routine=morning")
    assert stage.state.routine == "desk-break"
    assert "We are in the middle of" in " ".join(stage.spoken())


def test_an_unanswered_screening_does_not_begin() -> None:
    stage = Stage()
    stage._answers_at = lambda: None  # type: ignore[method-assign]  # nobody is there
    stage.finish()
    assert stage.state.name == "ended"
    assert not stage.events("hold")
    assert stage.spoken().count("Before we begin.") == 2


def test_within_a_week_the_screening_is_brief() -> None:
    stage = Stage()
    stage.world = dataclasses.replace(stage.world, screened_lately=True)
    stage.until(lambda s: s.name == "asking")
    assert stage.state.last_said == world().prompts.lines("ask.screen_brief")


def test_without_screening_a_reminder_stays() -> None:
    stage = Stage(screening=False).until("teaching")
    assert any("do not exercise" in line for line in stage.spoken())


def test_without_pain_scores_nothing_is_asked() -> None:
    stage = Stage(ask_pain=False, screening=False).finish()
    assert not [e for e in stage.events("state") if e["to"] == "asking"]


# -- what is seen, and the words ------------------------------------------------------------------------


def test_the_view_shows_exercise_side_step_and_countdown() -> None:
    stage = Stage().until_held(12)
    seen = view(world(), stage.state, stage.now)
    assert (seen.title, seen.side, seen.step) == ("Piriformis stretch", "Right side", "Hold")
    assert seen.countdown == pytest.approx(18)
    assert 0 < seen.progress < 0.5


def test_progress_only_grows_and_ends_whole() -> None:
    stage = Stage()
    last = 0.0
    while stage.step():
        progress = view(world(), stage.state, stage.now).progress
        assert progress >= last - 1e-9
        last = progress
    assert last == 1.0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 second"),
        (30, "30 seconds"),
        (60, "1 minute"),
        (90, "1 minute and 30 seconds"),
        (500, "8 minutes"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(Turn(world(), Stage(None).state, 0.0), seconds) == words


def test_every_state_has_a_name_on_the_screen() -> None:
    for name in ("idle", "greeting", "holding", "locked"):
        assert view(world(), to_state(name).state, 0.0).step


def test_every_routine_can_be_gone_through() -> None:
    for routine in world().library.routines.values():
        stage = Stage(routine.id).finish()
        assert stage.state.name == "ended"
        assert stage.events("session", phase="end", how="finished")
        assert len(compile_plan(routine)) == stage.state.place + 1


def test_the_prompts_hold_all_that_sessions_ask_for() -> None:
    prompts = load_language("en", [bundled("voices")]).prompts
    for name in ("screen", "sign", "region", "lock", "help"):
        assert any(key.startswith(f"{name}.") for key in prompts)


def test_a_greeting_offers_to_go_on_with_a_session_that_was_left() -> None:
    for left in (False, True):
        stage = Stage(None)
        stage.take(Greet(left=left))
        stage.finish()
        assert any("Say resume to go on" in line for line in stage.spoken()) == left


def test_a_goodbye_waits_for_no_greeting_but_for_what_to_do_about_a_sign_of_danger() -> None:
    greeting = Stage(None)
    greeting.take(Greet())
    greeting.take(Leave())
    assert [line.text for line in greeting.state.queue] == ["Goodbye."]
    locked = Stage()
    locked.say("emergency:bladder")
    said = [line.text for line in locked.state.queue]
    locked.take(Leave())
    assert [line.text for line in locked.state.queue] == [*said, "Goodbye."]
    assert said
