"""The loudspeaker and the microphone of one run, watched over, with the echo canceller between them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from companion.audio.devices import Kind, find_device
from companion.audio.echo import EchoGuard, cancelled_microphone, system_cancelled
from companion.audio.microphone import FileMicrophone, Microphone, OnFrames
from companion.audio.mixer import Pcm
from companion.audio.output import FileOutput, Output, SoundCardOutput
from companion.audio.watch import Beat, SoundWatch
from companion.audio.wav import is_wav
from companion.config import AudioSettings


class Sound:
    """Opens what the settings name. A context manager.

    ``on_lost`` and ``on_back`` are told "input" or "output" where a device goes and comes back, from a thread
    of their own. Its methods raise ``NoDeviceError``, and ``WavError`` for a file that is no sound.
    """

    def __init__(
        self, settings: AudioSettings, on_lost: Callable[[Kind], None], on_back: Callable[[Kind], None]
    ) -> None:
        self._settings = settings
        self._on_back = on_back
        self._echo: EchoGuard | None = None  # there is none of a companion that is silent
        self._file: FileMicrophone | None = None
        self._watch = SoundWatch(on_lost, self._back)

    def __repr__(self) -> str:
        return f"<Sound {self._watch!r}, {self._echo!r}>"

    def __enter__(self) -> Sound:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._file is not None:
            self._file.close()
        self._watch.close()

    @property
    def own_voice(self) -> bool:
        """Whether the companion's own voice may be in what is heard."""
        return self._echo is None or not self._echo.echo_gone

    def output(self) -> Output:
        """The loudspeaker."""
        wanted = self._settings.speaker
        output: Output = (
            FileOutput(Path(wanted))
            if wanted and is_wav(wanted)
            else self._watch.output(lambda: SoundCardOutput(wanted))
        )
        self._echo = EchoGuard(output.rate)
        return output

    def played(self, pcm: Pcm) -> None:
        """What the loudspeaker of ``output`` gets."""
        if self._echo is not None:
            self._echo.played(pcm)

    def check_microphone(self) -> None:
        """Raise what ``listen`` would, before anything is loaded for it."""
        if not is_wav(self._settings.microphone):
            find_device("input", self._settings.microphone)

    def listen(self, take: OnFrames) -> None:
        """Hand on what the microphone hears, without the companion's own voice."""
        wanted = self._settings.microphone
        if wanted and is_wav(wanted):
            self._file = FileMicrophone(Path(wanted), take)
        else:
            self._watch.microphone(self._microphone, take)

    def _microphone(self, take: OnFrames, beat: Beat) -> Microphone:
        wanted = self._settings.microphone
        device = find_device("input", cancelled_microphone() if wanted is None else wanted)
        echo = None if system_cancelled(device.name) else self._echo
        clean = take if echo is None else lambda block: take(echo.clean(block))
        return Microphone(device.number, clean, beat)

    def _back(self, kind: Kind) -> None:
        if self._echo is not None:
            self._echo.pair()
        self._on_back(kind)
