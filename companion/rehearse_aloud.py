"""A rehearsal on sound, still in virtual time: synthesised, played in a simulated room, and recognised.

The person of the script speaks with a voice of their own. What the microphone hears, the companion's own
voice among it, goes through the real recogniser; what it makes of that decides, not the script.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from companion.audio.chimes import chime
from companion.audio.echo import EchoGuard
from companion.audio.player import Player
from companion.audio.room import Room
from companion.mouth import A_CHIME
from companion.nlu.interpreter import Interpreter
from companion.nlu.listener import Listener
from companion.rehearse import Rehearsal, Said
from companion.session.context import context_of
from companion.session.events import Chime, Event, Heard, Hush, Speak, SpeechEnded, Tick
from companion.session.machine import advance, deadline
from companion.session.transcript import entry
from companion.session.world import World

if TYPE_CHECKING:
    from companion.asr.base import Hypothesis, Recogniser
    from companion.content.model import Voice
    from companion.tts.base import Synthesiser

BLOCK = 0.02  # seconds by which time moves on
LISTEN_ON = 3.0  # seconds of listening after all has been said
TALKER, TALKER_RATE = "en-us+f2", 130  # the person's voice: one that the recogniser understands well


class AloudRehearsal(Rehearsal):
    """A ``Rehearsal`` that is spoken and heard."""

    def __init__(
        self,
        world: World,
        interpreter: Interpreter,
        script: Sequence[Said],
        synthesiser: Synthesiser,
        voice: Voice,
        recogniser: Recogniser,
        room: Room,
    ) -> None:
        super().__init__(world, interpreter, script)
        self._synthesiser = synthesiser
        self._voice = voice
        self._talker = dataclasses.replace(voice, id="talker", voice=TALKER, rate=TALKER_RATE, pause=0.0)
        self._recogniser = recogniser
        self._room = room
        self._listener = Listener(interpreter)
        self._spoken: list[int] = []
        self._echo = EchoGuard(room.speaker.rate)
        self._player = Player(room.speaker, self._ended, tap=self._echo.played)
        self._answered = 0.0  # when the person last answered a question of the plan
        self._idle_since: float | None = None

    def step(self) -> bool:
        """Let one block of sound pass, with all that happens in it."""
        for said in self._due():
            self._room.say(self._synthesiser.render(said, self._talker))
        for frames in self._room.advance(BLOCK):
            self.now = self._room.time
            for hypothesis in self._recogniser.accept(self._echo.clean(frames)):
                self._hear(hypothesis)
        while self._spoken:
            self.take(SpeechEnded(self._spoken.pop(0)))
        if (due := deadline(self.world, self.state)) is not None and due <= self.now:
            self.take(Tick())
        return not self._is_over()

    def take(self, event: Event) -> None:
        self.state, effects = advance(self.world, self.state, event, self.now)
        for effect in effects:
            self.transcript.append(entry(effect, self.now))
            match effect:
                case Speak(utterance, text):
                    self._player.play(
                        utterance, self._synthesiser.render(text, self._at_rate()), self.state.volume
                    )
                case Hush():
                    self._player.hush()
                case Chime(name):
                    self._player.play(A_CHIME, chime(name), self.state.volume)

    def _due(self) -> list[str]:
        """What the person says in this block."""
        due = []
        while self.script and self.script[0].at <= self.now:
            due.append(self.script.pop(0).text)
        answers_at = self._answers_at()
        if not due and answers_at is not None and answers_at <= self.now and self.state.due != self._answered:
            self._answered = self.state.due or 0.0
            due.append(self._answer())
        return due

    def _hear(self, hypothesis: Hypothesis) -> None:
        context = context_of(self.world, self.state, own_voice=not self._echo.echo_gone)
        meaning = self._listener.hear(
            hypothesis.text, hypothesis.alternatives, context, hypothesis.final, hypothesis.meant
        )
        if meaning is not None:
            self.take(Heard(meaning))

    def _at_rate(self) -> Voice:
        return dataclasses.replace(self._voice, rate=round(self._voice.rate * self.state.rate))

    def _ended(self, utterance: int, completed: bool) -> None:
        if completed and utterance != A_CHIME:
            self._spoken.append(utterance)

    def _is_over(self) -> bool:
        waits = self.script or self.state.queue or deadline(self.world, self.state) is not None
        if waits or self._idle_since is None:
            self._idle_since = self.now
        return self.now - self._idle_since > LISTEN_ON
