"""Actions of the interview about nerves: three questions that describe a kind of pain and never diagnose.

Red flags come first, as in everything: a yes to the question about them is an emergency.
"""

from __future__ import annotations

from companion.nlu.answers import Interview
from companion.nlu.meaning import Meaning
from companion.session import interruption, safety
from companion.session.turn import Turn

TOPIC = "pinched_nerve"  # the question whose answer offers the interview

# Where an interview stands: offered, screening, then one question after the other.
OFFERED, SCREENING, FIRST = 0, 1, 2


def offer(turn: Turn, lines: tuple[str, ...]) -> None:
    """Give the answer, and ask whether the questions are wanted."""
    interruption.interrupt(turn, "interviewing")
    turn.set(question=OFFERED, due=None)
    turn.say((*lines, *turn.prompt("interview.offer")), "reply")


def answer_interview(turn: Turn, meaning: Meaning) -> None:
    """Yes or no to the question that is open."""
    interview, at, yes = turn.world.interview, turn.state.question, meaning.intent == "yes"
    assert interview is not None
    turn.hush()
    if at == OFFERED:
        _ask(turn, interview, SCREENING) if yes else interruption.return_from(turn)
    elif at == SCREENING:
        safety.screened_yes(turn, meaning) if yes else _ask(turn, interview, FIRST)
    else:
        question = interview.questions[at - FIRST]
        turn.say((question.yes if yes else question.no,), "reply")
        _ask(turn, interview, at + 1)


def _ask(turn: Turn, interview: Interview, at: int) -> None:
    """The question with this number, or the end after the last."""
    turn.set(question=at, due=None)
    if at == SCREENING:
        turn.say((interview.screen,), "reply")
    elif at - FIRST < len(interview.questions):
        turn.say((interview.questions[at - FIRST].ask,), "reply")
    else:
        turn.say((interview.close,), "reply")
        interruption.return_from(turn)


def end_interview(turn: Turn, meaning: Meaning) -> None:
    """No answer, or a command: that was enough of questions."""
    turn.hush()
    interruption.return_from(turn)
