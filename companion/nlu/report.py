"""A meaning as other programs and people read it."""

from __future__ import annotations

import json
from typing import Any

from companion.nlu.meaning import Meaning


def as_dict(meaning: Meaning) -> dict[str, Any]:
    """``text``, ``intent``, ``slots``, ``tier``, ``flag`` and ``ask``, as plain JSON values.

    ``tier`` is null for anything but a report of symptoms, ``flag`` where there is no finding. Where ``ask``
    is true, ``tier`` and ``flag`` are what a question would be asked about first.
    """
    return {
        "text": meaning.text,
        "intent": meaning.intent,
        "slots": dict(meaning.slots),
        "tier": None if meaning.tier is None else meaning.tier.value,
        "flag": meaning.flag,
        "ask": meaning.ask,
    }


def as_json(meaning: Meaning) -> str:
    """One JSON object: what ``as_dict`` has, and ``evidence``: which words matched what."""
    evidence = [{"words": e.words, "kind": e.kind, "meaning": e.meaning} for e in meaning.evidence]
    return json.dumps({**as_dict(meaning), "evidence": evidence}, ensure_ascii=False)


def in_words(meaning: Meaning) -> str:
    """A few lines for a person: what was understood, and which words matched what."""
    slots = "".join(f", {name} {value}" for name, value in meaning.slots.items())
    lines = [f"“{meaning.text}”", f"  {meaning.intent.replace('_', ' ')}{slots}"]
    if meaning.tier is not None:
        finding = f": {meaning.flag.replace('_', ' ')}" if meaning.flag else ""
        lines.append(f"  {meaning.tier.value}{finding}{' (asks first)' if meaning.ask else ''}")
    lines += [f"    {e.words!r} is {e.kind}: {e.meaning}" for e in meaning.evidence]
    return "\n".join(lines)
