"""Every decision of a session, as a table.

A session is always in exactly one state. Something happens (a *trigger*): somebody said a thing that has
an intent, the last queued line has been ``spoken``, or the time of the state has ``elapsed``. The row for
this state and trigger names the action that is taken, and the states that it may lead to.

The states:

* ``idle``       nothing has been started; the companion waits for "start …".
* ``greeting``   it says hello and what is going to be done.
* ``asking``     a question of the plan is open: the screening, or how bad the pain is from 0 to 10.
* ``teaching``   it names an exercise and explains it.
* ``preparing``  the person gets into position; "ready", or the end of the changeover, starts the hold.
* ``holding``    the hold's clock runs (once "Right side. Hold." has been said) and only here.
* ``resting``    a rest between exercises.
* ``paused``     everything stands still until "resume".
* ``checking``   something that may be a red flag was heard; one yes-or-no question settles it.
* ``offering``   a stretch was broken off for a caution; gentler, next, or a rest?
* ``interviewing`` a few yes-or-no questions that describe a kind of pain, if they are wished.
* ``closing``    it says what was done.
* ``ended``      the session is over; another one may be started.
* ``locked``     a red flag ended the session for today; only a deliberate clearing opens it.
* ``clearing``   somebody asked to clear that lock; it is read back and has to be confirmed.

Three rules hold for the whole table, and the tests assert them. ``stop`` has a row in every state, never
asks back, and never leads to a state in which a clock runs. ``report_symptom`` has a row in every state.
And each pair of state and trigger has exactly one row, so nothing is left to chance: "nothing happens" is
a row, too, with the action ``ignore``.

The diagram in this folder's README is generated from this file by ``make docs``.
"""

from __future__ import annotations

from dataclasses import dataclass

from companion.nlu import INTENTS

STATES = (
    "idle",
    "greeting",
    "asking",
    "teaching",
    "preparing",
    "holding",
    "resting",
    "paused",
    "checking",
    "offering",
    "interviewing",
    "closing",
    "ended",
    "locked",
    "clearing",
)

TRIGGERS = (*INTENTS, "spoken", "elapsed", "leave")

BEFORE_OR_AFTER = ("idle", "ended")
EXERCISING = ("teaching", "preparing", "holding", "resting")
GOING_ON = ("greeting", "asking", *EXERCISING, "closing")
QUESTIONING = ("checking", "interviewing")
INTERRUPTED = ("paused", *QUESTIONING, "offering")
IN_SESSION = (*GOING_ON, *INTERRUPTED)
LOCKED = ("locked", "clearing")
EVERYWHERE = STATES

# Where the plan goes on by itself, or to another exercise. The screening may end in a lock.
ALONG_THE_PLAN = ("greeting", "asking", "teaching", "preparing", "resting", "closing", "ended")
# Where a reported symptom may lead, by its tier; "none" and "advice" leave the state as it is.
BY_TIER = ("checking", "offering", "locked", "ended")
# … and where an answered question about one leads: back, or where the tier demands.
AFTER_QUESTIONS = (*ALONG_THE_PLAN, "idle", "paused", "offering", "locked")
SAME = "same"  # the state stays as it is

ABOUT_THE_HOLD = "swap_sides more_time less_time time_left easier explain"
TELLING = "help list_routines question"


@dataclass(frozen=True, slots=True)
class Row:
    """In one of ``states``, on one of ``triggers``: take ``action``, which leads to one of ``to``."""

    states: tuple[str, ...]
    triggers: tuple[str, ...]
    action: str
    to: tuple[str, ...]


def _row(states: str | tuple[str, ...], triggers: str, action: str, *to: str) -> Row:
    return Row((states,) if isinstance(states, str) else states, tuple(triggers.split()), action, to)


ROWS: tuple[Row, ...] = (
    # Safety first.
    _row((*BEFORE_OR_AFTER, *GOING_ON, "paused", "offering", "interviewing"), "stop", "stop", "ended"),
    _row("checking", "stop", "stop_while_checking", "ended", "locked"),
    _row("locked", "stop", "silence", SAME),
    _row("clearing", "stop", "keep_lock", "locked"),
    _row(
        (*BEFORE_OR_AFTER, *GOING_ON, "paused", "offering", "interviewing"),
        "report_symptom",
        "report",
        SAME,
        *BY_TIER,
    ),
    _row("checking", "report_symptom", "report_while_checking", SAME, *AFTER_QUESTIONS),
    _row(LOCKED, "report_symptom", "report_while_locked", SAME, "locked"),
    # Starting.
    _row(BEFORE_OR_AFTER, "start", "start", SAME, "greeting"),
    _row("paused", "start", "start_while_paused", SAME, *ALONG_THE_PLAN),
    _row((*GOING_ON, "offering"), "start", "start_while_running", SAME, *ALONG_THE_PLAN),
    _row(LOCKED, "start resume", "refuse", "locked"),
    # Pausing and going on.
    _row((*GOING_ON, "offering"), "pause", "pause", "paused"),
    _row("paused", "pause", "remind_paused", SAME),
    _row("paused", "resume ready", "resume", *ALONG_THE_PLAN),
    _row("preparing", "resume ready yes", "hold", "holding"),
    _row("resting", "resume ready", "next_step", *ALONG_THE_PLAN),
    _row("teaching", "ready", "skip_teaching", "preparing", "holding"),
    _row(("greeting", "teaching", "holding", "closing"), "resume yes no", "ignore", SAME),
    _row(("greeting", "holding", "closing"), "ready", "ignore", SAME),
    _row("paused", "yes no never_mind", "ignore", SAME),
    _row("preparing", "no", "ignore", SAME),
    _row("resting", "yes no", "ignore", SAME),
    _row(("greeting", *EXERCISING, "closing", *BEFORE_OR_AFTER), "never_mind", "quiet", SAME),
    # Where nothing runs there is nothing to command.
    _row(
        BEFORE_OR_AFTER,
        f"pause resume ready next previous repeat {ABOUT_THE_HOLD}",
        "nothing_running",
        SAME,
    ),
    _row(BEFORE_OR_AFTER, "yes no score", "ignore", SAME),
    # Going by exercise.
    _row((*EXERCISING, "greeting", "paused", "offering"), "next", "next_exercise", *ALONG_THE_PLAN),
    _row((*EXERCISING, "greeting", "paused", "offering"), "previous", "previous_exercise", *ALONG_THE_PLAN),
    _row("closing", "next previous", "ignore", SAME),
    # Questions of the plan.
    _row("asking", "score", "take_score", SAME, *ALONG_THE_PLAN),
    _row("asking", "yes", "answer_yes", SAME, *ALONG_THE_PLAN, "locked"),
    _row("asking", "no next never_mind", "answer_no", SAME, *ALONG_THE_PLAN),
    _row("asking", "previous resume ready swap_sides more_time less_time easier explain", "ask_again", SAME),
    _row((*GOING_ON[:1], *EXERCISING, "paused", "closing"), "score", "ignore", SAME),
    # The exercise at hand.
    _row(("teaching", "preparing", "holding"), "swap_sides", "swap_sides", SAME, "preparing"),
    _row(("preparing", "holding"), "more_time", "more_time", SAME),
    _row(("preparing", "holding"), "less_time", "less_time", SAME, *ALONG_THE_PLAN),
    _row("teaching", "more_time less_time", "ignore", SAME),
    _row("resting", "more_time", "more_rest", SAME),
    _row("resting", "less_time", "next_step", *ALONG_THE_PLAN),
    _row((*EXERCISING, "paused", "offering"), "easier", "easier", SAME, *ALONG_THE_PLAN),
    _row((*EXERCISING, "paused", "offering"), "explain", "explain", SAME, "preparing"),
    _row(("greeting", "closing"), "swap_sides more_time less_time easier explain", "ignore", SAME),
    _row(("resting", "paused", "offering"), "swap_sides", "ignore", SAME),
    _row(("paused", "offering"), "more_time less_time", "ignore", SAME),
    # Being told something.
    _row((*GOING_ON, "paused", "offering"), "repeat", "repeat", SAME),
    _row((*GOING_ON, "paused", "offering"), "time_left", "time_left", SAME),
    _row(EXERCISING, TELLING, "tell", SAME, "preparing", "interviewing"),
    _row(
        (*BEFORE_OR_AFTER, "greeting", "asking", "closing", "paused", "offering"),
        TELLING,
        "tell",
        SAME,
        "interviewing",
    ),
    _row(EVERYWHERE, "louder quieter slower faster", "tune", SAME),
    _row(tuple(s for s in STATES if s != "interviewing"), "chatter", "ignore", SAME),
    # A possible red flag: anything but a clear no counts as yes.
    _row("checking", "yes", "confirm_doubt", *AFTER_QUESTIONS),
    _row("checking", "no", "dismiss_doubt", *AFTER_QUESTIONS),
    _row(
        "checking",
        f"start pause resume next previous {ABOUT_THE_HOLD} {TELLING} never_mind ready score",
        "unclear_check",
        SAME,
        *AFTER_QUESTIONS,
    ),
    _row("checking", "repeat", "repeat", SAME),
    # After a caution: the gentler version, the next exercise, or a rest.
    _row("offering", "yes", "easier", *ALONG_THE_PLAN),
    _row("offering", "no never_mind ready score", "ask_again", SAME),
    _row("offering", "resume", "ask_again", SAME),
    # A few questions about the kind of pain: whatever is no answer ends them, and the session goes on.
    _row("interviewing", "yes no", "answer_interview", SAME, *AFTER_QUESTIONS, "locked"),
    _row("interviewing", "repeat help score chatter clear", "ignore", SAME),
    _row(
        "interviewing",
        f"start pause resume next previous {ABOUT_THE_HOLD} list_routines question never_mind ready",
        "end_interview",
        *AFTER_QUESTIONS,
    ),
    # Over for today.
    _row(
        "locked",
        f"pause ready next previous {ABOUT_THE_HOLD} yes no score list_routines question",
        "refuse",
        SAME,
    ),
    _row("locked", "repeat help", "repeat_lock", SAME),
    _row("locked", "never_mind", "ignore", SAME),
    _row("locked", "clear", "ask_to_clear", "clearing"),
    _row((*BEFORE_OR_AFTER, *GOING_ON, "paused", "checking", "offering"), "clear", "ignore", SAME),
    _row("clearing", "yes", "clear_lock", "idle"),
    _row("clearing", "clear", "ask_to_clear", SAME),
    _row("clearing", "no never_mind pause next previous", "keep_lock", "locked"),
    _row(
        "clearing",
        f"ready repeat {ABOUT_THE_HOLD} {TELLING} score",
        "ask_to_clear",
        SAME,
    ),
    # Nobody said anything: speech has ended, or time has passed.
    _row("greeting", "spoken", "next_step", *ALONG_THE_PLAN),
    _row("teaching", "spoken", "next_step", *ALONG_THE_PLAN),
    _row("closing", "spoken", "finish", "ended"),
    _row(("asking", *QUESTIONING, "offering", "clearing"), "spoken", "await_answer", SAME),
    _row("preparing", "spoken", "start_changeover", SAME),
    _row("holding", "spoken", "start_clock", SAME),
    _row("resting", "spoken", "start_rest", SAME),
    _row((*BEFORE_OR_AFTER, "paused", "locked"), "spoken", "ignore", SAME),
    _row("asking", "elapsed", "no_answer", SAME, *ALONG_THE_PLAN, "locked"),
    _row("checking", "elapsed", "unclear_check", SAME, *AFTER_QUESTIONS),
    _row("interviewing", "elapsed", "end_interview", *AFTER_QUESTIONS),
    _row("offering", "elapsed", "no_choice", SAME, "paused"),
    _row("clearing", "elapsed", "keep_lock", "locked"),
    _row("preparing", "elapsed", "hold", "holding"),
    _row("holding", "elapsed", "beat", SAME, *ALONG_THE_PLAN),
    _row("resting", "elapsed", "next_step", *ALONG_THE_PLAN),
    _row(
        (*BEFORE_OR_AFTER, "greeting", "teaching", "closing", "paused", "locked"), "elapsed", "ignore", SAME
    ),
    # Leaving keeps the place.
    _row((*GOING_ON, "paused", "offering", "interviewing"), "leave", "leave", "paused"),
    _row("checking", "leave", "leave_checking", *AFTER_QUESTIONS),
    _row((*BEFORE_OR_AFTER, *LOCKED), "leave", "goodbye", SAME),
)


def _index(rows: tuple[Row, ...]) -> dict[tuple[str, str], Row]:
    """Each state and trigger to its one row; a gap or an overlap is a mistake in the table."""
    index: dict[tuple[str, str], Row] = {}
    for row in rows:
        for state in row.states:
            for trigger in row.triggers:
                if (state, trigger) in index:
                    raise AssertionError(f"two rows for {trigger} while {state}")
                index[state, trigger] = row
    gaps = [
        f"{trigger} while {state}"
        for state in STATES
        for trigger in TRIGGERS
        if (state, trigger) not in index
    ]
    if gaps:
        raise AssertionError("no row for " + ", ".join(gaps))
    return index


TABLE = _index(ROWS)
