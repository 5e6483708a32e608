"""A real Wyoming server in a process of its own: ``python -m tests.wyoming_server PORT MANNER``.

It says ``ready``, and then ``asked`` for each request, on its output. Asked to listen, it answers how much it
heard; asked to speak, it speaks with eSpeak. In the manner ``silent`` it never answers.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable
from wyoming.info import Describe, Info
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.tts import Synthesize

from companion.content.model import Voice
from companion.tts.process import SpeechProcess
from tests.control.broker import free_port

HEARD = "I, the server, heard"  # and the seconds
OWN_VOICE = Voice("server", "pyttsx3", "en-us", 200, 60, 0.9, 0.0)


class Server:
    """The process. A context manager; it can be killed and started again on the same port."""

    def __init__(self, manner: str = "willing") -> None:
        self._manner = manner
        self._port = free_port()
        self.address = f"tcp://127.0.0.1:{self._port}"

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.wyoming_server", str(self._port), self._manner]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.says("ready")

    def says(self, word: str) -> None:
        """Wait till it says this."""
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word

    def kill(self) -> None:
        """As when its machine loses power."""
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class Handler(AsyncEventHandler):
    """One connection."""

    def __init__(self, speech: SpeechProcess, manner: str, *streams: object) -> None:
        super().__init__(*streams)  # type: ignore[arg-type]
        self._speech = speech
        self._manner = manner
        self._samples = 0

    async def handle_event(self, event: Event) -> bool:
        if Describe.is_type(event.type):
            await self.write_event(Info().event())
        elif AudioChunk.is_type(event.type):
            self._samples += AudioChunk.from_event(event).samples
        elif AudioStop.is_type(event.type):
            await self._answer([Transcript(f"{HEARD} {self._samples / 16_000:.1f} seconds.")])
        elif Synthesize.is_type(event.type):
            await self._answer(self._spoken(Synthesize.from_event(event).text))
        return True

    async def _answer(self, events: Iterable[Eventable]) -> None:
        print("asked", flush=True)
        if self._manner == "willing":
            for each in events:
                await self.write_event(each.event())

    def _spoken(self, text: str) -> Iterator[Eventable]:
        sound = self._speech.render(text, OWN_VOICE)
        stereo = np.repeat(sound.pcm, 2)
        form = (sound.rate, 2, 2)
        yield AudioStart(*form)
        for part in np.array_split(stereo.reshape(-1, 2), 5):
            yield AudioChunk(*form, part.astype("<i2").tobytes())
        yield AudioStop()


async def main(port: int, manner: str) -> None:
    with SpeechProcess() as speech:
        server = AsyncTcpServer("127.0.0.1", port)
        await server.start(partial(Handler, speech, manner))
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
