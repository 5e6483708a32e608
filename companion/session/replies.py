"""Actions that answer: questions asked and answered, what is left, how loud and fast, help."""

from __future__ import annotations

from dataclasses import dataclass

from companion.nlu.meaning import Meaning
from companion.session import flow, interview, narration, safety
from companion.session.events import Tune
from companion.session.turn import Turn


def ignore(turn: Turn, meaning: Meaning) -> None:
    """Nothing happens, and that is meant."""


def quiet(turn: Turn, meaning: Meaning) -> None:
    """ "Never mind": break off the answer being given and go on."""
    if turn.state.speaking and turn.state.speaking.priority == "reply":
        turn.reply(())


def nothing_running(turn: Turn, meaning: Meaning) -> None:
    turn.reply(turn.prompt("idle.nothing_running"))


# -- questions of the plan ------------------------------------------------------------------------------


def await_answer(turn: Turn, meaning: Meaning) -> None:
    turn.set(due=turn.now + turn.world.settings.answer_within, asked=max(1, turn.state.asked))


def take_score(turn: Turn, meaning: Meaning) -> None:
    score = int(meaning.slots.get("score", -1))
    kind = turn.step.kind
    if kind == "screen" or not 0 <= score <= 10:
        ask_again(turn, meaning)
        return
    turn.set(**{kind: score})
    turn.record("pain", when=kind.removeprefix("pain_"), score=score)
    turn.hush()
    turn.say(turn.prompt("ask.score_taken", score=score), "reply")
    flow.next_step(turn)


def answer_yes(turn: Turn, meaning: Meaning) -> None:
    if turn.step.kind == "screen":
        safety.screened_yes(turn, meaning)
    else:
        ask_again(turn, meaning)


def answer_no(turn: Turn, meaning: Meaning) -> None:
    """ "No" to the screening goes on, as does not giving a score; the screening cannot be skipped."""
    if turn.step.kind == "screen" and meaning.intent != "no":
        ask_again(turn, meaning)
        return
    if turn.step.kind == "screen":
        turn.record("screened")
    turn.hush()
    flow.next_step(turn)


def ask_again(turn: Turn, meaning: Meaning) -> None:
    """That was no answer to this question: put it again."""
    turn.hush()
    turn.set(due=None)
    turn.say(turn.state.last_said)


def no_answer(turn: Turn, meaning: Meaning) -> None:
    """Silence: ask once more. A score may stay open; a session nobody was screened for does not begin."""
    if turn.ask_once_more():
        return
    if turn.step.kind == "screen":
        flow.end(turn, "no answer to the screening")
        turn.say(turn.prompt("ask.screen_unanswered"))
    else:
        flow.next_step(turn)


# -- being told something -------------------------------------------------------------------------------


def repeat(turn: Turn, meaning: Meaning) -> None:
    """Say again what was said last; during a hold, in one sentence."""
    name = turn.state.name
    if name == "holding":
        exercise = turn.exercise
        brief = exercise.gentler.brief if turn.world.is_gentle(turn.state) else exercise.brief
        turn.reply((brief,))
    elif name == "preparing":
        turn.hush()
        flow.prepare(turn)
    elif name == "resting":
        turn.reply(turn.state.last_said)
    else:
        turn.hush()
        turn.set(due=None)
        turn.say(turn.state.last_said)


def explain(turn: Turn, meaning: Meaning) -> None:
    """The full instruction. It takes nothing from a hold: that goes on after getting ready again."""
    if turn.step.item is None:
        return
    lines = narration.instruction(turn, turn.world.is_gentle(turn.state))
    _tell_at_length(turn, lines)


def tell(turn: Turn, meaning: Meaning) -> None:
    """Help, the list of routines, or the answer to a question about the body."""
    if meaning.intent == "help":
        _tell_at_length(turn, turn.prompt("help.all"))
    elif meaning.intent == "list_routines":
        names = tuple(routine.name for routine in turn.world.library.routines.values())
        _tell_at_length(turn, turn.prompt("help.routines", routines=narration.listed(turn, names)))
    else:
        _answer_question(turn, str(meaning.slots.get("topic", "")))


def _answer_question(turn: Turn, topic: str) -> None:
    more = topic == "more"
    answer = turn.world.answer(turn.state.topic or "" if more else topic)
    if answer is None:
        _tell_at_length(turn, turn.prompt("help.no_answer"))
        return
    if more:
        _tell_at_length(turn, (answer.more,))
    else:
        turn.set(topic=topic)
        if topic == interview.TOPIC and turn.world.interview is not None:
            interview.offer(turn, (answer.short,))
            return
        _tell_at_length(turn, (answer.short, *turn.prompt("help.say_more")))


def _tell_at_length(turn: Turn, lines: tuple[str, ...]) -> None:
    """A long answer: a hold stands still for it and is gone into anew."""
    if turn.state.name in ("preparing", "holding"):
        turn.stop_clock()
        turn.hush()
        turn.say(lines, "reply")
        flow.prepare(turn)
    else:
        turn.reply(lines)


def time_left(turn: Turn, meaning: Meaning) -> None:
    """The hold's seconds while holding, else the minutes of the session."""
    if turn.state.name == "holding":
        left = narration.duration(turn, turn.state.clock.total - turn.held())
        turn.reply(turn.prompt("time.left_hold", left=left))
    else:
        seconds = turn.world.seconds_left(turn.state, turn.now)
        turn.reply(turn.prompt("time.left_session", left=narration.duration(turn, max(60.0, seconds))))


# -- how it sounds --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Knob:
    """One thing to tune: which field of the state, by how much, within which bounds."""

    field: str
    by: float
    lowest: float
    highest: float


KNOBS = {
    "louder": Knob("volume", 0.15, 0.2, 1.0),
    "quieter": Knob("volume", -0.15, 0.2, 1.0),
    "faster": Knob("rate", 0.1, 0.6, 1.6),
    "slower": Knob("rate", -0.1, 0.6, 1.6),
}


def tune(turn: Turn, meaning: Meaning) -> None:
    """Change the voice. While it speaks the change is heard by itself; in silence a word shows it."""
    knob = KNOBS[meaning.intent]
    old = getattr(turn.state, knob.field)
    new = round(min(knob.highest, max(knob.lowest, old + knob.by)), 2)
    turn.set(**{knob.field: new})
    turn.effects.append(Tune(turn.state.volume, turn.state.rate))
    if turn.state.speaking:
        return
    turn.say(turn.prompt(f"tune.{meaning.intent if new != old else 'limit'}"), "reply")
