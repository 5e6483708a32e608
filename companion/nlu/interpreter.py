"""Ranks what an utterance could mean: red flag > stop > answer > command > question > chatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from companion.nlu.commands import POLITE, Commands
from companion.nlu.meaning import Context, Evidence, Meaning
from companion.nlu.names import Calling, Names
from companion.nlu.sounds_like import normalise
from companion.nlu.templates import Match

if TYPE_CHECKING:
    from companion.content import Language, Library

LONGEST = 60  # words: more than anyone says in one breath; of more, the first and the last are read


class Interpreter:
    """Text in, meaning out. Holds no state between utterances."""

    def __init__(
        self, commands: Mapping[str, Any], answers: Mapping[str, Any], symptoms: Any, names: Names
    ) -> None:
        self.commands = Commands(commands, names)
        self._symptoms = symptoms

    def interpret(
        self,
        text: str,
        alternatives: Sequence[str] = (),
        context: Context = Context(),  # noqa: B008
    ) -> Meaning:
        """What ``text`` means in this context. Never raises, whatever the text."""
        words = _words(text)
        match = self._command(words)
        if match is None:
            return Meaning(text, "chatter")
        evidence = Evidence(" ".join(words[match.start : match.end]), "command", match.label)
        return Meaning(text, match.label, match.slots, evidence=(evidence,))

    def _command(self, words: Sequence[str]) -> Match | None:
        words = [word for word in words if word not in self.commands.hesitations] or list(words)
        found = self.commands.find(words)
        polite = {i for match in found if match.label == POLITE for i in range(match.start, match.end)}
        polite |= {i for i, word in enumerate(words) if word in self.commands.fillers}
        for match in sorted(found, key=lambda m: m.start - m.end):
            rest = set(range(len(words))) - set(range(match.start, match.end)) - polite
            if match.label != POLITE and not rest:
                return match
        return None


def _words(text: str) -> list[str]:
    words = normalise(text[:4000]).split()
    return words if len(words) <= LONGEST else words[: LONGEST // 2] + words[-LONGEST // 2 :]


def make_interpreter(language: Language, library: Library) -> Interpreter:
    """The interpreter for a language pack and the routines and exercises that are there to be named."""
    names = Names(
        routines=Calling({r.id: (r.name, *r.also) for r in library.routines.values()}),
        exercises=Calling({e.id: (e.name, *e.also) for e in library.exercises.values()}),
    )
    return Interpreter(language.data("commands"), {}, None, names)
