"""WAV files in and out."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.tts.base import Sound


class WavError(Exception):
    """The file cannot be used as sound; the message names it and says what was expected."""


def is_wav(device: str | None) -> bool:
    """Whether a WAV file is named where a device could be."""
    return device is not None and device.lower().endswith(".wav")


def read_wav(path: Path) -> Sound:
    """Read a WAV file of 8-, 16-, 24- or 32-bit whole numbers; several channels are averaged to one.

    Raise ``WavError``.
    """
    try:
        with wave.open(str(path)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except OSError as error:
        raise WavError(f"{path}: {error.strerror}.") from error
    except (wave.Error, EOFError) as error:
        raise WavError(
            f"{path}: not a WAV file of whole numbers ({error or 'it is cut off'}). Convert it with"
            f" `ffmpeg -i {path} -c:a pcm_s16le new.wav`."
        ) from error
    samples = _as_int16(data[: len(data) // (width * channels) * width * channels], width)
    return Sound(samples.reshape(-1, channels).mean(axis=1).astype(np.int16), rate)


def _as_int16(data: bytes, width: int) -> NDArray[np.int16]:
    """The two highest bytes of each little-endian sample; 8-bit samples are unsigned."""
    octets = np.frombuffer(data, np.uint8).reshape(-1, width)
    if width == 1:
        return (octets[:, 0].astype(np.int16) - 128) * 256
    return np.ascontiguousarray(octets[:, -2:]).view("<i2")[:, 0].astype(np.int16)


def write_wav(path: Path, sound: Sound) -> None:
    """Write mono 16 bits: whole or, where that fails (OSError), not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as raw, wave.open(raw) as file:
            file.setparams((1, 2, sound.rate, 0, "NONE", ""))
            file.writeframes(sound.pcm.astype("<i2").tobytes())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
