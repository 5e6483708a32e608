"""Actions that move along the plan: begin, teach, hold, swap, rest, close, and stop."""

from __future__ import annotations

from dataclasses import replace

from companion.content.errors import UnknownRoutine
from companion.content.estimate import routine_minutes
from companion.content.model import OTHER_SIDE
from companion.nlu.meaning import Meaning
from companion.session import narration
from companion.session.cues import LATE, cues
from companion.session.events import Chime
from companion.session.state import Clock, State
from companion.session.table import BEFORE_OR_AFTER, INTERRUPTED, QUESTIONING
from companion.session.turn import INSTANT, Turn

MORE_TIME = 30.0  # seconds that "more time" gives where no number is said
LESS_TIME = 10.0  # … and that "less time" takes


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


def start_while_paused(turn: Turn, meaning: Meaning) -> None:
    if _is_other_routine(turn, meaning):
        _refuse_second_routine(turn)
    else:
        resume(turn, meaning)


def start_while_running(turn: Turn, meaning: Meaning) -> None:
    """Another routine needs a stop first; an exercise of this one is gone to."""
    if not go_to_named_exercise(turn, meaning) and _is_other_routine(turn, meaning):
        _refuse_second_routine(turn)


def _is_other_routine(turn: Turn, meaning: Meaning) -> bool:
    wanted = meaning.slots.get("routine") or meaning.slots.get("exercise")
    return wanted is not None and wanted != turn.state.routine


def _refuse_second_routine(turn: Turn) -> None:
    turn.reply(turn.prompt("start.already", routine=turn.world.routine(turn.state).name))


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


def leave(turn: Turn, meaning: Meaning) -> None:
    """Say goodbye and keep the place, as a pause does."""
    suspend(turn)
    turn.say(turn.prompt("leave.kept"))


def goodbye(turn: Turn, meaning: Meaning) -> None:
    """Nothing to keep. What is still being said may be what matters, so it is said to its end."""
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
        _ask(turn)
    else:
        turn.say(turn.prompt("screening.reminder"))
        next_step(turn)


def _ask(turn: Turn) -> None:
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
    "pain_before": _ask,
    "teach": _teach,
    "round": _round,
    "rest": _rest,
    "pain_after": _ask,
    "close": _close,
}


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
        _release(turn)
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


def _release(turn: Turn) -> None:
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


# -- commands about the hold ----------------------------------------------------------------------------


def swap_sides(turn: Turn, meaning: Meaning) -> None:
    """To the other side, or to the one that was named. Each side keeps what it has still to be held."""
    if turn.state.name == "teaching":
        turn.hush()
        next_step(turn)
        turn.hush()
    clocks, index = turn.state.clocks, turn.state.side
    if len(clocks) < 2:
        turn.reply(turn.prompt("swap.no_sides"))
        return
    named = meaning.slots.get("side")
    wanted = named if named in OTHER_SIDE else clocks[1 - index].side
    target = next(i for i, clock in enumerate(clocks) if clock.side == wanted)
    turn.stop_clock()
    turn.hush()
    if turn.state.clocks[target].left <= INSTANT:  # it has had its time: once more, if that is wished
        turn.set_clock(target, replace(turn.state.clocks[target], held=0.0))
    turn.set(side=target, cued=turn.state.clocks[target].held)
    prepare(turn)


def more_time(turn: Turn, meaning: Meaning) -> None:
    seconds = float(meaning.slots.get("seconds", MORE_TIME))
    _change_time(turn, seconds)
    turn.reply(turn.prompt("time.more", seconds=narration.duration(turn, seconds)))


def less_time(turn: Turn, meaning: Meaning) -> None:
    """Shorten the hold; where that time has been held already, it ends now."""
    seconds = float(meaning.slots.get("seconds", LESS_TIME))
    if _change_time(turn, -seconds) and turn.state.name == "holding":
        turn.hush()
        _release(turn)
    else:
        turn.reply(turn.prompt("time.less"))


def _change_time(turn: Turn, seconds: float) -> bool:
    """Change the present side's time, and the time of a side that has not begun: they get the same.

    Returns whether the present side has thereby had all its time.
    """
    held = turn.held()
    clock = turn.state.clock
    shortest = held if held > 0 else min(clock.total, 5.0)
    total = max(shortest, clock.total + seconds)
    for index, other in enumerate(turn.state.clocks):
        if index == turn.state.side or other.held == 0:
            turn.set_clock(index, replace(other, total=total))
    return total - held < INSTANT


def more_rest(turn: Turn, meaning: Meaning) -> None:
    seconds = float(meaning.slots.get("seconds", MORE_TIME))
    if turn.state.due is None:
        turn.set(left=turn.state.left + seconds)
    else:
        turn.set(due=turn.state.due + seconds)
    turn.reply(turn.prompt("time.more", seconds=narration.duration(turn, seconds)))


def start_rest(turn: Turn, meaning: Meaning) -> None:
    if turn.state.due is None:
        turn.set(due=turn.now + turn.state.left)


# -- pausing and going on -------------------------------------------------------------------------------


def suspend(turn: Turn, to: str = "paused") -> None:
    """Stand still: keep the hold's clock, what is left of a rest, and the narration not yet said."""
    state = turn.state
    turn.stop_clock()
    kept = turn.cut()
    if state.name not in INTERRUPTED:
        left = max(0.0, state.due - turn.now) if state.due is not None else state.left
        turn.set(back=state.name, kept=kept, left=left)
    turn.go(to)


def pause(turn: Turn, meaning: Meaning) -> None:
    suspend(turn)
    turn.reply(turn.prompt("pause.done"))


def remind_paused(turn: Turn, meaning: Meaning) -> None:
    """Said twice, it is still paused; there is nothing to add."""


def resume(turn: Turn, meaning: Meaning) -> None:
    turn.hush()
    turn.say(turn.prompt("resume.done"), "reply")
    go_back(turn)


def go_back(turn: Turn) -> None:
    """Take up what was interrupted. A hold is gone into anew, by way of getting ready; a stretch that was
    broken off for a caution is not."""
    back, kept = turn.state.back, turn.state.kept
    turn.set(back=None, kept=())
    if back in ("preparing", "holding"):
        prepare(turn)
    elif back in ("greeting", "teaching", "closing"):
        turn.go(back)
        turn.say(line.text for line in kept)
        if not turn.state.queue:
            next_step(turn)
    elif back == "resting":
        turn.go(back)
        if not turn.state.queue:
            start_rest(turn, Meaning("", "chatter"))
    elif back == "asking":
        _ask(turn)
    elif back == "offering":
        next_exercise(turn, Meaning("", "next"))
    else:
        turn.go(back or "idle")


def interrupt(turn: Turn, to: str) -> None:
    """Stand still for a question about something else than the plan."""
    if turn.state.name not in QUESTIONING:
        turn.set(came_from=turn.state.name)
    suspend(turn, to)


def return_from(turn: Turn) -> None:
    """That question is settled: be where it came up."""
    came_from = turn.state.came_from
    turn.set(came_from=None)
    if came_from == "offering":
        turn.go("offering")
        turn.say(turn.state.offer, "safety")
    elif came_from == "paused":
        turn.go("paused")
    else:
        go_back(turn)


# -- going by exercise ----------------------------------------------------------------------------------


def next_exercise(turn: Turn, meaning: Meaning) -> None:
    if go_to_named_exercise(turn, meaning):
        return
    plan = turn.world.plan(turn.state)
    later = [i for i in range(turn.state.place + 1, len(plan)) if plan[i].kind in ("teach", "pain_after")]
    go_to(turn, later[0] if later else len(plan) - 1)


def previous_exercise(turn: Turn, meaning: Meaning) -> None:
    """The exercise before this one; at the first one, that one from its beginning."""
    if go_to_named_exercise(turn, meaning):
        return
    plan = turn.world.plan(turn.state)
    earlier = [i for i in range(turn.state.place + 1) if plan[i].kind == "teach"]
    if earlier:
        go_to(turn, earlier[-2] if len(earlier) > 1 else earlier[0])
    else:
        go_to(turn, 0)


def go_to_named_exercise(turn: Turn, meaning: Meaning) -> bool:
    """Go to the exercise that was named, if this routine has it."""
    wanted = meaning.slots.get("exercise")
    items = turn.world.routine(turn.state).items
    for place, step in enumerate(turn.world.plan(turn.state)):
        if step.kind == "teach" and step.item is not None and items[step.item].exercise.id == wanted:
            go_to(turn, place)
            return True
    return False


def go_to(turn: Turn, place: int) -> None:
    """Go to this step of the plan. Nothing jumps over the screening."""
    turn.stop_clock()
    turn.hush()
    item = turn.step.item
    if turn.step.kind in ("teach", "round") and item != turn.world.plan(turn.state)[place].item:
        turn.record("exercise", exercise=turn.exercise.id, phase="skipped")
    (screening,) = (i for i, step in enumerate(turn.world.plan(turn.state)) if step.kind == "screen")
    if turn.state.place <= screening:
        place = min(place, screening)
    turn.set(place=place, back=None, kept=(), cued=0.0)
    enter(turn)


def easier(turn: Turn, meaning: Meaning) -> None:
    """From here on the gentler version of this exercise, taught anew."""
    if turn.step.item is None:
        return
    if turn.exercise.id in turn.state.left_out:
        next_exercise(turn, meaning)
        return
    turn.stop_clock()
    turn.hush()
    state, plan = turn.state, turn.world.plan(turn.state)
    already = turn.world.is_gentle(state)
    item = turn.step.item
    place = next(i for i, step in enumerate(plan) if step.kind == "teach" and step.item == item)
    if item is not None and item not in state.gentle:
        turn.set(gentle=(*state.gentle, item))
    turn.set(place=place, back=None, kept=(), cued=0.0)
    turn.go("teaching")
    intro = turn.prompt("easier.already" if already else "easier.now")
    turn.narrate((*intro, *narration.instruction(turn, gentle=True)))
