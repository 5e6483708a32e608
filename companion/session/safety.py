"""Actions for what may be dangerous: ask, lock, ease off, advise. Never a diagnosis, never reassurance.

What each tier does is the table ``BY_TIER``; what each finding says is in ``voices/<language>/safety.yaml``.
"""

from __future__ import annotations

from companion.nlu.meaning import Meaning, Tier
from companion.session import flow, interruption
from companion.session.state import Sign
from companion.session.table import IN_SESSION
from companion.session.turn import Turn

SCREENED = "screened"  # the flag of a plain "yes" to the screening, which names no sign
STRETCHING = ("teaching", "preparing", "holding")
LOCKING = (Tier.EMERGENCY, Tier.URGENT)


# -- something was reported -----------------------------------------------------------------------------


def report(turn: Turn, meaning: Meaning) -> None:
    """A symptom was reported: do what its tier demands, or ask first where the words are unclear."""
    sign = _sign(meaning)
    if sign is None:
        _acknowledge(turn)
        return
    turn.record("report", tier=sign.tier.value, flag=sign.flag, text=sign.words, ask=meaning.ask)
    if meaning.ask:
        ask_about(turn, sign)
    else:
        act(turn, sign)


def act(turn: Turn, sign: Sign) -> None:
    """What the tier demands, now."""
    _BY_TIER[sign.tier](turn, sign)


def report_while_checking(turn: Turn, meaning: Meaning) -> None:
    """More was said while a question is open. A second red flag leaves no doubt: the graver one counts."""
    sign, doubt = _sign(meaning), turn.state.doubt
    assert doubt is not None
    if sign is None or sign.tier not in LOCKING:
        unclear_check(turn, meaning)
    elif meaning.ask and sign.tier.rank < doubt.tier.rank:
        ask_about(turn, sign)
    elif meaning.ask:
        unclear_check(turn, meaning)
    else:
        act(turn, min(sign, doubt, key=lambda s: s.tier.rank))


def report_while_locked(turn: Turn, meaning: Meaning) -> None:
    """A graver sign replaces the lock's; after anything else it is said again what to do."""
    sign, lock = _sign(meaning), turn.state.lock
    assert lock is not None
    if sign is None:
        return
    turn.go("locked")
    if sign.tier.rank < lock.tier.rank:
        turn.record("report", tier=sign.tier.value, flag=sign.flag, text=sign.words, ask=False)
        _lock(turn, sign)
    else:
        repeat_lock(turn, meaning)


def _sign(meaning: Meaning) -> Sign | None:
    if meaning.tier in (None, Tier.NONE) or meaning.flag is None:
        return None
    assert meaning.tier is not None
    return Sign(meaning.tier, meaning.flag, meaning.text)


def _acknowledge(turn: Turn) -> None:
    """An ordinary feeling of a stretch: a short word at most, and none over something being said."""
    if turn.state.name in STRETCHING and not turn.state.queue:
        turn.say(turn.prompt("report.ordinary"), "cue")


# -- in doubt, ask --------------------------------------------------------------------------------------


def ask_about(turn: Turn, sign: Sign) -> None:
    """Stand still and ask one yes-or-no question that names the sign."""
    interruption.interrupt(turn, "checking")
    turn.set(doubt=sign, due=None, asked=0)
    lines = turn.prompt(f"sign.{sign.flag}.ask")
    turn.set(last_said=lines)
    turn.say(lines, "safety")


def confirm_doubt(turn: Turn, meaning: Meaning) -> None:
    """It was meant. Where that does not end the session, what its tier demands happens where it came up."""
    doubt = turn.state.doubt
    assert doubt is not None
    turn.record("confirmed", tier=doubt.tier.value, flag=doubt.flag, by=meaning.intent)
    if doubt.tier not in LOCKING:
        turn.set(doubt=None)
        interruption.return_from(turn)
    act(turn, doubt)


def dismiss_doubt(turn: Turn, meaning: Meaning) -> None:
    """A clear no: take up what was interrupted."""
    turn.hush()
    turn.record("dismissed")
    turn.set(doubt=None)
    turn.say(turn.prompt("check.dismissed"), "reply")
    interruption.return_from(turn)


def stop_while_checking(turn: Turn, meaning: Meaning) -> None:
    """Everything stops; and since the question stays open, its safer answer counts."""
    doubt = turn.state.doubt
    if doubt is not None and doubt.tier in LOCKING:
        confirm_doubt(turn, meaning)
    else:
        flow.stop(turn, meaning)


def unclear_check(turn: Turn, meaning: Meaning) -> None:
    """Silence, or neither yes nor no: ask once more, then take it for a yes."""
    if not turn.ask_once_more("safety"):
        confirm_doubt(turn, meaning)


def leave_checking(turn: Turn, meaning: Meaning) -> None:
    """Leaving without an answer is no answer."""
    confirm_doubt(turn, meaning)


def screened_yes(turn: Turn, meaning: Meaning) -> None:
    """A plain "yes" to the screening: one of the emergency signs, and any one is enough."""
    sign = Sign(Tier.EMERGENCY, SCREENED, meaning.text)
    turn.record("report", tier=sign.tier.value, flag=sign.flag, text=sign.words, ask=False)
    act(turn, sign)


# -- what each tier does --------------------------------------------------------------------------------


def _lock(turn: Turn, sign: Sign) -> None:
    """Stop at once, say what was heard and what to do. No more exercise today."""
    turn.stop_clock()
    turn.hush()
    if turn.state.routine is not None and turn.state.name not in ("ended", "locked", "clearing"):
        flow.end(turn, f"{sign.tier.value}: {sign.flag}")
    turn.set(lock=sign, doubt=None, came_from=None, back=None, kept=())
    turn.record("lock", tier=sign.tier.value, flag=sign.flag)
    turn.go("locked")
    lines = lock_lines(turn, sign)
    turn.set(last_said=lines)
    turn.say(lines * 2 if sign.tier is Tier.EMERGENCY else lines, "safety")


def lock_lines(turn: Turn, sign: Sign) -> tuple[str, ...]:
    """What was heard, and what to do now, in the region of the settings."""
    numbers = turn.world.numbers()
    return (
        *turn.prompt("lock.heard", sign=turn.prompt(f"sign.{sign.flag}.name")[0]),
        *turn.prompt(f"lock.{sign.tier.value}", **numbers),
        *turn.prompt(f"sign.{sign.flag}.do", **numbers),
    )


def _caution(turn: Turn, sign: Sign) -> None:
    """Out of this stretch; the second of the same kind ends the session."""
    again = sign.flag in turn.state.cautions
    ease = turn.prompt(f"sign.{sign.flag}.do")
    turn.set(cautions=(*turn.state.cautions, sign.flag))
    if again and turn.state.name in IN_SESSION:
        turn.hush()
        flow.end(turn, f"caution: {sign.flag}")
        turn.say((*ease, *turn.prompt("caution.again")), "safety")
    elif turn.state.name in (*STRETCHING, "offering"):
        _break_off(turn, sign, ease)
    else:
        turn.reply(ease, "safety")


def _break_off(turn: Turn, sign: Sign, ease: tuple[str, ...]) -> None:
    """End this stretch, say how to ease out of it, and offer what may come instead."""
    exercise = turn.exercise
    interruption.suspend(turn, "offering")
    turn.set(due=None, asked=0, back="offering", kept=())
    left_out = sign.flag == "spreading_pain"
    if left_out and exercise.id not in turn.state.left_out:
        turn.set(left_out=(*turn.state.left_out, exercise.id))
    offer = turn.prompt("caution.offer_next" if left_out else "caution.offer")
    turn.set(last_said=offer, offer=offer)
    turn.say((*ease, *offer), "safety")


def _advise(turn: Turn, sign: Sign) -> None:
    """Go on gently, and say once to see a clinician soon."""
    if sign.flag in turn.state.advised:
        return
    turn.set(advised=(*turn.state.advised, sign.flag))
    turn.reply(turn.prompt(f"sign.{sign.flag}.do"))


_BY_TIER = {
    Tier.EMERGENCY: _lock,
    Tier.URGENT: _lock,
    Tier.CAUTION: _caution,
    Tier.ADVICE: _advise,
}


def no_choice(turn: Turn, meaning: Meaning) -> None:
    """Nobody chose: ask once more, then rest."""
    if not turn.ask_once_more("safety"):
        interruption.pause(turn, meaning)


# -- over for today -------------------------------------------------------------------------------------


def silence(turn: Turn, meaning: Meaning) -> None:
    """ "Stop" silences the instructions; the lock stays."""
    turn.hush()


def refuse(turn: Turn, meaning: Meaning) -> None:
    """Not today, and why. What is being said about the emergency is not interrupted for it."""
    lock = turn.state.lock
    assert lock is not None
    turn.go("locked")
    turn.record("refused", intent=meaning.intent, flag=lock.flag)
    if turn.state.speaking is None or turn.state.speaking.priority != "safety":
        turn.reply(turn.prompt("lock.refused", sign=turn.prompt(f"sign.{lock.flag}.name")[0]))


def repeat_lock(turn: Turn, meaning: Meaning) -> None:
    """What to do now, once more."""
    lock = turn.state.lock
    assert lock is not None
    turn.hush()
    turn.say(lock_lines(turn, lock), "safety")


def ask_to_clear(turn: Turn, meaning: Meaning) -> None:
    """Clearing is deliberate: what is to be cleared is read back first."""
    lock = turn.state.lock
    assert lock is not None
    turn.hush()
    turn.go("clearing")
    turn.set(due=None)
    turn.say(turn.prompt("lock.clear", sign=turn.prompt(f"sign.{lock.flag}.name")[0]), "safety")


def keep_lock(turn: Turn, meaning: Meaning) -> None:
    turn.hush()
    turn.go("locked")
    turn.say(turn.prompt("lock.kept"), "reply")


def clear_lock(turn: Turn, meaning: Meaning) -> None:
    lock = turn.state.lock
    turn.hush()
    turn.set(lock=None)
    turn.record("cleared", flag=lock.flag if lock else None)
    turn.go("idle")
    turn.say(turn.prompt("lock.cleared"), "reply")
