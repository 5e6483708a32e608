"""The child process in which pyttsx3 renders lines to PCM. Run as a script; nothing imports it.

It stands apart because pyttsx3 prints to stdout, can hang for ever (an unwritable file does it) and loads a
GPL library. ``SpeechProcess`` talks to it over stdin and stdout:

    request    one line of JSON: {"text", "voice", "rate", "pitch", "volume"}, or {"voices": true}
    reply      one line of JSON: {"bytes", "rate", "fallback"} and then that many bytes of mono 16-bit PCM,
               or {"voices": [...]}, or {"error": "..."}

Only the standard library, pyttsx3 and espeakng_loader are imported, so that the first word comes quickly.
The working folder comes as the only argument and is deleted when the parent is gone.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

Request = dict[str, Any]


def main() -> None:
    folder = Path(sys.argv[1])
    requests, replies = sys.stdin.buffer, own_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which still wants to say goodbye
    sys.unraisablehook = lambda raised: give_up(replies, str(raised.exc_value))
    try:
        engine = Engine(folder)
    except Exception as error:
        give_up(replies, f"no speech engine: {error}")
    for line in requests:
        header, pcm = engine.answer(json.loads(line))
        send(replies, header, pcm)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # eSpeak's threads may abort an ordinary exit


def own_stdout() -> BinaryIO:
    """The real stdout for replies alone; whatever anyone prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return replies


def send(replies: BinaryIO, header: Request, pcm: bytes = b"") -> None:
    replies.write(json.dumps(header).encode() + b"\n" + pcm)
    replies.flush()


def give_up(replies: BinaryIO, why: str) -> None:
    """Say why, and end: after an error inside eSpeak's callback, pyttsx3 would wait for ever."""
    with contextlib.suppress(OSError):
        send(replies, {"error": why})
    os._exit(1)


class Engine:
    """pyttsx3, asked for one line at a time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "line.wav"
        if sys.platform == "linux":
            load_bundled_espeak()
        import pyttsx3

        self._engine = pyttsx3.init()
        self._errors: list[str] = []
        self._engine.connect("error", lambda name, exception: self._errors.append(str(exception)))
        # Its queue counts as busy until a first run; without this one, the first line would return before its
        # file is complete.
        self._engine.runAndWait()
        self._is_espeak = self._engine.driver_name == "espeak"
        if self._is_espeak:
            end_lines_rendered_at_once(self._engine.proxy._driver)
        self._voice: str | None = None
        self._fallback = False

    def answer(self, request: Request) -> tuple[Request, bytes]:
        if request.get("voices"):
            return {"voices": [description(voice) for voice in self._engine.getProperty("voices")]}, b""
        self._choose(request["voice"])
        self._settle()
        self._engine.save_to_file(self._prepared(request), str(self._file))
        self._engine.runAndWait()
        pcm, rate = read_and_delete(self._file)
        return {"bytes": len(pcm), "rate": rate, "fallback": self._fallback}, pcm

    def _choose(self, name: str) -> None:
        """Switch to the voice, or to the engine's default where it has none of that name."""
        if name == self._voice:
            return
        found = find_voice(name, self._engine.getProperty("voices"))
        self._errors.clear()
        self._engine.setProperty("voice", found or name)
        self._fallback = bool(self._errors)
        if self._fallback and self._is_espeak:
            self._engine.setProperty("voice", "en")
        self._voice = name

    def _settle(self) -> None:
        """Wait for eSpeak's own thread, which changes the voice and ends lines behind pyttsx3's back.

        While it is busy, pyttsx3 takes it to be speaking, and cancels the next line.
        """
        if self._is_espeak:
            from pyttsx3.drivers import _espeak

            _espeak.Synchronize()

    def _prepared(self, request: Request) -> str:
        """The text, with its rate, pitch and volume set."""
        rate, pitch, volume = request["rate"], request["pitch"], request["volume"]
        if self._is_espeak:
            # As properties they too would race with the line, and eSpeak NG goes back to 175 words a minute
            # after each. Its control codes at the head of the text (Ctrl-A, number, letter) are in time.
            return f"\x01{rate}S\x01{pitch}P\x01{round(100 * volume)}A {request['text']}"
        for name, value in (("rate", rate), ("pitch", pitch), ("volume", volume)):
            self._engine.setProperty(name, value)
        return str(request["text"])


def load_bundled_espeak() -> None:
    """Put the library that pip brought where pyttsx3 finds it, so that speech sounds the same everywhere.

    Where there is no such package (no wheel for the machine), pyttsx3 looks for the system's own.
    """
    try:
        import espeakng_loader
    except ImportError:
        return
    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    # With RTLD_GLOBAL, the loader resolves pyttsx3's "libespeak-ng.so.1" to this library by its soname.
    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)


def end_lines_rendered_at_once(driver: Any) -> None:
    """Tell pyttsx3 that a line is over where eSpeak does not.

    With a thread of its own, eSpeak NG reports the end of a line, and pyttsx3 waits for that. It can be built
    without one, as in espeakng-loader's wheel for aarch64: it then renders the line before ``Synth`` returns,
    reports no end, and pyttsx3 would wait for ever.
    """
    from pyttsx3.drivers import _espeak

    synth = _espeak.Synth
    threads = set()

    def on_synth(wav: Any, samples: int, events: Any) -> int:
        threads.add(threading.get_ident())
        return int(driver._onSynth(wav, samples, events))

    def synth_to_the_end(*args: Any, **kwargs: Any) -> int:
        threads.clear()
        result = synth(*args, **kwargs)
        if threading.get_ident() in threads:
            driver._onSynth(None, 0, (_espeak.EVENT(type=_espeak.EVENT_MSG_TERMINATED),))
        return int(result)

    _espeak.SetSynthCallback(on_synth)
    _espeak.Synth = synth_to_the_end


def find_voice(name: str, voices: list[Any]) -> str | None:
    """The engine's id for a voice named by id, its last part, language or name; ``+f3`` picks a variant."""
    base, plus, variant = name.partition("+")
    wanted = base.casefold()
    tests: tuple[Callable[[Any], str], ...] = (
        lambda voice: voice.id,
        lambda voice: voice.id.rpartition("/")[2],
        lambda voice: str((voice.languages or [""])[0]).replace("_", "-"),
        lambda voice: voice.name,
    )
    for test in tests:
        for voice in voices:
            if str(test(voice)).casefold() == wanted:
                return str(voice.id) + plus + variant
    return None


def description(voice: Any) -> Request:
    languages = [str(language).replace("_", "-") for language in voice.languages]
    return {"id": str(voice.id), "name": str(voice.name), "languages": languages}


def read_and_delete(file: Path) -> tuple[bytes, int]:
    """PCM (mono, 16 bit) and rate of a rendered file."""
    if sys.platform == "darwin":  # its driver writes AIFF whatever the ending
        aiff = file.replace(file.with_suffix(".aiff"))
        subprocess.run(["afconvert", "-f", "WAVE", "-d", "LEI16", aiff, file], check=True, timeout=5)
    with wave.open(str(file)) as sound:
        pcm, rate = sound.readframes(sound.getnframes()), sound.getframerate()
    file.unlink()
    return pcm, rate


if __name__ == "__main__":
    main()
