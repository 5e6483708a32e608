"""Durations as people write them in a file: ``30s``, ``2m``, ``1m30s``."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"(?=\d)(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)
_WORDS = re.compile(
    r"(?:(\d+)\s*m(?:in(?:ute)?s?)?)?[\s,]*(?:and\s+)?(?:(\d+(?:\.\d+)?)\s*(?:s(?:ec(?:ond)?s?)?)?)?\.?",
    re.ASCII | re.IGNORECASE,
)


def parse_duration(text: str) -> float:
    """Seconds. Raises ``ValueError`` for anything but minutes and seconds with their units."""
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is no duration")
    return _seconds(match)


def format_duration(seconds: float) -> str:
    """The way to write it in a file: ``1m30s``. The inverse of ``parse_duration`` to a tenth of a second."""
    minutes, rest = divmod(round(seconds, 1), 60)
    rest = round(rest, 1)
    written = f"{int(minutes)}m" if minutes else ""
    return written + (f"{rest:g}s" if rest or not minutes else "")


def guess_duration(value: object) -> str | None:
    """What someone probably meant who wrote ``30``, ``1:30`` or ``2 minutes``; ``None`` where unclear."""
    text = str(value).strip()
    match = _CLOCK.fullmatch(text) or _WORDS.fullmatch(text)
    return format_duration(_seconds(match)) if match and any(match.groups()) and len(text) < 20 else None


def _seconds(match: re.Match[str]) -> float:
    return 60.0 * int(match[1] or 0) + float(match[2] or 0)
