"""A voice on a stronger machine in the house, with the one of this machine behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from companion.audio.wyoming import ServerError, VoiceServer
from companion.tts.base import Sound, SpeechError, Synthesiser, Voice
from companion.tts.process import trim

if TYPE_CHECKING:
    from wyoming.event import Event

RATES = range(8_000, 48_001)  # samples a second that a server may send


class WyomingSynthesiser:
    """Speaks with the server's own voice, at the server's own pace: the protocol cannot tell it another.

    ``pace`` (words a minute) is the one that counts as that. Raises ``SpeechError`` for a line at another
    pace, and while the server is gone, which ``note`` is told once; and ``ServerError`` as it is made.
    """

    def __init__(self, address: str, pace: int, note: Callable[[str], None]) -> None:
        self._server = VoiceServer(address, "speaks", note)
        self._pace = pace

    def __repr__(self) -> str:
        return f"<WyomingSynthesiser {self._server!r}>"

    def render(self, text: str, voice: Voice) -> Sound:
        if voice.rate != self._pace:
            raise SpeechError(f"{self._server.address} cannot be told to speak slower or faster.")
        if not text.strip():
            raise SpeechError("There is nothing for the server to say.")
        if not self._server.there:
            self._server.look_again()
            raise SpeechError(f"{self._server.address} is gone.")
        from wyoming.tts import Synthesize

        try:
            sound = self._server.ask([Synthesize(text).event()], "audio-stop", _sound)
        except ServerError as error:
            raise SpeechError(f"{self._server.address}: {error}") from None
        pause = round(voice.pause * sound.rate)
        return Sound(np.pad(trim(sound.pcm, sound.rate), (0, pause)), sound.rate)

    def close(self) -> None:
        """Nothing is open."""


def _sound(answer: list[Event]) -> Sound:
    """The sound that an answer holds, as mono. Raises ``ValueError`` where it holds none of 16 bit."""
    from wyoming.audio import AudioChunk

    chunks = [AudioChunk.from_event(event) for event in answer if AudioChunk.is_type(event.type)]
    rate, width, channels = {(chunk.rate, chunk.width, chunk.channels) for chunk in chunks}.pop()
    pcm = np.frombuffer(b"".join(chunk.audio for chunk in chunks), "<i2").reshape(-1, channels)
    if width != 2 or rate not in RATES or not len(pcm):
        raise ValueError
    return Sound(pcm.mean(axis=1).astype(np.int16), rate)


class OrLocal:
    """A synthesiser that lets ``local`` speak wherever ``remote`` cannot."""

    def __init__(self, remote: Synthesiser, local: Synthesiser) -> None:
        self._remote = remote
        self._local = local

    def __repr__(self) -> str:
        return f"<{self._remote!r} or {self._local!r}>"

    def __enter__(self) -> OrLocal:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def render(self, text: str, voice: Voice) -> Sound:
        try:
            return self._remote.render(text, voice)
        except SpeechError:
            return self._local.render(text, voice)

    def close(self) -> None:
        self._remote.close()
        self._local.close()
