"""Abbreviations, said as people say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from companion.tts.base import Sound, Synthesiser, Voice


class SpelledOut:
    """A synthesiser that spells out abbreviations before ``inner`` renders them.

    ``table`` is the contents of ``voices/<language>/abbreviations.yaml``.
    """

    def __init__(self, inner: Synthesiser, table: Mapping[str, Any]) -> None:
        self._inner = inner
        self._table = table

    def __repr__(self) -> str:
        return f"<SpelledOut through {self._inner!r}>"

    def render(self, text: str, voice: Voice) -> Sound:
        return self._inner.render(spell_out(text, self._table), voice)

    def close(self) -> None:
        self._inner.close()


def spell_out(text: str, table: Mapping[str, Any]) -> str:
    """``text`` with ranges, units after numbers and words replaced as ``table`` says.

    >>> spell_out("Hold 10-15s.", {"range": "to", "units": {"s": ["second", "seconds"]}, "words": {}})
    'Hold 10 to 15 seconds.'
    """
    units, words = table["units"], table["words"]
    text = re.sub(r"(?<=\d)\s?[-–]\s?(?=\d)", f" {table['range']} ", text)
    text = re.sub(
        rf"\b(\d+(?:\.\d+)?)\s?({_any_of(units)})(?!\w)",
        lambda found: f"{found[1]} {units[found[2]][found[1] != '1']}",
        text,
    )
    return re.sub(rf"(?<!\w)({_any_of(words)})(?!\w)", lambda found: str(words[found[1]]), text)


def _any_of(words: Mapping[str, Any]) -> str:
    """A pattern that matches the longest of the words; nothing where there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"
