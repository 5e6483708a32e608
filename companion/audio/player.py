"""The player: says utterances in order through one output that stays open, and tells when each is over."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import soxr

from companion.audio.mixer import Mixer, Pcm, Played
from companion.audio.output import Output
from companion.tts.base import Sound

LEAD_IN = 0.3  # seconds of silence before the first sound


class Player:
    """Plays sounds one at a time through ``output``. Thread-safe; a context manager.

    ``on_ended(id, completed)`` is called when an utterance is over, never from the sound card's own thread:
    on a sound card from a thread that may take its time, in a room or a file from whoever moves time on.
    ``completed`` is False where it was hushed. ``history`` keeps the latest of what was played, and when.
    ``tap`` gets every block as the output gets it, silence included, from the sound card's thread: quick.
    """

    def __init__(
        self,
        output: Output,
        on_ended: Callable[[int, bool], None],
        lead_in: float = LEAD_IN,
        keep: int = 1000,
        tap: Callable[[Pcm], None] = lambda pcm: None,
    ) -> None:
        self._output = output
        self._on_ended = on_ended
        self._tap = tap
        self._mixer = Mixer(output.rate, lead_in)
        self._lock = threading.Lock()
        self._over: deque[Played] = deque()
        self.history: deque[Played] = deque(maxlen=keep)
        output.start(self._fill, self._settle)

    def __repr__(self) -> str:
        return f"<Player {self._mixer!r} through {self._output!r}>"

    def __enter__(self) -> Player:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def play(self, utterance: int, sound: Sound, volume: float = 1.0) -> None:
        """Queue a sound of any rate under a number of the caller's; ``volume`` is a factor."""
        pcm = sound.pcm
        if sound.rate != self._mixer.rate:
            pcm = soxr.resample(pcm, sound.rate, self._mixer.rate)
        with self._lock:
            self._mixer.play(utterance, pcm, volume)

    def hush(self) -> None:
        """Silence within a block; the current utterance and all that are queued end uncompleted."""
        with self._lock:
            self._mixer.hush()

    @property
    def playing(self) -> int | None:
        """The id of the utterance that sounds now, or None."""
        return self._mixer.playing

    def position(self, utterance: int) -> float:
        """Seconds played of the utterance: right for the current and the latest one, 0 for any other."""
        return self._mixer.position(utterance)

    def close(self) -> None:
        """Stop the output; what is still queued is not played."""
        self._output.close()

    def _fill(self, samples: int) -> Pcm:
        with self._lock:
            block = self._mixer.take(samples)
            self._over.extend(self._mixer.over())
        self._tap(block)
        return block

    def _settle(self) -> None:
        while self._over:
            played = self._over.popleft()
            self.history.append(played)
            self._on_ended(played.id, played.completed)
