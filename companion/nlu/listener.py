"""From hypotheses to meanings: what may be acted on early, and no utterance acted on twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from companion.nlu.interpreter import Interpreter
from companion.nlu.meaning import Context, Evidence, Meaning

Meant = Literal["likely", "possible", "unlikely"]

# What a partial hypothesis may do: it is safe to do wrongly, and worth doing early.
SAFE_EARLY = ("stop", "pause")


class Listener:
    """Understands one stream of hypotheses, partial and final, as a recogniser gives them."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._acted_on: str | None = None  # the intent that a partial of this utterance has set off

    def __repr__(self) -> str:
        return f"<Listener, {self._acted_on or 'nothing'} acted on early>"

    def hear(
        self,
        text: str,
        alternatives: Sequence[str],
        context: Context,
        final: bool = True,
        meant: Meant = "likely",
    ) -> Meaning | None:
        """What to act on now, or None where a partial may not act yet, or its utterance has already.

        ``meant`` is the recogniser's judgement: whether it was said to the companion at all.
        """
        meaning = self._meaning(text, alternatives, context, meant)
        done = meaning.intent == self._acted_on
        if final:
            self._acted_on = None
        elif meaning.intent in SAFE_EARLY:
            self._acted_on = meaning.intent
        else:
            return None
        return None if done else meaning

    def _meaning(self, text: str, alternatives: Sequence[str], context: Context, meant: Meant) -> Meaning:
        """What it means; where the two best readings mean the same, no other is looked through for signs."""
        if meant == "unlikely":
            return _chatter(text)
        meaning, *other = [
            self.interpreter.interpret(each, (), context) for each in (text, *alternatives[:1])
        ]
        if meaning.intent != "chatter" and [meaning.intent] == [each.intent for each in other]:
            return meaning
        if meant == "likely":
            return self.interpreter.interpret(text, alternatives, context)
        believed = context.question is not None or meaning.intent == "report_symptom"
        return meaning if believed else _chatter(text)


def _chatter(text: str) -> Meaning:
    return Meaning(
        text, "chatter", evidence=(Evidence(text, "other talk", "nothing like it is said to a companion"),)
    )
