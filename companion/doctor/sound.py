"""Checks of the microphone, the loudspeaker, and the way from one to the other."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from companion.audio.devices import devices, find_device, sounddevice
from companion.audio.echo import cancelled_microphone, system_cancelled
from companion.audio.measure import SILENCE, find_echo, level, sweep
from companion.audio.microphone import RATE, FileMicrophone, Microphone
from companion.audio.output import SoundCardOutput
from companion.audio.player import Player
from companion.doctor.check import Finding, Machine

if TYPE_CHECKING:
    from companion.audio.mixer import Pcm

FIRST_FRAME = 2.0  # seconds in which a microphone has to give something
LISTENING = 1.0  # seconds of microphone that are looked at
TALKING = 5.0  # seconds for "say something"
FAINT = -45.0  # dB; a voice below this is hardly understood
TOO_LOUD = -3.0  # dB; a voice above this is distorted
LOUD_ECHO = -10.0  # dB; a louder one drowns the person's voice
ECHO_TAIL = 0.7  # seconds after the sound in which its echo may still come
MUTED = "Unmute it and turn it up in the system's sound settings; some headsets have a switch."


def portaudio(_: Machine) -> Finding:
    version = str(sounddevice().get_portaudio_version()[1]).split(",")[0]
    found = devices()
    if not found:
        return Finding(
            "fail",
            f"{version} sees no sound device",
            "Plug in a microphone and a loudspeaker, or a headset. Without: companion start ROUTINE --text",
        )
    return Finding("ok", f"{version}, {len(found)} devices (companion devices lists them)")


def microphone(machine: Machine) -> Finding:
    with _Listener(machine.settings.audio.microphone) as ear:
        ear.listen(LISTENING)
        loudness = level(ear.heard)
        if not len(ear.heard):
            return Finding("fail", f"{ear.name} gives no sound", "Plug it in again, or choose another.")
        if loudness == SILENCE:
            return Finding("warn", f"{ear.name} gives nothing but zeros", MUTED)
        if ear.overruns:
            return Finding("warn", f"{ear.name} lost sound {ear.overruns} times", "Close busy programs.")
        return Finding("ok", f"{ear.name}, room at {loudness:.0f} dB")


def voice_level(machine: Machine) -> Finding:
    """Say something: how loud it gets, shown while it is said."""
    loudest = SILENCE
    with _Listener(machine.settings.audio.microphone) as ear:

        def meter(recent: Pcm) -> None:
            nonlocal loudest
            loudest = max(loudest, level(recent))
            machine.meter(level(recent))

        ear.listen(TALKING, meter)
    machine.meter(None)
    found = f"up to {loudest:.0f} dB"
    if loudest < FAINT:
        return Finding("warn", f"{found}: hardly anything", f"Come nearer. {MUTED}")
    if loudest > TOO_LOUD:
        return Finding("warn", f"{found}: distorted", "Turn the microphone down in the sound settings.")
    return Finding("ok", found)


def loudspeaker(machine: Machine) -> Finding:
    """Play a short sound; whether it was heard, only a person can tell."""
    audio, speech = machine.settings.audio, machine.settings.speech
    over = threading.Event()
    output = SoundCardOutput(audio.speaker)
    with Player(output, lambda _utterance, _completed: over.set(), audio.lead_in) as player:
        player.play(1, sweep(), speech.volume)
        if not over.wait(FIRST_FRAME + 2):
            return Finding("fail", f"{output.name} takes no sound", "Plug it in again, or choose another.")
        time.sleep(output.latency)
    found = f"{output.name}, {output.rate} Hz: a rising tone was played"
    return Finding("ok", found, "If you heard none, turn it up, or choose another (companion devices).")


def echo(machine: Machine) -> Finding:
    """Whether the loudspeaker is heard in the microphone, and what already cancels that."""
    audio, speech = machine.settings.audio, machine.settings.speech
    over = threading.Event()
    sound = sweep()
    with _Listener(audio.microphone) as ear:
        output = SoundCardOutput(audio.speaker)
        with Player(output, lambda _utterance, _completed: over.set(), 0.0) as player:
            ear.listen(max(audio.lead_in, 0.1))  # by then loudspeakers that sleep are awake
            played_at = len(ear.heard) / RATE
            player.play(1, sound, speech.volume)
            over.wait(FIRST_FRAME + sound.seconds)
            ear.listen(ECHO_TAIL)
        heard = ear.heard
    default, cancelled = _system_sources()
    source = ear.name if system_cancelled(ear.name) else default if audio.microphone is None else ""
    system = f"; the system cancels echo in {source}" if system_cancelled(source) else ""
    found = find_echo(heard, sound.pcm, played_at)
    if found is None:
        silent = level(heard) == SILENCE
        why = "the microphone is silent" if silent else "headphones, or a microphone far away"
        return Finding("ok", f"none comes back: {why}{system}")
    came = f"comes back at {found.level:.0f} dB after {max(found.delay, 0):.2f} s{system}"
    if system:
        return Finding("ok", came)
    came += "; the companion takes it out itself"
    remedy = ""
    if cancelled:
        remedy = f"The system offers {cancelled[0]}: pactl set-default-source {cancelled[0]}"
    elif found.level > LOUD_ECHO:
        remedy = "Turn the loudspeaker down or move it away from the microphone, or use headphones."
    return Finding("warn" if found.level > LOUD_ECHO else "ok", came, remedy)


def _system_sources() -> tuple[str, list[str]]:
    """The sound server's default source, and those of its sources that cancel echo."""
    info = _pactl("info")
    default = next((line[16:] for line in info.splitlines() if line.startswith("Default Source: ")), "")
    names = [line.split("\t")[1] for line in _pactl("list", "short", "sources").splitlines() if "\t" in line]
    return default, [name for name in names if system_cancelled(name) and not name.endswith(".monitor")]


def _pactl(*arguments: str) -> str:
    try:
        return subprocess.run(
            ["pactl", *arguments],
            capture_output=True,
            text=True,
            timeout=3,
            env={**os.environ, "LC_ALL": "C"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""  # no such sound server


class _Listener:
    """A microphone, or the file in place of one, whose sound is kept. A context manager."""

    def __init__(self, device: str | None) -> None:
        self._grown = threading.Condition()
        self._blocks: list[Pcm] = []
        self._source: Microphone | FileMicrophone
        if device is not None and device.lower().endswith(".wav"):
            self._source, self.name = FileMicrophone(Path(device), self._take), device
        else:
            found = find_device("input", cancelled_microphone() if device is None else device)
            self._source, self.name = Microphone(found.number, self._take), found.name

    def __enter__(self) -> _Listener:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._source.close()

    @property
    def heard(self) -> Pcm:
        """All so far, at 16 kHz."""
        with self._grown:
            return np.concatenate([np.zeros(0, np.int16), *self._blocks])

    @property
    def overruns(self) -> int:
        return self._source.overruns

    def listen(self, seconds: float, each: Callable[[Pcm], None] = lambda recent: None) -> None:
        """Listen for so long; ``each`` gets every tenth of a second. Ends early where nothing comes."""
        tenth = 5  # blocks
        for _ in range(round(seconds * 10)):
            with self._grown:
                wanted = len(self._blocks) + tenth
                if not self._grown.wait_for(lambda: len(self._blocks) >= wanted, FIRST_FRAME):  # noqa: B023
                    return
                recent = np.concatenate(self._blocks[-tenth:])
            each(recent)

    def _take(self, block: Pcm) -> None:
        with self._grown:
            self._blocks.append(block)
            self._grown.notify_all()
