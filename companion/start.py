"""Starts a session, or goes on with one, where somebody can take part; else shows how it would go."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from companion.config import Settings, load_settings
from companion.content.model import Routine
from companion.keep import Keeper
from companion.load import Loaded, load
from companion.rehearse import Rehearsal
from companion.run import Run
from companion.screen import JsonLines, Lines, Screen
from companion.session.events import Begin, Event, command

if TYPE_CHECKING:
    pass

NOBODY = (
    "There is no microphone here and no terminal to type in, so nobody could take part. This is how the"
    " session would go. To take part, start it in a terminal, or plug in a microphone."
)


class NoPlaceError(Exception):
    """There is no session to go on with; the message says what to do."""


# -- the commands ---------------------------------------------------------------------------------------


def lead(
    options: argparse.Namespace,
    routine: str | None,
    first: Event | None = None,
    resident: bool = False,
    service: bool = False,
) -> int:
    """Lead a session, or wait for one to be asked for. ``service``: stay for other programs to use."""
    settings = _settings(options)
    loaded, found = load(settings, routine)
    if not service and not _somebody_can_take_part(options, settings):
        return _rehearse_instead(loaded, found or next(iter(loaded.library.routines.values())), options.json)
    state = Keeper().start_state()
    state = dataclasses.replace(state, volume=settings.speech.volume)
    first = first or Begin(found.id if found else "")
    return asyncio.run(Run(loaded, options, service).run(first, state, resident))


def resume(options: argparse.Namespace) -> int:
    """``companion resume``: go on where a session was left."""
    keeper = Keeper()
    place = keeper.place()
    if place is None:
        raise NoPlaceError(
            "no place was kept in the last two hours; start anew: companion start sciatica-relief"
        )
    loaded, _ = load(_settings(options), place.routine)
    locked = keeper.start_state()
    if not place.fits(loaded.library):
        raise NoPlaceError(f"{place.routine} has changed since; start anew: companion start {place.routine}")
    state = place.state if locked.lock is None else locked
    return asyncio.run(Run(loaded, options, False).run(command("resume"), state, False))


def _settings(options: argparse.Namespace) -> Settings:
    """The settings file's, with what was said on the command line on top."""
    settings = load_settings()
    speech = dataclasses.replace(
        settings.speech,
        voice=options.voice or settings.speech.voice,
        server=options.tts or settings.speech.server,
    )
    hearing = dataclasses.replace(
        settings.hearing,
        engine=options.engine or settings.hearing.engine,
        server=options.asr or settings.hearing.server,
    )
    audio = dataclasses.replace(
        settings.audio,
        microphone=options.mic or settings.audio.microphone,
        speaker=options.speaker or settings.audio.speaker,
    )
    return dataclasses.replace(settings, speech=speech, hearing=hearing, audio=audio)


# -- who is there ---------------------------------------------------------------------------------------


def can_type() -> bool:
    """Whether somebody could type: a terminal, or a program at the other end of a pipe."""
    if sys.stdin is None or sys.stdin.closed:
        return False
    if sys.stdin.isatty():
        return True
    return not stat.S_ISCHR(os.fstat(sys.stdin.fileno()).st_mode)  # no terminal, yet a device: /dev/null


def _somebody_can_take_part(options: argparse.Namespace, settings: Settings) -> bool:
    if options.text or (sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()):
        return can_type()
    from companion.audio.devices import NoDeviceError, find_device
    from companion.audio.wav import is_wav, read_wav

    if settings.audio.microphone is not None and is_wav(settings.audio.microphone):
        read_wav(Path(settings.audio.microphone))  # what is no sound is told before a session begins
        return True
    try:
        find_device("input", settings.audio.microphone)
    except NoDeviceError:
        if settings.audio.microphone is not None:
            raise  # it was asked for by name: that is a mistake to mend, not a machine without sound
        return False
    return True


def _rehearse_instead(loaded: Loaded, routine: Routine, as_json: bool) -> int:
    screen: Screen = JsonLines() if as_json else Lines()
    screen.note(NOBODY)
    for entry in Rehearsal(loaded.world, loaded.interpreter).run(routine.id):
        screen.show(entry)
    return 0
