"""What both recognisers share: the gate before them, partials that may fire, and the shape of the result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from companion.asr.base import Hypothesis, Meant, Pcm
from companion.asr.spotter import Spotter, Watch
from companion.asr.voice_activity import BRIEF, LONG, SpeechGate, Stretch

AGREEMENT = 60  # per cent of letters that a phrase and the dictation share where they mean the same sound
READINGS = 4  # alternatives of one decoder that are handed on
EARLY = frozenset({"stop", "pause"})  # the partials that are handed on: safe to act on wrongly


def agree(phrase: str, dictated: str) -> bool:
    """Whether the phrase and the dictation are readings of the same words."""
    return bool(phrase) and fuzz.ratio(phrase, dictated) >= AGREEMENT


class GatedRecogniser(ABC):
    """Runs an engine only while somebody speaks, and ends the utterance soon after a whole phrase.

    ``phrases`` are what the engine listens for, ``early`` those of which partials are handed on: at the
    first pause after a phrase, or, where voices or music go on without one, when the spotter holds the word.
    """

    def __init__(self, phrases: Iterable[str], early: Collection[str]) -> None:
        self._phrases = frozenset(phrases)
        self._early = self._phrases.intersection(early)
        self._gate = SpeechGate()
        self._watch = Watch(Spotter())
        self._partial = ""

    @abstractmethod
    def _begin(self) -> None:
        """An utterance begins."""

    @abstractmethod
    def _feed(self, pcm: Pcm) -> None:
        """The utterance goes on."""

    @abstractmethod
    def _phrase_so_far(self) -> str:
        """The whole phrase that the utterance is by now, or nothing."""

    @abstractmethod
    def _finish(self) -> tuple[Sequence[str], Meant]:
        """The utterance is over: its readings, best first, none where nothing was said, and whether it was
        said to the companion."""

    def accept(self, pcm: Pcm) -> Iterable[Hypothesis]:
        return [hypothesis for stretch in self._gate.accept(pcm) for hypothesis in self._hear(stretch)]

    def flush(self) -> Iterable[Hypothesis]:
        if not self._gate.open:
            return []
        self._gate.close()
        return list(self._final())

    def _hear(self, stretch: Stretch) -> Iterator[Hypothesis]:
        if stretch.opens:
            self._partial = ""
            self._begin()
            if self._gate.nearer:
                self._watch.best = dict.fromkeys(self._watch.best, 0.0)  # it has seen this stretch already
            else:
                self._watch.begin()
        if not (stretch.opens and self._gate.nearer):
            self._watch.feed(stretch.pcm)
        self._feed(stretch.pcm)
        if stretch.closes:
            yield from self._final()
            return
        phrase = self._phrase_so_far()
        self._gate.patience = BRIEF if phrase else LONG
        # While the voice goes on, the phrase may yet be the beginning of a sentence; over other sound, what
        # surrounds it may not be the speaker's.
        early = {phrase} if self._gate.pausing else set()
        if self._gate.nearer or not self._gate.pausing:
            early |= self._watch.held
        for word in sorted(self._early & early - {self._partial}):
            self._partial = word
            yield self._hypothesis(word, final=False)

    def _final(self) -> Iterator[Hypothesis]:
        heard, meant = self._finish()
        readings = [text for text in dict.fromkeys(heard) if text]
        if readings:
            best, *others = readings
            yield replace(self._hypothesis(best, final=True), alternatives=tuple(others), meant=meant)

    def _hypothesis(self, text: str, *, final: bool) -> Hypothesis:
        return Hypothesis(text, final, self._gate.speech_start, self._gate.speech_end)
