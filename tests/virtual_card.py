"""A sound card without hardware: a private PulseAudio with null sinks, seen by the real PortAudio.

    program ─► "speakers" (or "hifi") sink ─► its monitor ─► ``card.record()``
    ``card.say()`` ─► "mouth" sink ─► its monitor = "mic" source ─► program

PortAudio reads the list of devices when it is initialised. So a program under test runs in a child process
with ``card.environment``; to use PortAudio in the test's own process, the environment is set and PortAudio
initialised again (``card.use_here()``, which the ``virtual_card`` fixture has done).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from companion.audio.wav import read_wav
from companion.tts.base import Sound

NEEDED = {
    "pulseaudio": "pulseaudio",
    "paplay": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "pactl": "pulseaudio-utils",
    "flite": "flite",
}
RATE = 48_000
TALKER = "slt"  # flite's voice for the person in front of the microphone: it is understood at any loudness
START_LIMIT = 20.0  # seconds; it takes 0.2

# norewinds: without it, PulseAudio rewrites what a monitor has already given out, and sound is lost.
# The socket comes last: once it is there, so is all else.
SCRIPT = """
load-module module-null-sink sink_name=speakers rate={rate} channels=1 norewinds=1
load-module module-null-sink sink_name=hifi rate=44100 channels=2 norewinds=1
load-module module-null-sink sink_name=mouth rate={rate} channels=1 norewinds=1
load-module module-remap-source source_name=mic master=mouth.monitor channels=1
set-default-sink speakers
set-default-source mic
load-module module-native-protocol-unix socket={folder}/native auth-anonymous=1
"""

# PortAudio lists only those ALSA devices that have a hint.
ALSA = """
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.speakers { type pulse device speakers hint { show on description "virtual loudspeaker" } }
pcm.hifi { type pulse device hifi hint { show on description "virtual stereo loudspeaker" } }
pcm.mic { type pulse device mic hint { show on description "virtual microphone" } }
"""


class VirtualCard:
    """A running virtual sound card. A context manager."""

    def __init__(self) -> None:
        missing = sorted({package for tool, package in NEEDED.items() if not shutil.which(tool)})
        if missing:
            raise RuntimeError(f"the virtual sound card needs: apt install {' '.join(missing)}")
        self.folder = Path(tempfile.mkdtemp(prefix="card-"))
        (self.folder / "card.pa").write_text(SCRIPT.format(folder=self.folder, rate=RATE))
        (self.folder / "asound.conf").write_text(ALSA)
        (self.folder / "client.conf").write_text("autospawn = no\nenable-shm = no\n")
        self.environment = {
            "PULSE_SERVER": f"unix:{self.folder}/native",
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_STATE_PATH": str(self.folder),
            "PULSE_CLIENTCONFIG": str(self.folder / "client.conf"),
            "PULSE_COOKIE": str(self.folder / "cookie"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{self.folder}/asound.conf",
        }
        self._server = self._start()

    def __repr__(self) -> str:
        return f"<VirtualCard {self.folder}, pulseaudio process {self._server.pid}>"

    def __enter__(self) -> VirtualCard:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        log = self.folder / "log"
        server = subprocess.Popen(
            [
                "pulseaudio", "-n", f"--file={self.folder}/card.pa", "--daemonize=no", "--exit-idle-time=-1",
                "--use-pid-file=no", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
                f"--log-target=file:{log}",
            ],
            env={**os.environ, **self.environment, "XDG_CONFIG_HOME": str(self.folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=end_with_parent,
        )  # fmt: skip
        deadline = time.monotonic() + START_LIMIT
        while not self._answers():
            if server.poll() is not None or time.monotonic() > deadline:
                server.kill()
                raise RuntimeError(f"pulseaudio did not start: {log.read_text() if log.exists() else ''}")
            time.sleep(0.02)
        return server

    def _answers(self) -> bool:
        if not (self.folder / "native").exists():
            return False
        return subprocess.run(["pactl", "info"], env=self._env(), capture_output=True).returncode == 0

    def _env(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Unplug the card: every stream on it ends, and no device is left."""
        self._server.kill()
        self._server.wait()
        (self.folder / "native").unlink()

    def restart(self) -> None:
        """Plug it in again."""
        self._server = self._start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """With a server that does nothing and answers nobody."""
        self._server.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._server.send_signal(signal.SIGCONT)

    def use_here(self) -> None:
        """Let PortAudio in this process see the card."""
        os.environ.update(self.environment)
        import sounddevice

        sounddevice._terminate()
        sounddevice._initialize()

    @contextmanager
    def loaded(self, *module: str) -> Iterator[None]:
        """With a module of the sound server: its name and arguments."""
        number = self._pactl("load-module", *module)
        try:
            yield
        finally:
            self._pactl("unload-module", number)

    @contextmanager
    def default_source(self, name: str) -> Iterator[None]:
        """With another microphone as the system's choice."""
        self._pactl("set-default-source", name)
        try:
            yield
        finally:
            self._pactl("set-default-source", "mic")

    def _pactl(self, *arguments: str) -> str:
        command = ["pactl", *arguments]
        return subprocess.run(
            command, env=self._env(), check=True, capture_output=True, text=True
        ).stdout.strip()

    def say(self, what: str | Sound) -> None:
        """Say it into the microphone; returns when it has been said."""
        sound = what if isinstance(what, Sound) else spoken(what)
        file = self.folder / f"said-{threading.get_ident()}.wav"
        with wave.open(str(file), "wb") as wav:
            wav.setparams((1, 2, sound.rate, 0, "NONE", ""))
            wav.writeframes(sound.pcm.astype("<i2").tobytes())
        subprocess.run(["paplay", "--device=mouth", str(file)], env=self._env(), check=True)

    @contextmanager
    def record(self, sink: str = "speakers", rate: int = 16_000) -> Iterator[Tape]:
        """Record what a loudspeaker plays, from now to the end of the block."""
        recorder = subprocess.Popen(
            ["parec", f"--device={sink}.monitor", f"--rate={rate}", "--channels=1", "--format=s16le", "--raw",
             "--latency-msec=20"],
            env=self._env(), stdout=subprocess.PIPE,
        )  # fmt: skip
        tape = Tape(recorder, rate)
        try:
            tape.wait(lambda pcm: len(pcm) > 0)
            yield tape
        finally:
            recorder.kill()
            tape.close()
            recorder.wait()


class Tape:
    """What has been recorded so far. It grows until the ``record`` block ends."""

    def __init__(self, recorder: subprocess.Popen[bytes], rate: int) -> None:
        self.rate = rate
        self.started = 0.0  # time.monotonic() of the first sample, as exactly as blocks of 20 ms allow
        self._blocks: list[bytes] = []
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(recorder,), daemon=True)
        self._reader.start()

    def _read(self, recorder: subprocess.Popen[bytes]) -> None:
        assert recorder.stdout
        while block := os.read(recorder.stdout.fileno(), 1 << 16):
            with self._grown:
                if not self._blocks:
                    self.started = time.monotonic() - len(block) / 2 / self.rate
                self._blocks.append(block)
                self._grown.notify_all()

    @property
    def pcm(self) -> np.ndarray:
        """All samples so far, int16."""
        with self._grown:
            data = b"".join(self._blocks)
        return np.frombuffer(data[: len(data) // 2 * 2], "<i2")

    @property
    def seconds(self) -> float:
        return len(self.pcm) / self.rate

    def wait(self, until: Callable[[np.ndarray], bool], limit: float = 30.0) -> np.ndarray:
        """Wait till ``until`` holds for the recording and return it; AssertionError after ``limit`` s."""
        deadline = time.monotonic() + limit
        while True:
            pcm = self.pcm
            if until(pcm):
                return pcm
            with self._grown:
                if not self._grown.wait(timeout=max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"not heard within {limit} s; recorded {len(pcm) / self.rate:.2f} s")

    def wait_for_sound(self, limit: float = 30.0) -> np.ndarray:
        """Wait till something sounds."""
        return self.wait(lambda pcm: bool(len(spans(pcm, self.rate))), limit)

    def wait_for_quiet(self, quiet: float = 0.5, limit: float = 60.0) -> np.ndarray:
        """Wait till something has sounded and then nothing for ``quiet`` seconds."""

        def over(pcm: np.ndarray) -> bool:
            found = spans(pcm, self.rate)
            return bool(found) and found[-1][1] < len(pcm) / self.rate - quiet

        return self.wait(over, limit)

    def spans(self, gap: float = 0.2) -> list[tuple[float, float]]:
        """When it sounded: (start, end) in seconds of the recording; pauses under ``gap`` do not part."""
        return spans(self.pcm, self.rate, gap)

    def close(self) -> None:
        self._reader.join()


def spans(pcm: np.ndarray, rate: int, gap: float = 0.2, quiet: int = 50) -> list[tuple[float, float]]:
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > quiet)
    if not len(loud):
        return []
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > gap * rate) + 1)
    return [(part[0] / rate, (part[-1] + 1) / rate) for part in parts]


def spoken(text: str) -> Sound:
    """The text in the talker's voice."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", TALKER, "-t", text, "-o", str(file)], check=True, timeout=20)
        return read_wav(file)


def end_with_parent() -> None:
    """Let a child die with the tests, even where they are killed."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
