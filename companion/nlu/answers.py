"""Questions about sciatica and spasm: which topic is asked about, and what is answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.nlu.commands import check_keys
from companion.nlu.templates import Automaton, Match, parse

FILE = "answers.yaml"
KEYS = ("asking", "telling", "background", "topics", "more", "interview")
TOPIC_KEYS = ("short", "more", "sources", "terms", "about", "asked_as")
SENTENCES = 2  # of a short answer
MORE = "more"  # the topic of "say more"
ASKING, TERM, ABOUT, ASKED = "asking", "term ", "about ", "asked "  # labels of templates
STRAY = 1  # words of no topic that a question may hold for each word of its topic


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one topic, and where it comes from."""

    short: str
    more: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of an interview, and what either answer describes."""

    ask: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Interview:
    """A short spoken interview that describes and never diagnoses; ``screen`` asks for red flags first."""

    screen: str
    questions: tuple[Question, ...]
    close: str
    sources: tuple[str, ...]


class Answers:
    """The answers of one language. Raises ``ValueError`` naming the topic and what is wrong with it."""

    def __init__(
        self, data: Mapping[str, Any], skip: Collection[str] = (), spellings: Mapping[str, str] | None = None
    ) -> None:
        """``skip`` words may stand anywhere in a question; ``spellings`` as for ``Automaton``."""
        check_keys(data, KEYS, FILE)
        self.topics = {name: _answer(name, entry) for name, entry in data["topics"].items()}
        self.interview = _interview(data["interview"])
        self._order = [*self.topics, MORE]
        self.background = frozenset(data["background"])
        self.telling = frozenset(data["telling"])
        self._skip = frozenset(skip)
        self._automaton = Automaton({}, {"unknown": _rest}, skip, spellings)
        for text in data["asking"]:
            self._add(text, ASKING, ASKING)
        for text in data["more"]:
            self._add(text, ASKED + MORE, MORE)
        for name, entry in data["topics"].items():
            for text in entry["terms"]:
                self._add(text, TERM + name, name)
            for text in entry["about"]:
                self._add(text, ABOUT + name, name)
            for text in entry["asked_as"]:
                self._add(text, ASKED + name, name)

    def _add(self, text: str, label: str, where: str) -> None:
        try:
            self._automaton.add(parse(text), label)
        except ValueError as error:
            raise ValueError(f"{FILE}: {where}: {error}") from error

    @property
    def vocabulary(self) -> Collection[str]:
        """Every word of every question."""
        return self._automaton.vocabulary

    def find(
        self, words: Sequence[str], free: Collection[int], light: Collection[str], elsewhere: bool = False
    ) -> Match | None:
        """The topic that the words ask about (as the match's label), or ``None`` where they ask nothing.

        ``free`` holds places of words that mean nothing, ``light`` words that speak for no topic. Talk that
        goes ``elsewhere`` has to name the subject.
        """
        words = [w if w in self.vocabulary else w.removesuffix("'s") for w in words]
        found = self._automaton.find(words)
        lead = next((i for i, word in enumerate(words) if word not in self._skip), 0)
        whole = [m for m in found if m.label.startswith(ASKED) and _whole(m, words, free)]
        if whole:
            return _topic(max(whole, key=_length))
        asking = [m for m in found if m.label == ASKING]
        terms = [m for m in found if m.label.startswith(TERM)]
        about = [*terms, *(m for m in found if m.label.startswith(ABOUT))]
        asked = {m.end for m in asking if m.start <= lead}
        if not about or not (asked or (terms and asking)) or (elsewhere and not terms):
            return None
        heavy = {m: self._weight(words, m, light) for m in about}
        best = min(about, key=lambda m: (-heavy[m], self._order.index(_name(m))))
        if terms:
            return _topic(best)
        places = {i for m in about for i in range(m.start, m.end)} | set(range(max(asked))) | set(free)
        stray = [
            w for i, w in enumerate(words) if i not in places and w not in self.background and w not in light
        ]
        return _topic(best) if len(stray) <= STRAY * max(1, heavy[best]) else None

    def _weight(self, words: Sequence[str], match: Match, light: Collection[str]) -> int:
        """The words of a match that speak for its topic."""
        return sum(w not in light and w not in self.background for w in words[match.start : match.end])


def _length(match: Match) -> int:
    return match.end - match.start


def _whole(match: Match, words: Sequence[str], free: Collection[int]) -> bool:
    return all(i in free for i in range(len(words)) if not match.start <= i < match.end)


def _name(match: Match) -> str:
    return match.label.partition(" ")[2]


def _topic(match: Match) -> Match:
    return Match(_name(match), match.start, match.end, match.slots)


def _rest(words: Sequence[str], at: int) -> list[tuple[int, str]]:
    return [(len(words), " ".join(words[at:]))]


def _answer(name: str, entry: Mapping[str, Any]) -> Answer:
    check_keys(entry, TOPIC_KEYS, f"{FILE}: {name}")
    if len(re.findall(r"[.!?](?=\s|$)", entry["short"])) != SENTENCES:
        raise ValueError(f"{FILE}: {name}: short has to be {SENTENCES} sentences")
    if not entry["sources"]:
        raise ValueError(f"{FILE}: {name}: an answer needs a source")
    return Answer(entry["short"], entry["more"], tuple(entry["sources"]))


def _interview(entry: Mapping[str, Any]) -> Interview:
    questions = tuple(Question(q["ask"], q["yes"], q["no"]) for q in entry["questions"])
    return Interview(entry["screen"], questions, entry["close"], tuple(entry["sources"]))
