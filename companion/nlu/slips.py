"""Other readings of an utterance: what a recogniser may have misheard, by sound.

Only words that no template knows are read anew, so an utterance that makes sense as it stands stays so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from jellyfish import jaro_winkler_similarity

from companion.nlu.sounds_like import sound, sounds_like

LONGEST = 12  # words: longer talk has too many readings to trust one
MOST_JOINED = 4  # words that may have been one: "perry for miss", "sigh attic a"
LEAST_ALIKE = 0.6  # in spelling: short words of one sound are many ("late", "loud")
LEAST_SOUNDS = 2  # one sound alone is like too many words


class Slips:
    """Finds known words that sound like unknown ones."""

    def __init__(
        self,
        vocabulary: Collection[str],
        fillers: Collection[str],
        everyday: Collection[str],
        phrases: Collection[str],
    ) -> None:
        """``vocabulary`` are the words and ``phrases`` the utterances that a slip may stand for.

        ``everyday`` words and ``fillers`` mean themselves: they are not read anew either.
        """
        self._known = frozenset({*vocabulary, *fillers, *everyday})
        self._fillers = fillers
        self._phrases = tuple(phrases)
        self._by_sound: dict[str, list[str]] = {}
        for word in sorted(vocabulary, key=len, reverse=True):
            if len(sound(word)) >= LEAST_SOUNDS:
                self._by_sound.setdefault(sound(word), []).append(word)

    def readings(self, words: Sequence[str]) -> Iterator[tuple[list[str], str]]:
        """What the words may have been, with one unknown stretch of them read anew each time, and as what."""
        if len(words) > LONGEST or all(word in self._known for word in words):
            return
        for start in range(len(words)):
            for end in range(start + 1, min(start + MOST_JOINED, len(words)) + 1):
                if all(word in self._known for word in words[start:end]):
                    continue
                for word in self._by_sound.get(sound(" ".join(words[start:end])), ()):
                    if jaro_winkler_similarity("".join(words[start:end]), word) >= LEAST_ALIKE:
                        yield [*words[:start], word, *words[end:]], word
        said = " ".join(word for word in words if word not in self._fillers)
        yield from ((phrase.split(), phrase) for phrase in self._phrases if sounds_like(said, phrase))
