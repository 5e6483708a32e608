"""Sentence templates: parsed, enumerated, and found in an utterance.

The notation is hassil's (https://github.com/home-assistant/hassil): ``[optional]``, ``(this|that)``,
``<rule>`` and ``{slot}``, or ``{reader:slot}`` where a slot can be read in several ways. hassil itself
matches whole sentences one template at a time and takes 90 ms to import; here all templates share one
automaton, which finds them anywhere among other words in a fraction of a millisecond.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

Slot = str | int | float

CLOSING = {"[": "]", "(": ")"}

# Reads a slot: (words, start) → every (end, value) that can be read from there.
SlotReader = Callable[[Sequence[str], int], Iterable[tuple[int, Slot]]]

_TOKENS = re.compile(r"<\w+>|\{\w+(?::\w+)?\}|[\[\]()|]|[\w']+|\S.*")
_READABLE = re.compile(r"[\w'\[\]()|]+|<\w+>|\{\w+(?::\w+)?\}")


class Node(NamedTuple):
    """A part of a template: ``word``, ``rule`` and ``slot`` carry text; ``seq`` and ``alt`` carry parts."""

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()


NOTHING = Node("seq")


def parse(template: str) -> Node:
    """Read one template. Raises ``ValueError`` that says what is wrong and where."""
    opened: list[tuple[str, list[list[Node]]]] = []  # the brackets around, and what was read before each
    branches: list[list[Node]] = [[]]
    for token in _TOKENS.findall(template):
        if token == "|":
            branches.append([])
        elif token in ("[", "("):
            opened.append((token, branches))
            branches = [[]]
        elif token in ("]", ")"):
            bracket, outer = opened.pop() if opened else ("", [])
            if not bracket:
                raise ValueError(f"a bracket is closed that was never opened in {template!r}")
            if token != CLOSING[bracket]:
                raise ValueError(f"{CLOSING[bracket]!r} is missing")
            inner = _either(branches)
            outer[-1].append(Node("alt", "", (NOTHING, inner)) if bracket == "[" else inner)
            branches = outer
        else:
            leaf = _leaf(token)
            if leaf is None:
                raise ValueError(f"cannot read {token!r} in {template!r}")
            branches[-1].append(leaf)
    if opened:
        raise ValueError(f"{CLOSING[opened[-1][0]]!r} is missing")
    if branches == [[]]:
        raise ValueError("a template is empty")
    return _either(branches)


def _either(branches: list[list[Node]]) -> Node:
    sequences = tuple(Node("seq", "", tuple(branch)) for branch in branches)
    return sequences[0] if len(sequences) == 1 else Node("alt", "", sequences)


@lru_cache(maxsize=20_000)
def _leaf(token: str) -> Node | None:
    if not _READABLE.fullmatch(token):
        return None
    if token[0] == "<":
        return Node("rule", token[1:-1])
    if token[0] == "{":
        return Node("slot", token[1:-1])
    return Node("word", token)


def enumerate_phrases(
    node: Node, rules: Mapping[str, Node], slots: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Every phrase that a template stands for, with each slot filled from its examples in ``slots``."""
    if node.kind == "word":
        yield node.text
    elif node.kind == "slot":
        yield from slots.get(node.text.split(":")[0], ())
    elif node.kind == "rule":
        yield from enumerate_phrases(rules[node.text], rules, slots)
    elif node.kind == "alt":
        for part in node.parts:
            yield from enumerate_phrases(part, rules, slots)
    elif not node.parts:
        yield ""
    else:
        rest = Node("seq", parts=node.parts[1:])
        for head in enumerate_phrases(node.parts[0], rules, slots):
            for tail in enumerate_phrases(rest, rules, slots):
                yield f"{head} {tail}".strip()


@dataclass(frozen=True, slots=True)
class Match:
    """A template found in the words from ``start`` up to ``end``."""

    label: str
    start: int
    end: int
    slots: Mapping[str, Slot] = field(compare=False)


@dataclass(slots=True)
class _State:
    words: dict[str, list[int]] = field(default_factory=dict)
    slots: dict[str, list[int]] = field(default_factory=dict)
    free: list[int] = field(default_factory=list)  # reached without a word
    labels: set[str] = field(default_factory=set)  # the templates that end here


@dataclass(frozen=True, slots=True)
class _Merged:
    """States that the same words lead to, as one; its targets are numbers of such sets."""

    words: Mapping[str, int]
    slots: Mapping[str, int]
    labels: Collection[str]


class Automaton:
    """Many labelled templates, found together. ``skip`` words may stand anywhere inside a template."""

    def __init__(
        self,
        rules: Mapping[str, Node],
        readers: Mapping[str, SlotReader],
        skip: Collection[str] = (),
        spellings: Mapping[str, str] | None = None,
    ) -> None:
        """``spellings`` maps a word of the templates to another way of writing it, in one or more words."""
        self._rules = rules
        self._readers = readers
        self._skip = frozenset(skip)
        self._spellings = spellings or {}
        self._states = [_State()]
        # Sets of states are merged when words first lead to them, so that each word is one step from then on.
        self._sets: dict[tuple[int, ...], int] = {}
        self._members: list[tuple[int, ...]] = []
        self._merged: dict[int, _Merged] = {}
        self.vocabulary: set[str] = set()

    def add(self, node: Node, label: str) -> None:
        """Add a template under a label. Raises ``ValueError`` for an unknown rule or slot."""
        self._states[self._extend(0, node)].labels.add(label)

    def _extend(self, state: int, node: Node) -> int:
        """Grow the path of ``node`` from ``state`` and return the state where it ends."""
        if node.kind == "word":
            return self._extend_word(state, node.text)
        if node.kind == "slot":
            if node.text.split(":")[0] not in self._readers:
                raise ValueError(f"there is no slot {{{node.text}}}; there are: {', '.join(self._readers)}")
            return self._edge(self._states[state].slots, node.text)
        if node.kind == "rule":
            if node.text not in self._rules:
                raise ValueError(f"there is no rule <{node.text}>; there are: {', '.join(self._rules)}")
            return self._extend(state, self._rules[node.text])
        if node.kind == "alt":
            end = self._new()
            for part in node.parts:
                self._branch(state, part, end)
            return end
        for part in node.parts:
            state = self._extend(state, part)
        return state

    def _extend_word(self, state: int, word: str) -> int:
        self.vocabulary.add(word)
        end = self._edge(self._states[state].words, word)
        other = self._spellings.get(word)
        if other:
            for part in other.split():
                state = self._edge(self._states[state].words, part)
            self._states[state].free.append(end)
        return end

    def _new(self) -> int:
        self._states.append(_State())
        return len(self._states) - 1

    def _branch(self, state: int, node: Node, end: int) -> None:
        """Grow one alternative from ``state`` to ``end``; a plain word needs no state of its own."""
        only = node.parts[0] if node.kind == "seq" and len(node.parts) == 1 else node
        if only.kind == "word" and only.text not in self._spellings:
            self.vocabulary.add(only.text)
            self._states[state].words.setdefault(only.text, []).append(end)
        else:
            self._states[self._extend(state, only)].free.append(end)

    def _edge(self, edges: dict[str, list[int]], key: str) -> int:
        target = self._new()
        edges.setdefault(key, []).append(target)
        return target

    def find(self, words: Sequence[str]) -> list[Match]:
        """Every template in the words, at every place and length."""
        read: dict[tuple[str, int], list[tuple[int, Slot]]] = {}
        first = self._set((0,))
        return [match for start in range(len(words)) for match in self._from(first, words, start, read)]

    def _set(self, states: Iterable[int]) -> int:
        """The number of this set of states."""
        members = tuple(sorted(set(states)))
        number = self._sets.setdefault(members, len(self._members))
        if number == len(self._members):
            self._members.append(members)
        return number

    def _merge(self, number: int) -> _Merged:
        """All that can happen in a set of states, and in those that are reached from it without a word."""
        words: dict[str, list[int]] = {}
        slots: dict[str, list[int]] = {}
        labels: set[str] = set()
        seen = set(self._members[number])
        todo = list(seen)
        while todo:
            state = self._states[todo.pop()]
            labels |= state.labels
            for edges, merged in ((state.words, words), (state.slots, slots)):
                for key, targets in edges.items():
                    merged.setdefault(key, []).extend(targets)
            todo += [target for target in state.free if target not in seen]
            seen.update(state.free)
        self._merged[number] = _Merged(
            {word: self._set(targets) for word, targets in words.items()},
            {slot: self._set(targets) for slot, targets in slots.items()},
            sorted(labels),
        )
        return self._merged[number]

    def _from(
        self,
        first: int,
        words: Sequence[str],
        start: int,
        read: dict[tuple[str, int], list[tuple[int, Slot]]],
    ) -> Iterator[Match]:
        """Every template that begins at ``start``; ``read`` keeps what slots were read where."""
        todo: list[tuple[int, int, bool, dict[str, Slot]]] = [(first, start, True, {})]
        seen: set[tuple[int, int, bool]] = set()
        while todo:
            number, at, skipped, slots = todo.pop()
            if (number, at, skipped) in seen:
                continue
            seen.add((number, at, skipped))
            state = self._merged.get(number) or self._merge(number)
            if not skipped:  # a match never ends on a word that it only skipped
                for label in state.labels:
                    yield Match(label, start, at, slots)
            if at == len(words):
                continue
            if words[at] in state.words:
                todo.append((state.words[words[at]], at + 1, False, slots))
            for name, target in state.slots.items():
                reader, _, slot = name.partition(":")
                if (reader, at) not in read:
                    read[reader, at] = list(self._readers[reader](words, at))
                for end, value in read[reader, at]:
                    todo.append((target, end, False, {**slots, slot or reader: value}))
            if at > start and words[at] in self._skip:
                todo.append((number, at + 1, True, slots))
