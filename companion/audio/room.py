"""A room to test in: a simulated microphone and loudspeaker in virtual time.

The person's voice, the loudspeaker's sound coming back through the room, and noise meet in the microphone:

    microphone = person + echo_db · (loudspeaker * impulse response) + noise

Nothing waits and nothing is random beyond the seed: the same script gives the same samples every time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from companion.audio.mixer import Pcm
from companion.audio.output import Fill, Settle
from companion.tts.base import Sound

RATE = 16_000  # samples a second, of the microphone and of the loudspeaker
BLOCK = 320  # samples; 20 ms, as the real microphone gives them
VOICE_LEVEL = 2500.0  # RMS that ``snr_db`` is measured against: speech at an ordinary distance

Wave = NDArray[np.float64]  # shape (samples,)


class RoomSpeaker:
    """The room's loudspeaker: an output for a ``Player``, which takes sound as the room's time goes on."""

    rate = RATE

    def __init__(self) -> None:
        self._fill: Fill | None = None
        self._settle: Settle | None = None

    def start(self, fill: Fill, settle: Settle) -> None:
        self._fill, self._settle = fill, settle

    def close(self) -> None:
        self._fill = self._settle = None

    def take(self) -> Pcm:
        """What sounds in the next block."""
        return self._fill(BLOCK) if self._fill else np.zeros(BLOCK, np.int16)

    def settle(self) -> None:
        """Tell the player's owner what ended in the block."""
        if self._settle:
            self._settle()


class Room:
    """A room of virtual time, which moves on only by ``advance``.

    ``impulse_response``: from loudspeaker to microphone, at 16 kHz; ``synthetic_response()`` unless given.
    ``echo_db``: level of the loudspeaker's sound as it reaches the microphone; None for no echo.
    ``noise``: one sound that is repeated, pink noise unless given; ``snr_db``: how far below a voice of
    ordinary level it lies; None for no noise. ``seed`` makes the pink noise. ``record``: keep what is
    ``played``; hours of it do not fit into memory.
    """

    def __init__(
        self,
        impulse_response: Wave | None = None,
        echo_db: float | None = -6.0,
        noise: Sound | None = None,
        snr_db: float | None = None,
        seed: int = 0,
        record: bool = True,
    ) -> None:
        response = synthetic_response() if impulse_response is None else impulse_response
        gain = 0.0 if echo_db is None else 10 ** (echo_db / 20)
        self._echo = Convolver(gain * response / np.sqrt(np.sum(response**2)), BLOCK)
        self._noise = _noise(noise, snr_db, seed)
        self._samples = 0  # the room's time
        self._voices: list[tuple[int, Wave]] = []  # (first sample, what is said)
        self.speaker = RoomSpeaker()
        self._record = record
        self._played: list[Pcm] = []

    def __repr__(self) -> str:
        return f"<Room at {self.time:.2f} s, {len(self._voices)} things being or yet to be said>"

    @property
    def time(self) -> float:
        """Seconds since the room began."""
        return self._samples / RATE

    @property
    def played(self) -> Sound:
        """All that the loudspeaker has played so far; nothing where that is not recorded."""
        return Sound(np.concatenate([*self._played, np.zeros(0, np.int16)]), RATE)

    def say(self, sound: Sound, at: float | None = None) -> None:
        """Let a person say it at a time (seconds, now unless given). ValueError for a time that is over."""
        first = self._samples if at is None else round(at * RATE)
        if first < self._samples:
            raise ValueError(f"the room's time is {self.time:.3f} s; nothing can be said at {at:.3f} s")
        voice = sound.pcm if sound.rate == RATE else soxr.resample(sound.pcm, sound.rate, RATE)
        self._voices.append((first, voice.astype(np.float64)))

    def advance(self, seconds: float) -> Iterator[Pcm]:
        """Let time pass, block by block: what the microphone hears, int16 of shape (320,), 16 kHz.

        A block's time has passed when it is yielded; as much passes as is asked for, rounded up to blocks.
        """
        end = self._samples + seconds * RATE - 1e-6
        while self._samples < end:
            yield self._next_block()

    def _next_block(self) -> Pcm:
        played = self.speaker.take()
        if self._record:
            self._played.append(played)
        heard = self._echo(played.astype(np.float64)) + self._said()
        if len(self._noise):
            heard += np.take(self._noise, range(self._samples, self._samples + BLOCK), mode="wrap")
        self._samples += BLOCK
        self.speaker.settle()
        return np.clip(np.rint(heard), -32768, 32767).astype(np.int16)

    def _said(self) -> Wave:
        """The person's part of the block that begins now."""
        now, block = self._samples, np.zeros(BLOCK)
        for first, voice in self._voices:
            start, stop = max(first, now), min(first + len(voice), now + BLOCK)
            if start < stop:
                block[start - now : stop - now] += voice[start - first : stop - first]
        self._voices = [(first, voice) for first, voice in self._voices if first + len(voice) > now + BLOCK]
        return block


class Convolver:
    """Convolves a stream with an impulse response, block by block (overlap-add).

    Source: Oppenheim and Schafer, Discrete-Time Signal Processing, section 8.7.3.
    """

    def __init__(self, response: Wave, block: int) -> None:
        self._block = block
        self._size = 1 << (len(response) + block - 2).bit_length()
        self._spectrum = np.fft.rfft(response, self._size)
        self._tail = np.zeros(self._size)

    def __call__(self, block: Wave) -> Wave:
        total = np.fft.irfft(np.fft.rfft(block, self._size) * self._spectrum, self._size) + self._tail
        self._tail = np.concatenate([total[self._block :], np.zeros(self._block)])
        return total[: self._block]


def synthetic_response(rt60: float = 0.3, delay: float = 0.03, seed: int = 0) -> Wave:
    """A direct sound after ``delay`` seconds and noise that decays by 60 dB within ``rt60`` seconds."""
    time = np.arange(round(rt60 * RATE)) / RATE
    tail = 0.1 * np.random.default_rng(seed).standard_normal(len(time)) * 10 ** (-3 * time / rt60)
    tail[0] = 1.0
    return np.concatenate([np.zeros(round(delay * RATE)), tail])


def pink_noise(seconds: float, seed: int = 0) -> Wave:
    """Noise with equal power in each octave, RMS 1, which repeats without a seam."""
    samples = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(samples))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, samples)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)))


def _noise(noise: Sound | None, snr_db: float | None, seed: int) -> Wave:
    """What is repeated under everything; empty for none."""
    if snr_db is None:
        return np.zeros(0)
    if noise is None:
        wave = pink_noise(10.0, seed)
    else:
        wave = soxr.resample(noise.pcm.astype(np.float64), noise.rate, RATE)
        wave = wave / np.sqrt(np.mean(wave**2))
    return np.asarray(wave * VOICE_LEVEL * 10 ** (-snr_db / 20))
