"""A typed line as a hypothesis, so that everything that can be spoken can be typed."""

from __future__ import annotations

from companion.asr.base import Hypothesis


def typed(line: str, at: float) -> Hypothesis | None:
    """The line that was entered ``at`` (seconds), or ``None`` where it is blank."""
    text = " ".join(line.split())
    return Hypothesis(text, final=True, start=at, end=at) if text else None
