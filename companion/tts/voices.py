"""Choosing the voice that speaks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

from rapidfuzz import process

from companion.tts.base import Voice
from companion.tts.process import SystemVoice

log = logging.getLogger(__name__)


def choose(wanted: str | None, voices: Mapping[str, Voice], system: Iterable[SystemVoice] = ()) -> Voice:
    """The voice of that id, or one of the system's own (by id or name) at the first voice's pace.

    None, and with one line of warning a voice that is not there, gives the first of ``voices``.
    """
    first = next(iter(voices.values()))
    if wanted is None:
        return first
    if wanted in voices:
        return voices[wanted]
    for one in system:
        if wanted.casefold() in (one.id.casefold(), one.name.casefold()):
            return replace(first, id=one.id, voice=one.id)
    nearest = process.extractOne(wanted, list(voices), score_cutoff=60)
    hint = f" Did you mean '{nearest[0]}'?" if nearest else ""
    log.warning("There is no voice '%s'; '%s' speaks instead.%s", wanted, first.id, hint)
    return first
