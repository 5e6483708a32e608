"""One run of the companion: opens what this machine has, says what it has not, and closes it all."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, ExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from companion.app import NOTHING_RUNS, Companion
from companion.config import cache_folder, data_folder
from companion.control.control import Control
from companion.control.hands import reachable, service
from companion.keep import Place
from companion.load import Loaded
from companion.memory import Memory
from companion.mouth import SilentMouth, SpokenMouth
from companion.rehearse import Rehearsal
from companion.screen import JsonLines, Lines, NotesAlone, Screen
from companion.session.events import Begin, Event, Greet, Notice, command
from companion.session.state import State
from companion.wake import Wake

if TYPE_CHECKING:
    from companion.asr.base import Hypothesis
    from companion.audio.devices import Kind
    from companion.content.language import Language
    from companion.ears import Listening
    from companion.nlu.interpreter import Interpreter
    from companion.sound import Sound
    from companion.tts.ahead import RenderAhead
    from companion.tts.base import Synthesiser

LEFT = 130  # the exit code of a program that was left with Ctrl-C


# -- speech ---------------------------------------------------------------------------------------------


def new_synthesiser(
    language: Language, server: str = "", pace: int = 0, note: Callable[[str], None] = lambda text: None
) -> RenderAhead:
    """Speech, spelled out, kept and rendered ahead. Its process starts with the first line.

    With a ``server`` (tcp://host:port), that speaks what is said at ``pace`` (words a minute), where it can.
    """
    from companion.audio.wyoming import ServerError
    from companion.tts.abbreviations import SpelledOut
    from companion.tts.ahead import RenderAhead
    from companion.tts.cache import CachedSynthesiser
    from companion.tts.process import SpeechProcess
    from companion.tts.wyoming import OrLocal, WyomingSynthesiser

    abbreviations = language.data("abbreviations")

    def kept(synthesiser: Synthesiser, folder: str) -> Synthesiser:
        return CachedSynthesiser(SpelledOut(synthesiser, abbreviations), cache_folder() / folder)

    local = kept(SpeechProcess(), "speech")
    if not server:
        return RenderAhead(local)
    try:
        remote = WyomingSynthesiser(server, pace, note)
    except ServerError as error:
        note(str(error))
        return RenderAhead(local)
    return RenderAhead(OrLocal(kept(remote, "speech-" + re.sub(r"\W+", "-", server)), local))


def listening(loaded: Loaded, interpreter: Interpreter) -> Listening:
    """What the recogniser has to be made from."""
    from companion.ears import Listening
    from companion.nlu.sounds_like import normalise

    wake = normalise(loaded.settings.hearing.wake)
    return Listening(
        loaded.settings.hearing.engine,
        [*interpreter.commands.short_phrases(), *([wake] if wake else [])],
        loaded.language.data("pronunciations"),
        data_folder() / "models",
        loaded.settings.hearing.server,
        loaded.language.file("domain.arpa.gz"),
    )


# -- one run --------------------------------------------------------------------------------------------


class Run:
    """Opens what this machine has, says what it has not, runs the companion, and closes it all."""

    def __init__(self, loaded: Loaded, options: argparse.Namespace, service: bool) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._options = options
        self._service = service
        self._memory = Memory(self._note)
        self._sound: Sound | None = None  # there is none where all is typed and read
        self._mouth: SpokenMouth | None = None
        self._leaving = False
        self._stack = ExitStack()
        self._screen: Screen = JsonLines() if options.json else NotesAlone() if service else Lines()

    async def run(self, first: Event, state: State, resident: bool) -> int:
        """Lead sessions until it is over; return the exit code."""
        self._loop = asyncio.get_running_loop()
        self._wake = Wake(self._settings.hearing.wake if resident else "")
        self._companion = Companion(
            self._loaded.world,
            lambda: self._loaded.interpreter,
            state,
            show=lambda entry: self._screen.show(entry),
            keep=self._memory.keep,
            recall=self._memory.recall,
            resident=resident,
        )
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows; there Ctrl-C ends the program at once
                self._loop.add_signal_handler(signal_number, self._leave)
        with self._stack:
            self._stack.enter_context(self._memory.writing(self._companion))
            control = Control(self._companion)
            async with self._hands(control):
                drawing = self._open_screen(control)
                state = await self._go(first)
                if drawing is not None:
                    self._screen.close()
                    await drawing
        return LEFT if self._leaving and not self._service else 0

    def _hands(self, control: Control) -> AbstractAsyncContextManager[None]:
        return service(control, self._settings, self._note) if self._service else reachable(control)

    async def _go(self, first: Event) -> State:
        self._open_mouth()
        for problem in self._loaded.library.problems:
            self._note(f"Left out: {problem}")
        if (place := self._memory.keeper.place()) is not None:
            first = self._offer(place, first)
        # The first word need not wait for the rest: it is made ready in a thread while that is said.
        getting_ready = asyncio.create_task(asyncio.to_thread(self._get_ready, first))
        getting_ready.add_done_callback(self._check)
        state = await self._companion.run(first)
        await getting_ready
        return state

    def _offer(self, place: Place, first: Event) -> Event:
        """Tell of a session that was left: aloud where one is waited for, else in a line."""
        if isinstance(first, Greet):
            return Greet(left=place.fits(self._loaded.library))
        if isinstance(first, Begin):
            minutes = round(place.ago / 60)
            self._note(f"A session was left {minutes} minutes ago; “companion resume” goes on there.")
        return first

    def _get_ready(self, first: Event) -> None:
        """Learn to understand, open the ears, and render what will be said. Runs in a thread."""
        _ = self._loaded.interpreter
        self._open_ears()
        if self._mouth is not None and isinstance(first, Begin):
            self._mouth.render_ahead(self._lines_ahead(first.routine), self._companion.state.rate)

    def _check(self, getting_ready: asyncio.Task[None]) -> None:
        """A companion that cannot understand must not go on: it would miss a red flag."""
        if getting_ready.exception() is not None:
            self._companion.leave()
        elif self._service:
            from companion.control.notify import notify

            notify("READY=1")

    def _leave(self) -> None:
        """The first Ctrl-C says goodbye; the second does not wait for that."""
        if self._leaving:
            raise SystemExit(LEFT)
        self._leaving = True
        self._companion.leave()

    def _note(self, text: str) -> None:
        """A line for the person, from any thread."""
        self._loop.call_soon_threadsafe(lambda: self._screen.note(text))

    # -- seeing and typing --

    def _open_screen(self, control: Control) -> asyncio.Task[None] | None:
        if not self._options.json and sys.stdin.isatty() and sys.stdout.isatty():
            from companion.live_view import LiveView

            companion = self._companion
            live = LiveView(
                self._loaded.world.prompts,
                lambda: companion.view,
                control.press,
                companion.typed,
                self._leave,
                typing=self._options.text,
            )
            self._screen = live
            return asyncio.create_task(live.run())
        if sys.stdin.isatty() or (self._options.text and not self._service):
            threading.Thread(target=self._read_lines, name="typed", daemon=True).start()
        return None

    def _read_lines(self) -> None:
        """Take what is piped in as typed; its end is a goodbye."""
        for line in sys.stdin:
            if line.strip():
                self._companion.typed(line.strip())
        self._companion.leave()

    # -- speaking --

    def _open_mouth(self) -> None:
        companion, settings = self._companion, self._settings
        companion.mouth = SilentMouth(companion.spoken)
        if self._options.text:
            return
        from companion.audio.devices import NoDeviceError
        from companion.audio.player import Player
        from companion.sound import Sound

        self._sound = self._stack.enter_context(Sound(settings.audio, self._sound_lost, self._sound_back))
        try:
            output = self._sound.output()
        except NoDeviceError as error:
            self._note(f"Showing the words instead of speaking them. {error}")
            return
        voice = self._loaded.voice(settings.speech.voice)
        mouth = SpokenMouth(
            new_synthesiser(self._loaded.language, settings.speech.server, voice.rate, self._note),
            Player(output, self._ended, settings.audio.lead_in, tap=self._sound.played),
            voice,
            settings.speech.chime_volume,
            companion.spoken,
            self._note,
        )
        companion.mouth = self._mouth = mouth
        self._stack.callback(mouth.close)

    def _ended(self, utterance: int, completed: bool) -> None:
        if completed and utterance > 0:
            self._companion.spoken(utterance)

    def _lines_ahead(self, routine: str) -> list[str]:
        """The lines that this session will most likely say, in order: those of a rehearsal of it."""
        rehearsal = Rehearsal(self._loaded.world, self._loaded.interpreter)
        spoken = [entry["text"] for entry in rehearsal.run(routine) if entry["event"] == "speak"]
        return list(dict.fromkeys(spoken))

    # -- hearing --

    def _open_ears(self) -> None:
        if self._sound is None:
            return
        from companion.audio.devices import NoDeviceError
        from companion.ears import Ears

        try:
            self._sound.check_microphone()
            wanted = listening(self._loaded, self._loaded.interpreter)
            ears = Ears(replace(wanted, record=self._options.record), self._heard, self._note)
            self._stack.callback(ears.close)
            self._sound.listen(ears.take)
        except NoDeviceError as error:
            self._note(f"Type what you would say. {error}")

    def _heard(self, hypothesis: Hypothesis) -> None:
        state = self._companion.state
        nothing_runs = state.name in NOTHING_RUNS and not state.queue
        readings = (hypothesis.text, *hypothesis.alternatives)
        self._wake, verdict = self._wake.hear(readings, nothing_runs, self._companion.now)
        if verdict == "woken" and hypothesis.final:
            self._companion.mouth.chime("start")
        if verdict != "pass":
            return
        own_voice = self._sound is None or self._sound.own_voice
        self._companion.heard(
            hypothesis.text, hypothesis.alternatives, hypothesis.final, own_voice, hypothesis.meant
        )

    def _sound_lost(self, kind: Kind) -> None:
        """Stand still: who cannot be heard, or hears nothing, must not be left holding a stretch."""
        from companion.audio.devices import NOUN

        self._note(f"The {NOUN[kind]} is gone. Plug it in again; till then, type or press a key.")
        self._companion.post(command("pause"))
        if kind == "input":
            self._companion.post(Notice("sound.microphone_lost"))

    def _sound_back(self, kind: Kind) -> None:
        from companion.audio.devices import NOUN

        self._note(f"The {NOUN[kind]} is back.")
        self._companion.post(Notice("sound.microphone_back" if kind == "input" else "sound.speaker_back"))
