"""A recogniser on a stronger machine in the house, beside the one that is here.

The local recogniser hears everything as ever: it alone decides when somebody speaks, and what must be obeyed
at once (``URGENT``) is obeyed when it says so. Every other utterance is sent to the server, whose text is the
better one; the local reading becomes an alternative, so that a sign of danger that only it has heard still
counts. Where the server does not answer, the local reading is what was heard, and nothing is lost.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from companion.asr.base import RATE, Hypothesis, Pcm, Recogniser
from companion.asr.gated import EARLY
from companion.asr.pocketsphinx import VOUCHED
from companion.asr.voice_activity import LONGEST, PRE_ROLL
from companion.audio.wyoming import ServerError, VoiceServer

if TYPE_CHECKING:
    from wyoming.event import Event

URGENT = EARLY | VOUCHED  # what the local recogniser says of these is not asked about
AROUND = 0.3  # seconds kept before and after the voice
KEPT = LONGEST + PRE_ROLL + 5  # seconds of sound that can still be sent
NO_WORDS = re.compile(r"[\[(*].*?[\])*]")  # what some models write for noise: [BLANK_AUDIO], (music), *sighs*


def with_server(
    local: Recogniser, line: str, address: str, note: Callable[[str], None]
) -> tuple[Recogniser, str]:
    """``local`` with a server beside it, and the line that says so; without one where there can be none."""
    try:
        return WyomingRecogniser(local, address, note), f"{line}, and with {address}"
    except ServerError as error:
        return local, f"{line}. {error}"


class WyomingRecogniser:
    """``local``, with the texts of a server. ``note`` is told when that goes and when it is back.

    Raises ``ServerError`` where there can be none.
    """

    name = "wyoming"

    def __init__(self, local: Recogniser, address: str, note: Callable[[str], None]) -> None:
        self._local = local
        self._server = VoiceServer(address, "listens", note)
        self._recent = _Recent()
        self._asking = ThreadPoolExecutor(1, "wyoming")
        self._waiting: deque[tuple[Hypothesis, Future[str]]] = deque()  # in the order in which they were said

    def __repr__(self) -> str:
        return f"<WyomingRecogniser {self._server!r} beside {self._local!r}>"

    def accept(self, pcm: Pcm) -> Iterable[Hypothesis]:
        self._recent.add(pcm)
        return [*self._sorted(self._local.accept(pcm)), *self._answered()]

    def flush(self) -> Iterable[Hypothesis]:
        now = list(self._sorted(self._local.flush()))
        for _, answer in self._waiting:
            answer.exception()  # waits until there is one, or none
        return [*now, *self._answered()]

    def close(self) -> None:
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._local.close()

    def _sorted(self, heard: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
        """What counts at once; the rest is asked about."""
        for hypothesis in heard:
            if not hypothesis.final or hypothesis.text in URGENT:
                yield hypothesis
            elif self._server.there:
                voice = self._recent.between(hypothesis.start - AROUND, hypothesis.end + AROUND)
                self._waiting.append((hypothesis, self._asking.submit(self._transcribe, voice)))
            else:
                self._server.look_again()
                yield hypothesis

    def _answered(self) -> Iterator[Hypothesis]:
        while self._waiting and (self._waiting[0][1].done() or not self._server.there):
            hypothesis, answer = self._waiting.popleft()
            text = answer.result() if answer.done() else ""
            yield better(hypothesis, text) if text else hypothesis

    def _transcribe(self, voice: Pcm) -> str:
        """What the server makes of it; nothing where it hears nothing, or is gone."""
        from wyoming.asr import Transcribe, Transcript
        from wyoming.audio import AudioChunk, AudioStart, AudioStop

        if not self._server.there:  # it went while this was waiting its turn
            return ""
        request = (
            Transcribe(),
            AudioStart(RATE, 2, 1),
            AudioChunk(RATE, 2, 1, voice.astype("<i2").tobytes()),
            AudioStop(),
        )

        def read(answer: list[Event]) -> str:
            return NO_WORDS.sub(" ", Transcript.from_event(answer[-1]).text).strip()

        try:
            return self._server.ask([each.event() for each in request], "transcript", read)
        except ServerError:
            return ""


def better(local: Hypothesis, text: str) -> Hypothesis:
    """The same utterance with the server's text, which is judged by its words alone.

    The local reading stays as an alternative, unless it was no more than other talk.
    """
    readings = (local.text, *local.alternatives) if local.meant == "likely" else ()
    others = tuple(other for other in readings if other != text)
    return Hypothesis(text, True, local.start, local.end, others)


class _Recent:
    """The last ``KEPT`` seconds of a stream of samples."""

    def __init__(self) -> None:
        self._blocks: deque[Pcm] = deque()
        self._begin = 0  # samples of the stream before the first block
        self._end = 0

    def add(self, pcm: Pcm) -> None:
        self._blocks.append(pcm)
        self._end += len(pcm)
        while self._end - self._begin - len(self._blocks[0]) >= KEPT * RATE:
            self._begin += len(self._blocks.popleft())

    def between(self, start: float, end: float) -> Pcm:
        """The samples between these seconds of the stream, as far as they are kept."""
        first, last = (max(0, round(seconds * RATE) - self._begin) for seconds in (start, end))
        return np.concatenate(self._blocks)[first:last]
