"""The commands of a language: found in words, listed for a recogniser, told in help."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from companion.nlu import INTENTS
from companion.nlu.names import Names
from companion.nlu.numbers import durations, heard_scores, more_durations, scores
from companion.nlu.templates import Automaton, Match, Node, Slot, SlotReader, enumerate_phrases, parse

FILE = "commands.yaml"
KEYS = (
    "hesitations",
    "fillers",
    "small",
    "against",
    "reasons",
    "ties",
    "others",
    "contractions",
    "kinds",
    "polite",
    "no_pain",
    "unsure",
    "doubts",
    "rules",
    "intents",
)
INTENT_KEYS = ("does", "short", "sentences")
MAY_BE_LEFT_OUT = ("alone", "eager")
PHRASES_A_TEMPLATE = 4  # a recogniser's phrase list stays small; the matcher knows no such limit
UNKNOWN_WORDS = 4  # that a name may have which is in no library
SPOKEN_NUMBERS = ("ten seconds", "twenty seconds", "thirty seconds", "a minute")
SPOKEN_SCORES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
POLITE, NO_PAIN, UNSURE = "polite", "no_pain", "unsure"  # labels of what is no command
SIDES = ("left", "right")
SLOTS = {  # what may be told beside an intent, wherever it stands
    "start": ("routine", "exercise"),
    "previous": ("exercise",),
    "explain": ("exercise",),
    "more_time": ("seconds",),
    "less_time": ("seconds",),
    "swap_sides": ("side",),
    "score": ("score",),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How one intent is asked for: what help says of it, its short forms, and all its templates."""

    does: str
    alone: bool  # counts only with nothing else of weight beside it
    eager: bool  # counts as one word after a whole clause too
    short: tuple[Node, ...]
    sentences: tuple[Node, ...]


class Commands:
    """The command templates of one language, ready to be found.

    Raises ``ValueError`` naming the intent and the template for anything it cannot read.
    """

    def __init__(self, data: Mapping[str, Any], names: Names) -> None:
        check_keys(data, KEYS, FILE)
        self.hesitations = _words(data, "hesitations")
        self.fillers = _words(data, "fillers")
        self.small = _words(data, "small")
        self.against = _words(data, "against")
        self.doubts = _words(data, "doubts")
        self.reasons = _words(data, "reasons")
        self.ties = _words(data, "ties")
        self.others = _words(data, "others")
        self.spellings: Mapping[str, str] = data["contractions"]
        self._rules = {name: _parse(text, f"rule {name}") for name, text in data["rules"].items()}
        self._forms = {intent: _form(intent, entry) for intent, entry in data["intents"].items()}
        self._names = names
        self._automaton = self._compile({label: data[label] for label in (POLITE, NO_PAIN, UNSURE)})

    def _compile(self, besides: Mapping[str, Sequence[str]]) -> Automaton:
        self._readers: dict[str, SlotReader] = {
            "seconds": durations,
            "more_seconds": more_durations,
            "score": scores,
            "heard_score": heard_scores,
            "routine": self._names.routines.read,
            "routine_name": self._names.routines.read_full,
            "exercise": self._names.exercises.read,
            "exercise_name": self._names.exercises.read_full,
            "side": _side,
            "unknown": self._unknown,
        }
        automaton = Automaton(self._rules, self._readers, self.fillers, self.spellings)
        templates = {label: [_parse(text, label) for text in texts] for label, texts in besides.items()}
        templates |= {intent: [*form.short, *form.sentences] for intent, form in self._forms.items()}
        for label, nodes in templates.items():
            for node in nodes:
                try:
                    automaton.add(node, label)
                except ValueError as error:
                    raise ValueError(f"{FILE}: {label}: {error}") from error
        return automaton

    def _unknown(self, words: Sequence[str], at: int) -> list[tuple[int, str]]:
        """A few words that are in no list, up to the first that speaks of somebody else."""
        found: list[tuple[int, str]] = []
        for end in range(at + 1, min(at + UNKNOWN_WORDS, len(words)) + 1):
            if words[end - 1] in self.others:
                break
            found.append((end, " ".join(words[at:end])))
        return found

    @cached_property
    def unquoted(self) -> Mapping[str, str]:
        """Words with an apostrophe, by how they are typed without: "dont"; not "well", a word itself."""
        plain = {*self.vocabulary, *self.fillers, *self.small, *self.others}
        quoted = [word for word in sorted({*self.vocabulary, *self.small}) if "'" in word]
        return {bare: word for word in quoted if (bare := word.replace("'", "")) not in plain}

    @property
    def alone(self) -> Collection[str]:
        """The intents that count only with nothing else of weight said beside them."""
        return {intent for intent, form in self._forms.items() if form.alone}

    @property
    def eager(self) -> Collection[str]:
        """The intents that one word may call for after a whole clause."""
        return {intent for intent, form in self._forms.items() if form.eager}

    @property
    def order(self) -> Sequence[str]:
        """The intents as the file has them: of two that match equally well the first is meant."""
        return list(self._forms)

    @property
    def vocabulary(self) -> Collection[str]:
        """Every word of every template."""
        return self._automaton.vocabulary

    def find(self, words: Sequence[str]) -> list[Match]:
        """Every command in the words; under their own labels also ``polite`` phrases and ``no_pain``."""
        return self._automaton.find(words)

    def routines(self, words: Sequence[str]) -> list[Match]:
        """Every routine that is named, as a command to start it: for when it was asked which."""
        return [
            Match("start", at, end, {"routine": id_})
            for at in range(len(words))
            for end, id_ in self._names.routines.read(words, at)
        ]

    def slots(self, intent: str, words: Sequence[str]) -> dict[str, Slot]:
        """What stands among the words that fills a slot of that intent, as of a guess."""
        return {
            name: value
            for name in SLOTS.get(intent, ())
            for value in [self._first(name, words)]
            if value is not None
        }

    def _first(self, name: str, words: Sequence[str]) -> Slot | None:
        """What the first words that this slot can read say, as many of them as it can."""
        read = self._readers[name]
        found = next((found for at in range(len(words)) if (found := list(read(words, at)))), ())
        return max(found, default=(0, None), key=lambda item: item[0])[1]

    def phrases(self, intents: Collection[str] | None = None) -> list[str]:
        """What a recogniser should listen for, the short forms of all intents first, no phrase twice."""
        forms = self._chosen(intents)
        nodes = [node for form in forms for node in form.sentences]
        found = (p for n in nodes for p in islice(self._enumerate(n), PHRASES_A_TEMPLATE))
        return list(dict.fromkeys([*self.short_phrases(intents), *found]))

    def short_phrases(self, intents: Collection[str] | None = None) -> list[str]:
        """Only the short forms: for a recogniser that hears a small grammar better."""
        found = (p for form in self._chosen(intents) for node in form.short for p in self._enumerate(node))
        return list(dict.fromkeys(found))

    def _chosen(self, intents: Collection[str] | None) -> list[Form]:
        return [form for intent, form in self._forms.items() if intents is None or intent in intents]

    def _enumerate(self, node: Node) -> Iterator[str]:
        slots = {
            "seconds": SPOKEN_NUMBERS,
            "score": SPOKEN_SCORES,
            "routine": self._names.routines.names,
            "exercise": self._names.exercises.names,
            "side": SIDES,
        }
        return (phrase for phrase in enumerate_phrases(node, self._rules, slots) if phrase)

    def help_table(self) -> list[tuple[str, str, str]]:
        """A row for each command: intent, how to say it, what it does."""
        slots = {"seconds": ("twenty seconds",), "score": ("four",), "routine": ("sciatica relief",)}
        return [
            (
                intent,
                ", ".join(p for n in form.short for p in enumerate_phrases(n, self._rules, slots)),
                form.does,
            )
            for intent, form in sorted(self._forms.items(), key=lambda item: INTENTS.index(item[0]))
        ]


def _side(words: Sequence[str], at: int) -> list[tuple[int, str]]:
    return [(at + 1, words[at])] if words[at] in SIDES else []


def check_keys(data: Mapping[str, Any], must: Sequence[str], where: str, may: Sequence[str] = ()) -> None:
    """Raise ``ValueError`` for a key that is not known and for one that is missing."""
    for key in data:
        if key not in (*must, *may):
            raise ValueError(f"{where}: there is no {key!r} here; there are: {', '.join((*must, *may))}")
    for key in must:
        if key not in data:
            raise ValueError(f"{where}: {key!r} is missing")


def _words(data: Mapping[str, Any], key: str) -> frozenset[str]:
    for word in data[key]:
        if not isinstance(word, str):
            raise ValueError(
                f"{FILE}: {key}: {word!r} is no word; YAML needs quotes around yes, no, on and off"
            )
    return frozenset(data[key])


def _parse(text: str, where: str) -> Node:
    try:
        return parse(text)
    except ValueError as error:
        raise ValueError(f"{FILE}: {where}: {error}") from error


def _form(intent: str, entry: Mapping[str, Any]) -> Form:
    if intent not in INTENTS:
        raise ValueError(f"{FILE}: {intent!r} is no intent; intents are: {', '.join(INTENTS)}")
    check_keys(entry, INTENT_KEYS, f"{FILE}: {intent}", MAY_BE_LEFT_OUT)
    return Form(
        entry["does"],
        bool(entry.get("alone")),
        bool(entry.get("eager")),
        tuple(_parse(text, f"{intent}: short") for text in entry["short"]),
        tuple(_parse(text, f"{intent}: sentences") for text in entry["sentences"]),
    )
