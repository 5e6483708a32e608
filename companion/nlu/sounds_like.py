"""Which words a listener, or a recogniser, takes for one another.

Recognisers write what they heard with the words that they know: "sigh attica", "paws", "rude teens".
The sound of a phrase is its Metaphone (Philips 1990, by ``jellyfish``) taken word by word and joined, so
that where one word ends and the next begins does not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import jellyfish

NEAR_KEY = 5  # sounds: from this length on, one sound more, less or other is forgiven

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'"})
_NOT_WORDS = re.compile(r"[^\w']|_", re.ASCII)
_LONE_QUOTES = re.compile(r"(?<!\w)'|'(?!\w)")
# What Metaphone gets wrong for our words: a silent "gh" and the start of "sciatica".
_RESPELL = ((re.compile(r"igh"), "y"), (re.compile(r"^sci(?=[aeou])"), "s"))
# Sounds that recognisers swap freely: "th" and "t"; and the "t" that is swallowed in "next".
_MERGE = str.maketrans({"0": "T"})
_VOWELS = re.compile(r"[AEIOU]")
_INNER_VOWELS = re.compile(r"(?<!^)[AEIOU]")
_RUN_ON = re.compile(r"(.) \1")  # "rude teens": one t is heard


def normalise(text: str) -> str:
    """Lower case, plain apostrophes, accents and punctuation gone, single spaces: a recogniser's style."""
    plain = unicodedata.normalize("NFKD", text.translate(_QUOTES)).encode("ascii", "ignore").decode()
    return " ".join(_LONE_QUOTES.sub(" ", _NOT_WORDS.sub(" ", plain.lower())).split())


@lru_cache(maxsize=20_000)
def _word_sound(word: str) -> str:
    for pattern, spelling in _RESPELL:
        word = pattern.sub(spelling, word)
    return jellyfish.metaphone(word).translate(_MERGE).replace("KST", "KS")


@lru_cache(maxsize=20_000)
def sound(phrase: str) -> str:
    """The sound of a normalised phrase as a short key; equal keys sound the same. Empty where unknown."""
    by_word = " ".join(_word_sound(word) for word in phrase.split())
    return _INNER_VOWELS.sub("", _RUN_ON.sub(r"\1", by_word).replace(" ", ""))


def consonants(words: Sequence[str]) -> str:
    """The consonants of the words as they sound, run together, so that where a word ends does not matter."""
    return _VOWELS.sub("", "".join(_word_sound(word) for word in words))


def sounds_like(a: str, b: str) -> bool:
    """Whether two normalised words or phrases are easily taken for one another.

    Short words have few sounds and collide ("ladder", "louder"): callers restrict by context.
    """
    if a == b:
        return True
    key_a, key_b = sound(a), sound(b)
    if not key_a or not key_b or key_a[0] != key_b[0]:
        return False
    if key_a == key_b:
        return True
    return min(len(key_a), len(key_b)) >= NEAR_KEY and jellyfish.levenshtein_distance(key_a, key_b) <= 1
