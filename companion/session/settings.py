"""What a person can set about sessions. By itself, so that reading the settings loads no session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How sessions go, from the settings file."""

    cues: Literal["speech", "chimes", "both"] = "speech"
    """What marks the time during a hold."""
    changeover: float | None = None
    """Seconds to get into position; None leaves it to the routine."""
    ask_pain: bool = True
    """Ask for a pain score from 0 to 10 before and after."""
    answer_within: float = 8.0
    """Seconds to wait for an answer before the question is asked again."""
    screening: bool = True
    """Ask about the emergency signs before a session. Off leaves a spoken reminder."""
    region: str = ""
    """Where emergency numbers are looked up: GB, IE, EU, US, AU, NZ, IN, … Empty means unknown."""
