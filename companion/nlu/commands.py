"""The commands of a language: found in words, listed for a recogniser, told in help."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from companion.nlu import INTENTS
from companion.nlu.names import Names
from companion.nlu.numbers import durations, scores
from companion.nlu.templates import Automaton, Match, Node, SlotReader, enumerate_phrases, parse

FILE = "commands.yaml"
KEYS = ("hesitations", "fillers", "polite", "others", "rules", "intents")
INTENT_KEYS = ("short", "does", "sentences")
PHRASES_A_TEMPLATE = 40  # a recogniser's phrase list stays small; the matcher knows no such limit
UNKNOWN_WORDS = 4  # that a name may have which is in no library
SPOKEN_NUMBERS = ("ten seconds", "twenty seconds", "thirty seconds", "a minute")
SPOKEN_SCORES = tuple(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
POLITE = "polite"


@dataclass(frozen=True, slots=True)
class Form:
    """How one intent is asked for: what help says of it, its short forms, and all its templates."""

    does: str
    short: tuple[Node, ...]
    sentences: tuple[Node, ...]


class Commands:
    """The command templates of one language, ready to be found.

    Raises ``ValueError`` naming the intent and the template for anything it cannot read.
    """

    def __init__(self, data: Mapping[str, Any], names: Names) -> None:
        _known_keys(data, KEYS, FILE)
        self.hesitations = frozenset(data["hesitations"])
        self.fillers = frozenset(data["fillers"])
        self.others = frozenset(data["others"])
        self._rules = {name: _parse(text, f"rule {name}") for name, text in data["rules"].items()}
        self._forms = {intent: _form(intent, entry) for intent, entry in data["intents"].items()}
        self._names = names
        self._automaton = self._compile(data["polite"])

    def _compile(self, polite: Sequence[str]) -> Automaton:
        readers: dict[str, SlotReader] = {
            "seconds": durations,
            "score": scores,
            "routine": self._names.routines.read,
            "exercise": self._names.exercises.read,
            "unknown": _unknown,
        }
        automaton = Automaton(self._rules, readers, self.fillers)
        for text in polite:
            automaton.add(_parse(text, POLITE), POLITE)
        for intent, form in self._forms.items():
            for node in (*form.short, *form.sentences):
                try:
                    automaton.add(node, intent)
                except ValueError as error:
                    raise ValueError(f"{FILE}: {intent}: {error}") from error
        automaton.freeze()
        return automaton

    @property
    def vocabulary(self) -> Collection[str]:
        """Every word of every template."""
        return self._automaton.vocabulary

    def find(self, words: Sequence[str]) -> list[Match]:
        """Every command and every polite phrase (label ``polite``) in the words."""
        return self._automaton.find(words)

    def phrases(self, intents: Collection[str] | None = None) -> list[str]:
        """What a recogniser should listen for, the short forms of all intents first, no phrase twice."""
        slots = {
            "seconds": SPOKEN_NUMBERS,
            "score": SPOKEN_SCORES,
            "routine": self._names.routines.names,
            "exercise": self._names.exercises.names,
        }
        forms = [form for intent, form in self._forms.items() if intents is None or intent in intents]
        nodes = [n for form in forms for n in form.short] + [n for form in forms for n in form.sentences]
        found = (
            p for n in nodes for p in islice(enumerate_phrases(n, self._rules, slots), PHRASES_A_TEMPLATE)
        )
        return list(dict.fromkeys(phrase for phrase in found if phrase))

    def short_phrases(self, intents: Collection[str] | None = None) -> list[str]:
        """Only the short forms: for a recogniser that hears a small grammar better."""
        chosen = [form for intent, form in self._forms.items() if intents is None or intent in intents]
        slots = {"seconds": SPOKEN_NUMBERS, "score": SPOKEN_SCORES, "routine": self._names.routines.names}
        found = (p for form in chosen for n in form.short for p in enumerate_phrases(n, self._rules, slots))
        return list(dict.fromkeys(found))

    def help_table(self) -> list[tuple[str, str, str]]:
        """A row for each command: intent, how to say it, what it does."""
        slots = {"seconds": ("twenty seconds",), "score": ("four",), "routine": ("sciatica relief",)}
        return [
            (
                intent,
                ", ".join(p for n in form.short for p in enumerate_phrases(n, self._rules, slots)),
                form.does,
            )
            for intent, form in self._forms.items()
        ]


def _unknown(words: Sequence[str], at: int) -> list[tuple[int, str]]:
    ends = range(at + 1, min(at + UNKNOWN_WORDS, len(words)) + 1)
    return [(end, " ".join(words[at:end])) for end in ends]


def _known_keys(data: Mapping[str, Any], known: Collection[str], where: str) -> None:
    for key in data:
        if key not in known:
            raise ValueError(f"{where}: there is no {key!r} here; there are: {', '.join(known)}")
    for key in known:
        if key not in data:
            raise ValueError(f"{where}: {key!r} is missing")


def _parse(text: str, where: str) -> Node:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{FILE}: {where}: {error}") from error


def _form(intent: str, entry: Mapping[str, Any]) -> Form:
    if intent not in INTENTS:
        raise ValueError(f"{FILE}: {intent!r} is no intent; intents are: {', '.join(INTENTS)}")
    _known_keys(entry, INTENT_KEYS, f"{FILE}: {intent}")
    return Form(
        entry["does"],
        tuple(_parse(text, f"{intent}: short") for text in entry["short"]),
        tuple(_parse(text, f"{intent}: sentences") for text in entry["sentences"]),
    )
