"""Keeps what was heard, where a person wants it: a WAV file for each utterance, a line in heard.jsonl."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import numpy as np

from companion.asr.base import RATE, Hypothesis, Pcm, Recogniser
from companion.audio.wav import write_wav
from companion.tts.base import Sound

LINES = "heard.jsonl"
BACK = 20.0  # seconds of sound that are held: more than the longest utterance
MARGIN = 0.5  # seconds kept before and after the voice


class RecordingRecogniser:
    """A recogniser whose utterances are written to ``folder``, which is made where it is missing.

    A line holds ``file``, ``time`` (when it ended) and what ``Hypothesis`` has. Where something cannot be
    written, ``note`` gets one line that says so, and no more is recorded.
    """

    def __init__(self, recogniser: Recogniser, folder: Path, note: Callable[[str], None]) -> None:
        self.name = recogniser.name
        self._recogniser = recogniser
        self._folder = folder
        self._note = note
        self._recording = True
        self._latest: deque[Pcm] = deque()
        self._held = 0  # samples in them
        self._heard = 0  # samples in all
        self._written = 0

    def __repr__(self) -> str:
        return f"<RecordingRecogniser of {self._recogniser!r} in {self._folder}>"

    def accept(self, pcm: Pcm) -> Iterator[Hypothesis]:
        self._hold(pcm)
        yield from self._kept(self._recogniser.accept(pcm))

    def flush(self) -> Iterator[Hypothesis]:
        yield from self._kept(self._recogniser.flush())

    def close(self) -> None:
        self._recogniser.close()

    def _hold(self, pcm: Pcm) -> None:
        self._latest.append(pcm)
        self._heard += len(pcm)
        self._held += len(pcm)
        while self._held - len(self._latest[0]) > BACK * RATE:
            self._held -= len(self._latest.popleft())

    def _kept(self, hypotheses: Iterable[Hypothesis]) -> Iterator[Hypothesis]:
        for hypothesis in hypotheses:
            if hypothesis.final and self._recording:
                self._keep(hypothesis)
            yield hypothesis

    def _keep(self, hypothesis: Hypothesis) -> None:
        now = datetime.now().astimezone()
        self._written += 1
        file = self._folder / f"{now:%Y-%m-%dT%H-%M-%S}-{self._written}.wav"
        line = {"file": file.name, "time": now.isoformat(timespec="seconds"), **asdict(hypothesis)}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_wav(file, Sound(self._said(hypothesis), RATE))
            with (self._folder / LINES).open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            self._recording = False
            self._note(
                f"What is heard cannot be kept in {self._folder}: {error.strerror}. It goes on without."
            )

    def _said(self, hypothesis: Hypothesis) -> Pcm:
        held = np.concatenate(self._latest)
        first = self._heard - self._held
        start, end = (round(seconds * RATE) - first for seconds in (hypothesis.start, hypothesis.end))
        margin = round(MARGIN * RATE)
        return held[max(0, start - margin) : max(0, end + margin)]
