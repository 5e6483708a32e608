"""Whether what was heard is the companion's own voice, come back through the microphone."""

from __future__ import annotations

from collections.abc import Sequence

from companion.nlu.sounds_like import sounds_like


def unexplained(words: Sequence[str], playing: Sequence[str]) -> list[str]:
    """The words that those being played do not explain, in order and with slips allowed."""
    left: list[str] = []
    at = 0
    for word in words:
        found = next((i for i in range(at, len(playing)) if sounds_like(word, playing[i])), None)
        if found is None:
            left.append(word)
        else:
            at = found + 1
    return left
