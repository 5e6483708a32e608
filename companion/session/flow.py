"""Actions that move along the plan: begin, teach, hold, rest, close, and stop."""

from __future__ import annotations

from companion.content.errors import UnknownRoutine
from companion.content.estimate import routine_minutes
from companion.nlu.meaning import Meaning
from companion.session import narration
from companion.session.cues import LATE, cues
from companion.session.events import Chime
from companion.session.state import Clock, State
from companion.session.table import BEFORE_OR_AFTER
from companion.session.turn import INSTANT, Turn

# -- beginning and ending -------------------------------------------------------------------------------


def begin(turn: Turn, routine: str) -> None:
    """Start a routine afresh; how loud and fast to speak, and a lock, stay as they are."""
    turn.hush()
    old = turn.state
    turn.state = State(
        name=old.name, routine=routine, utterance=old.utterance, volume=old.volume, rate=old.rate
    )
    turn.record("session", phase="start", routine=routine)
    enter(turn)


def start(turn: Turn, meaning: Meaning) -> None:
    """Start what was named; without a name, say what there is."""
    wanted = meaning.slots.get("routine") or meaning.slots.get("exercise")
    if wanted is None:
        turn.reply(turn.prompt("start.which", routines=_routine_names(turn)))
        return
    try:
        begin(turn, turn.world.library.find_routine(str(wanted)).id)
    except UnknownRoutine:
        turn.reply(turn.prompt("start.unknown", wanted=wanted, routines=_routine_names(turn)))


def _routine_names(turn: Turn) -> str:
    names = tuple(routine.name for routine in turn.world.library.routines.values())
    return narration.listed(turn, names)


def stop(turn: Turn, meaning: Meaning) -> None:
    """Stop first, say so afterwards. Said again, it only silences what is still being said."""
    turn.stop_clock()
    turn.hush()
    if turn.state.name in BEFORE_OR_AFTER:
        turn.go("ended")
        return
    end(turn, "stopped")
    turn.say((*turn.prompt("stop.done"), narration.summary(turn)))


def end(turn: Turn, how: str) -> None:
    """The session is over; ``how`` is for the record."""
    turn.stop_clock()
    state = turn.state
    turn.record(
        "session",
        phase="end",
        routine=state.routine,
        how=how,
        done=list(state.done),
        pain_before=state.pain_before,
        pain_after=state.pain_after,
    )
    turn.go("ended")


def finish(turn: Turn, meaning: Meaning) -> None:
    end(turn, "finished")


def goodbye(turn: Turn, meaning: Meaning) -> None:
    """Nothing to keep. What to do about a sign of danger is said to its end; all else need not be."""
    if turn.state.speaking and turn.state.speaking.priority != "safety":
        turn.hush()
    turn.say(turn.prompt("leave.goodbye"))


# -- along the plan -------------------------------------------------------------------------------------


def next_step(turn: Turn, meaning: Meaning | None = None) -> None:
    turn.set(place=turn.state.place + 1)
    enter(turn)


def enter(turn: Turn) -> None:
    """Begin the step at the present place, or the next one where this one is not wanted."""
    if _is_wanted(turn):
        _ENTER[turn.step.kind](turn)
    else:
        next_step(turn)


def _is_wanted(turn: Turn) -> bool:
    """Whether settings and what was reported so far leave the present step in."""
    settings = turn.world.settings
    match turn.step.kind:
        case "pain_before" | "pain_after":
            return settings.ask_pain
        case "teach" | "round" | "rest":
            return turn.exercise.id not in turn.state.left_out
        case _:
            return True


def _greet(turn: Turn) -> None:
    turn.go("greeting")
    routine = turn.world.routine(turn.state)
    minutes = narration.duration(turn, 60 * routine_minutes(routine))
    turn.narrate(turn.prompt("greet.session", routine=routine.name, minutes=minutes))


def _screen(turn: Turn) -> None:
    """The emergency signs. Without the question a reminder of them stays."""
    if turn.world.settings.screening:
        ask(turn)
    else:
        turn.say(turn.prompt("screening.reminder"))
        next_step(turn)


def ask(turn: Turn) -> None:
    turn.go("asking")
    brief = turn.step.kind == "screen" and turn.world.screened_lately
    turn.narrate(turn.prompt("ask.screen_brief" if brief else f"ask.{turn.step.kind}"))


def _teach(turn: Turn) -> None:
    turn.record("exercise", exercise=turn.exercise.id, phase="start")
    turn.go("teaching")
    turn.narrate(narration.teaching(turn))


def _round(turn: Turn) -> None:
    """A new round: every side has its full time before it."""
    exercise = turn.exercise
    if exercise.id not in turn.state.taught:
        turn.set(taught=(*turn.state.taught, exercise.id))
    seconds = turn.item.seconds
    if turn.step.item in turn.state.gentle:
        seconds = min(seconds, exercise.gentler.seconds)
    turn.set(clocks=tuple(Clock(side, seconds) for side in turn.item.sides), side=0, cued=0.0)
    prepare(turn)


def _rest(turn: Turn) -> None:
    turn.go("resting")
    turn.set(left=turn.item.rest)
    turn.narrate(turn.prompt("rest.start", rest=narration.duration(turn, turn.item.rest)))


def _close(turn: Turn) -> None:
    turn.go("closing")
    turn.narrate((narration.summary(turn), *turn.prompt("close.goodbye")))


_ENTER = {
    "greet": _greet,
    "screen": _screen,
    "pain_before": ask,
    "teach": _teach,
    "round": _round,
    "rest": _rest,
    "pain_after": ask,
    "close": _close,
}


def start_rest(turn: Turn, meaning: Meaning) -> None:
    if turn.state.due is None:
        turn.set(due=turn.now + turn.state.left)


def skip_teaching(turn: Turn, meaning: Meaning) -> None:
    """They know it already and are in position: straight to the hold."""
    turn.hush()
    next_step(turn)
    turn.hush()
    hold(turn, meaning)


# -- getting ready and holding --------------------------------------------------------------------------


def prepare(turn: Turn) -> None:
    turn.go("preparing")
    turn.set(due=None)
    turn.narrate(narration.get_ready(turn))


def start_changeover(turn: Turn, meaning: Meaning) -> None:
    """The instruction is over: now the changeover runs. A reply in between does not start it anew."""
    if turn.state.due is None:
        turn.set(due=turn.now + turn.item.changeover)


def hold(turn: Turn, meaning: Meaning) -> None:
    """Name the side; the clock starts once that has been said."""
    turn.hush()
    turn.go("holding")
    turn.narrate(narration.announcement(turn))


def start_clock(turn: Turn, meaning: Meaning) -> None:
    if turn.state.since is None:
        turn.start_clock()
        _chime(turn, "start")


def beat(turn: Turn, meaning: Meaning) -> None:
    """Time has passed in a hold: give the cue that is due, or release."""
    if turn.state.since is None:
        return
    held, clock = turn.held(), turn.state.clock
    if clock.total - held < INSTANT:
        release(turn)
        return
    due = [cue for cue in cues(turn.exercise, clock.total) if turn.state.cued < cue.at <= held + INSTANT]
    if not due:
        return
    turn.set(cued=due[-1].at)
    cue = due[-1]
    if turn.state.speaking or held - cue.at > LATE:
        return
    _chime(turn, cue.chime)
    if turn.world.settings.cues != "chimes" or cue.words:
        turn.say((cue.words,) if cue.words else turn.prompt(cue.prompt or ""), "cue")


def _chime(turn: Turn, name: str) -> None:
    if turn.world.settings.cues != "speech":
        turn.effects.append(Chime(name))


def release(turn: Turn) -> None:
    """This side has had its time: the other side, the next round, or the next step."""
    turn.stop_clock()
    _chime(turn, "end")
    turn.say(narration.release(turn))
    name = turn.exercise.name
    if name not in turn.state.done:
        turn.set(done=(*turn.state.done, name))
    _after_side(turn)


def _after_side(turn: Turn) -> None:
    waiting = [index for index, clock in enumerate(turn.state.clocks) if clock.left > INSTANT]
    if waiting:
        turn.set(side=waiting[0], cued=turn.state.clocks[waiting[0]].held)
        prepare(turn)
        return
    if turn.step.round == turn.item.rounds:
        turn.record("exercise", exercise=turn.exercise.id, phase="done")
    next_step(turn)
