"""Routine and exercise names, matched loosely in what people say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from companion.nlu.sounds_like import normalise, sound

MOST_WORDS = 4  # of a name as it is heard: "sigh attic a relief"
SHORTEST_SOUND, SHORTEST_NAME = 3, 7  # sounds and letters: shorter names sound like too many words

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
    ]
)


class Calling:
    """What people may call each of several things, and the ids that they stand for.

    A thing is called by its id, its name, its other names, any of them without the generic words, or by
    a single word that no other thing has in its names; said right or sounding like it.
    """

    def __init__(self, things: Mapping[str, Collection[str]]) -> None:
        """``things`` maps an id to its names, in any spelling."""
        self._said: dict[str, str] = {}
        self._heard: dict[str, str] = {}
        forms = {id_: _forms((id_.replace("-", " "), *names)) for id_, names in things.items()}
        users = Counter(word for names in forms.values() for word in {w for n in names for w in n.split()})
        for id_, names in forms.items():
            own = {w for n in names for w in n.split() if users[w] == 1 and w not in GENERIC and len(w) > 2}
            for name in (*names, *sorted(own)):
                self._said.setdefault(name, id_)
                if len(sound(name)) >= SHORTEST_SOUND and len(name) >= SHORTEST_NAME:
                    self._heard.setdefault(sound(name), id_)
        self.names = tuple(self._said)

    def read(self, words: Sequence[str], at: int) -> Iterable[tuple[int, str]]:
        """Every name that starts at ``at``: its end and the id that it stands for."""
        for end in range(at + 1, min(at + MOST_WORDS, len(words)) + 1):
            said = " ".join(words[at:end])
            id_ = self._said.get(said) or self._heard.get(sound(said))
            if id_:
                yield end, id_


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
