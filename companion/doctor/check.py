"""What a check is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from companion.config import Settings, load_settings
from companion.content.errors import ContentError
from companion.load import Loaded, load

if TYPE_CHECKING:
    from companion.tts.base import Sound

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it."""

    status: Status
    found: str
    remedy: str = ""


class Machine:
    """What the checks look at. ``meter`` shows how loud a person is, in dB; None when that is over."""

    def __init__(self, meter: Callable[[float | None], None]) -> None:
        self.meter = meter

    @cached_property
    def settings(self) -> Settings:
        """The person's, or the defaults where those are broken, which has a check of its own."""
        try:
            return load_settings()
        except ContentError:
            return Settings()

    @cached_property
    def loaded(self) -> Loaded:
        return load(self.settings)[0]

    def render(self, *texts: str) -> list[Sound]:
        """Each text in the voice that a session would have. Raises ``SpeechError``."""
        from companion.tts.process import SpeechProcess

        voice = self.loaded.voice(self.settings.speech.voice)
        with SpeechProcess() as speech:
            return [speech.render(text, voice) for text in texts]


@dataclass(frozen=True, slots=True)
class Check:
    """One test; ``limit`` is the longest that it may take, in seconds."""

    name: str
    run: Callable[[Machine], Finding]
    limit: float = 10.0
    needs_person: bool = False
