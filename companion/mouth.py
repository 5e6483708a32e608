"""How the companion's lines become sound, or the time that sound would take."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from companion.content.estimate import speaking_seconds
from companion.session.events import Speak

if TYPE_CHECKING:
    from companion.audio.player import Player
    from companion.content.model import Voice
    from companion.tts.ahead import RenderAhead

log = logging.getLogger(__name__)

Ended = Callable[[int], None]  # is told the number of each utterance that was spoken to its end


A_CHIME = 0  # the player's id for chimes; utterances count from 1


class Mouth(Protocol):
    """Says one line at a time. None of its methods blocks."""

    def speak(self, line: Speak, volume: float, rate: float) -> None: ...

    def hush(self) -> None: ...

    def chime(self, name: str) -> None: ...

    def close(self) -> None: ...


class SilentMouth:
    """Says nothing, and takes as long for it as the words would; for reading along."""

    def __init__(self, ended: Ended) -> None:
        self._ended = ended
        self._timer: asyncio.TimerHandle | None = None

    def speak(self, line: Speak, volume: float, rate: float) -> None:
        seconds = speaking_seconds(line.text, rate)
        self._timer = asyncio.get_running_loop().call_later(seconds, self._ended, line.utterance)

    def hush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def chime(self, name: str) -> None:
        """A chime that nobody hears."""

    def close(self) -> None:
        self.hush()


class SpokenMouth:
    """Renders lines in a thread of its own and hands them to the player.

    A line that cannot be rendered is not lost: it is reported to ``failed``, and the session goes on as if
    it had been read.
    """

    def __init__(
        self,
        synthesiser: RenderAhead,
        player: Player,
        voice: Voice,
        chime_volume: float,
        ended: Ended,
        failed: Callable[[str], None],
    ) -> None:
        self._synthesiser = synthesiser
        self._player = player
        self._voice = voice
        self._chime_volume = chime_volume
        self._failed = failed
        self._silent = SilentMouth(ended)
        self._wanted = 0  # the utterance that is to be heard; 0 for none
        self._loop = asyncio.get_running_loop()
        self._renderer = ThreadPoolExecutor(1, "render")

    def speak(self, line: Speak, volume: float, rate: float) -> None:
        self._wanted = line.utterance
        self._renderer.submit(self._render_and_play, line, volume, self._at_rate(rate))

    def _render_and_play(self, line: Speak, volume: float, voice: Voice) -> None:
        from companion.tts.base import SpeechError

        try:
            sound = self._synthesiser.render(line.text, voice)
        except SpeechError as error:
            self._loop.call_soon_threadsafe(self._read_instead, line, str(error))
            return
        if self._wanted == line.utterance:
            self._player.play(line.utterance, sound, volume)

    def _read_instead(self, line: Speak, reason: str) -> None:
        self._failed(reason)
        self._silent.speak(line, 1.0, 1.0)

    def _at_rate(self, rate: float) -> Voice:
        return dataclasses.replace(self._voice, rate=round(self._voice.rate * rate))

    def render_ahead(self, texts: Iterable[str], rate: float) -> None:
        """Render these lines while others are being said."""
        self._synthesiser.render_ahead(texts, self._at_rate(rate))

    def hush(self) -> None:
        self._wanted = 0
        self._silent.hush()
        self._player.hush()

    def chime(self, name: str) -> None:
        from companion.audio.chimes import chime

        self._player.play(A_CHIME, chime(name), self._chime_volume)

    def close(self) -> None:
        self.hush()
        self._renderer.shutdown(wait=False, cancel_futures=True)
        self._player.close()
        self._synthesiser.close()
