"""Routine and exercise names, matched loosely in what people say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from companion.nlu.sounds_like import normalise, sound

MOST_WORDS = 4  # of a name as it is heard: "sigh attic a relief"
SHORTEST_SOUND, SHORTEST_NAME = 3, 7  # sounds and letters: shorter names sound like too many words
SHORT = 2  # letters: such words are in every name
REMEMBERED = 1000  # readings

# Words of names that tell no name from another.
GENERIC = frozenset(
    [
        "routine",
        "stretch",
        "stretches",
        "stretching",
        "relief",
        "session",
        "break",
        "exercise",
        "exercises",
        "the",
        "a",
        "and",
        "for",
        "up",
        "down",
    ]
)


class Calling:
    """What people may call each of several things, and the ids that they stand for.

    A thing is called by its id, its name, its other names, any of them without the generic words, or by
    a word of its id that is in no other id; said right or sounding like it. The id and the name come
    first, so that ``full`` can tell them.
    """

    def __init__(self, things: Mapping[str, Collection[str]]) -> None:
        """``things`` maps an id to its names, in any spelling."""
        self._full: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._heard: dict[str, str] = {}
        users = Counter(word for id_ in things for word in set(id_.split("-")))
        for id_, (name, *also) in things.items():
            full = [form for form in _forms((id_.replace("-", " "), name)) if " " in form]
            own = [w for w in id_.split("-") if users[w] == 1 and w not in GENERIC and len(w) > SHORT]
            self._full.update((form, id_) for form in full)
            for form in (*full, *_forms((name, *also)), *own):
                self._said.setdefault(form, id_)
                if len(sound(form)) >= SHORTEST_SOUND and len(form) >= SHORTEST_NAME:
                    self._heard.setdefault(sound(form), id_)
        self._first = {full.split()[0] for full in self._full}
        self._meant = lru_cache(maxsize=REMEMBERED)(self._names)  # the same words are read by many templates
        self.names = tuple(normalise(name) for name_and_also in things.values() for name in name_and_also)

    def read(self, words: Sequence[str], at: int) -> Iterable[tuple[int, str]]:
        """Every name that starts at ``at``: its end and the id that it stands for."""
        return [(at + length, id_) for length, id_ in self._meant(tuple(words[at : at + MOST_WORDS]))]

    def read_full(self, words: Sequence[str], at: int) -> Iterable[tuple[int, str]]:
        """As ``read``, full names only: names of one word are everyday words ("morning", "walk")."""
        if words[at] not in self._first:
            return []
        return [
            (at + length, self._full[said])
            for length, said in _beginnings(words[at : at + MOST_WORDS])
            if said in self._full
        ]

    def _names(self, words: tuple[str, ...]) -> list[tuple[int, str]]:
        """The names with which these words begin: how many words each takes, and its id."""
        found = ((n, self._said.get(s) or self._heard.get(sound(s))) for n, s in _beginnings(words))
        return [(length, id_) for length, id_ in found if id_]


def _beginnings(words: Sequence[str]) -> list[tuple[int, str]]:
    return [(length, " ".join(words[:length])) for length in range(1, len(words) + 1)]


@dataclass(frozen=True, slots=True)
class Names:
    """What the routines and the exercises of a library are called."""

    routines: Calling
    exercises: Calling


def _forms(names: Iterable[str]) -> list[str]:
    """The names, normalised, each also without its generic words."""
    plain = [normalise(name) for name in names]
    bare = [" ".join(word for word in name.split() if word not in GENERIC) for name in plain]
    return list(dict.fromkeys(form for form in (*plain, *bare) if form))
