"""Lines that were rendered before, kept in memory and as WAV files."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from pathlib import Path

from companion.audio.wav import WavError, read_wav, write_wav
from companion.tts.base import Sound, Synthesiser, Voice

log = logging.getLogger(__name__)

FORMAT = 1  # raise it when rendering changes, so that old files are not used


class CachedSynthesiser:
    """A synthesiser that asks ``inner`` only for what it has not got. Thread-safe.

    ``folder`` holds a WAV file for each line and may be emptied at any time; where it cannot be used, one
    warning is logged and lines are kept in memory alone. ``size`` is the most the files may take, in bytes:
    the longest unused go first. ``lines`` is how many are kept in memory.
    """

    def __init__(
        self, inner: Synthesiser, folder: Path | None, size: int = 100_000_000, lines: int = 500
    ) -> None:
        self._inner = inner
        self._folder = folder
        self._size = size
        self._lines = lines
        self._memory: OrderedDict[str, Sound] = OrderedDict()
        self._lock = threading.Lock()
        self._total: int | None = None  # bytes on disk; counted when a file is first written

    def __repr__(self) -> str:
        return f"<CachedSynthesiser {len(self._memory)} lines, {self._folder}, of {self._inner!r}>"

    def __enter__(self) -> CachedSynthesiser:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def render(self, text: str, voice: Voice) -> Sound:
        key = key_of(text, voice)
        sound = self._remembered(key) or self._read(key)
        if sound is None:
            sound = self._inner.render(text, voice)
            self._write(key, sound)
        self._remember(key, sound)
        return sound

    def close(self) -> None:
        self._inner.close()

    def _remembered(self, key: str) -> Sound | None:
        with self._lock:
            if key in self._memory:
                self._memory.move_to_end(key)
            return self._memory.get(key)

    def _remember(self, key: str, sound: Sound) -> None:
        with self._lock:
            self._memory[key] = sound
            if len(self._memory) > self._lines:
                self._memory.popitem(last=False)

    def _read(self, key: str) -> Sound | None:
        """The line from its file; None where there is none, or one that is no sound."""
        if self._folder is None:
            return None
        file = self._folder / f"{key}.wav"
        try:
            sound = read_wav(file)
            file.touch()
        except (WavError, OSError):
            return None
        return sound

    def _write(self, key: str, sound: Sound) -> None:
        with self._lock:
            if self._folder is None:
                return
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                write_wav(self._folder / f"{key}.wav", sound)
                self._make_room(self._folder, 2 * len(sound.pcm))
            except OSError as error:
                log.warning("Rendered speech is not kept: %s: %s.", self._folder, error.strerror)
                self._folder = None

    def _make_room(self, folder: Path, written: int) -> None:
        if self._total is not None:
            self._total += written
        if self._total is None or self._total > self._size:
            files = sorted(
                (found.stat().st_mtime, found.stat().st_size, found) for found in folder.glob("*.wav")
            )
            self._total = sum(size for _, size, _ in files)
            for _, size, file in files[:-1]:
                if self._total <= self._size:
                    break
                file.unlink(missing_ok=True)
                self._total -= size


def key_of(text: str, voice: Voice) -> str:
    """A name for the line as this voice says it. The voice's own id does not count, only its sound."""
    sound = [FORMAT, voice.engine, voice.voice, voice.rate, voice.pitch, voice.volume, voice.pause, text]
    return hashlib.sha256(json.dumps(sound).encode()).hexdigest()[:32]
