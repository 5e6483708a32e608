"""Finds the lexicon's wordings in an utterance: a cascade of word automata.

Each level is one automaton over words and over what the levels before it found, as in cascaded
finite-state parsing (Abney 1996; Hobbs et al., FASTUS, 1997): ``<cant> feel`` first needs the words that
``cant`` stands for. Wordings use the notation of ``companion.nlu.templates``; besides, ``_`` stands for up
to three words of any kind, and ``START`` and ``END`` for the ends of the utterance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from companion.nlu.templates import Node

GAP = "_"
GAP_WORDS = 3
ANY = "*"

Lattice = Sequence[Sequence[tuple[int, str]]]  # at each position: (end, word or <name>) that can be read


class Span(NamedTuple):
    """The words from ``start`` up to ``end`` are a wording of ``name``."""

    start: int
    end: int
    name: str

    def inside(self, other: Span) -> bool:
        """Whether all of this is part of ``other``."""
        return other.start <= self.start and self.end <= other.end


class Automaton:
    """Many wordings under their names, found together.

    ``skip`` words may stand inside any of them; ``solid`` words are never covered by a gap.
    """

    def __init__(self, skip: Collection[str], solid: Collection[str]) -> None:
        self._skip = frozenset(skip)
        self._solid = frozenset(solid)
        self._edges: list[dict[str, list[int]]] = [{}]
        self._names: dict[int, set[str]] = {}
        self._known: dict[tuple[tuple[int, ...], tuple[str, ...]], int] = {}

    def add(self, node: Node, name: str) -> None:
        """Add one wording; wordings that begin alike share their states."""
        for state in self._extend((0,), node):
            self._names.setdefault(state, set()).add(name)

    def _extend(self, states: tuple[int, ...], node: Node) -> tuple[int, ...]:
        """The states in which one is after ``node``, read from any of ``states``."""
        if node.kind == "word" and node.text == GAP:
            ends = list(states)
            for _ in range(GAP_WORDS):
                states = (self._edge(states, (ANY,)),)
                ends += states
            return tuple(ends)
        if node.kind == "word":
            return (self._edge(states, (node.text,)),)
        if node.kind == "rule":
            return (self._edge(states, (f"<{node.text}>",)),)
        if node.kind == "alt":
            return self._either(states, node.parts)
        for part in node.parts:
            states = self._extend(states, part)
        return states

    def _either(self, states: tuple[int, ...], parts: Sequence[Node]) -> tuple[int, ...]:
        plain = tuple(p.text for p in parts if p.kind == "word" and p.text != GAP)
        ends = [self._edge(states, plain)] if plain else []
        for part in parts:
            if part.kind != "word" or part.text == GAP:
                ends += self._extend(states, part)
        return tuple(dict.fromkeys(ends))

    def _edge(self, states: tuple[int, ...], keys: tuple[str, ...]) -> int:
        known = self._known.get((states, keys))
        if known is not None:
            return known
        target = len(self._edges)
        self._edges.append({})
        self._known[states, keys] = target
        for state in states:
            for key in keys:
                self._edges[state].setdefault(key, []).append(target)
        return target

    def find(self, words: Sequence[str], lattice: Lattice) -> set[Span]:
        """Every wording, at every place and length."""
        first = self._edges[0]
        found: set[Span] = set()
        for start, readings in enumerate(lattice):
            if any(word in first for _, word in readings):
                self._from(start, words, lattice, found)
        return found

    def _from(self, start: int, words: Sequence[str], lattice: Lattice, found: set[Span]) -> None:
        edges, names, skip, solid = self._edges, self._names, self._skip, self._solid
        todo = [(start, 0, False)]
        seen = set(todo)
        while todo:
            at, state, skipped = todo.pop()
            if state in names and not skipped:  # a wording never ends on a word that it only skipped
                found.update(Span(start, at, name) for name in names[state])
            here = edges[state]
            if at == len(words):
                continue
            nexts = [(end, to, False) for end, word in lattice[at] if word in here for to in here[word]]
            if ANY in here and words[at] not in solid:
                nexts += [(at + 1, to, False) for to in here[ANY]]
            if state and here and words[at] in skip:
                nexts.append((at + 1, state, True))
            for step in nexts:
                if step not in seen:
                    seen.add(step)
                    todo.append(step)


def read_through(
    levels: Sequence[Automaton], words: Sequence[str], alternatives: Mapping[int, Sequence[tuple[int, str]]]
) -> list[Span]:
    """Run all levels, each seeing what those before it found; ``alternatives`` are words also heard."""
    lattice = [[(at + 1, word), *alternatives.get(at, ())] for at, word in enumerate(words)]
    spans: list[Span] = []
    for level in levels:
        found = level.find(words, lattice)
        for span in found:
            lattice[span.start].append((span.end, f"<{span.name}>"))
        spans.extend(found)
    return sorted(spans)
