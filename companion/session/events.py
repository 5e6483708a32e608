"""What goes into a session (events) and what comes out of it (effects). All are plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from companion.nlu.meaning import Meaning

Priority = Literal["safety", "reply", "narration", "cue"]


# -- events ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Greet:
    """The companion has been started without a routine: say hello and wait. ``left``: offer to go on with a
    session that was left not long ago."""

    left: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Start this routine (its id in the library)."""

    routine: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody said, typed or pressed something, and this is what it means."""

    meaning: Meaning


def command(intent: str) -> Heard:
    """A command that was given by key or by program instead of in words."""
    return Heard(Meaning(intent, intent))


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The utterance with this number has been spoken to its end. One that was hushed never reports."""

    utterance: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed. Due at ``machine.deadline``; harmless at any other time."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The person is leaving (Ctrl-C, closed window): say goodbye, keep the place."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened around the session, to the microphone for one; say this prompt now."""

    prompt: str


Event = Greet | Begin | Heard | SpeechEnded | Tick | Leave | Notice


# -- effects --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Speak:
    """Say this now; nothing else is being said. Answer with ``SpeechEnded(utterance)``."""

    utterance: int
    text: str
    priority: Priority


@dataclass(frozen=True, slots=True)
class Hush:
    """Cut this utterance off at once."""

    utterance: int
    text: str


@dataclass(frozen=True, slots=True)
class Chime:
    """Play a short tone, before what is said next: ``start``, ``half``, ``ten``, ``tick`` or ``end``."""

    name: str


@dataclass(frozen=True, slots=True)
class Tune:
    """Speak at this volume (0 to 1) and this rate (1.0 is the voice's own) from now on."""

    volume: float
    rate: float


@dataclass(frozen=True, slots=True)
class Record:
    """Something worth keeping happened: ``kind`` and its facts, ready for JSON."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Effect = Speak | Hush | Chime | Tune | Record
