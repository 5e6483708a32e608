"""A session in virtual time for tests: what is meant is put in directly, without any recognition."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from companion.content.language import load_language
from companion.content.library import load_library
from companion.content.places import bundled
from companion.nlu.answers import Answer, Interview, Question
from companion.nlu.meaning import Meaning, Tier
from companion.rehearse import Rehearsal
from companion.session.events import Begin, Heard
from companion.session.settings import SessionSettings
from companion.session.state import State
from companion.session.transcript import Entry
from companion.session.world import World

WITH_A_REST = "sciatica-relief"
ANSWERS = {
    topic: Answer("Short one. Short two.", "More one. More two.", ())
    for topic in ("sciatica", "pinched_nerve")
}
INTERVIEW = Interview(
    "Any red flag?",
    (Question("Down one leg?", "Nerve.", "Muscle."), Question("Numb?", "Nerve too.", "Salt.")),
    "That describes; it does not say what you have.",
    (),
)


class Questions:
    """Stands in for the language pack's answers."""

    topics = ANSWERS
    interview = INTERVIEW


@cache
def world(**settings: object) -> World:
    """The bundled routines and prompts, with these settings of the session."""
    library = load_library([bundled("routines")])
    prompts = load_language("en", [bundled("voices")]).prompts
    return World(library, prompts, SessionSettings(**settings), Questions)  # type: ignore[arg-type]


class Mind:
    """Understands a script of intents: ``more_time seconds=20`` instead of English."""

    def interpret(self, text: str, alternatives: object = (), context: object = None) -> Meaning:
        return meaning(text)


def meaning(text: str) -> Meaning:
    """``intent`` and slots as ``name=value``; ``tier:flag`` is a report, with ``?`` an unclear one."""
    if text in ("no", "four", "three"):
        return Meaning(text, "no") if text == "no" else Meaning(text, "score", {"score": 3})
    if ":" in text:
        tier, flag = text.rstrip("?").split(":")
        return Meaning(text, "report_symptom", tier=Tier(tier), flag=flag or None, ask=text.endswith("?"))
    intent, *slots = text.split()
    pairs = (slot.split("=") for slot in slots)
    return Meaning(text, intent, {k: float(v) if v.replace(".", "").isdigit() else v for k, v in pairs})


class Stage(Rehearsal):
    """A rehearsal with shorthands for tests."""

    def __init__(self, routine: str | None = "sciatica-relief", **settings: object) -> None:
        super().__init__(world(**settings), Mind())  # type: ignore[arg-type]
        if routine is not None:
            self.take(Begin(routine))

    def say(self, *texts: str) -> list[Entry]:
        """Let the person say these, two seconds apart, and return what happened at once."""
        before = len(self.transcript)
        for number, text in enumerate(texts):
            if number:
                self.let(2.0)
            self.take(Heard(meaning(text)))
        return self.transcript[before:]

    def until(self, name: str | Callable[[State], bool]) -> Stage:
        """Go on until the session is in this state, or the state is such."""
        arrived = (lambda state: state.name == name) if isinstance(name, str) else name
        while not arrived(self.state):
            assert self.step(), f"never {name}: {self!r}"
        return self

    def until_held(self, seconds: float) -> Stage:
        """Go on until the hold's clock runs, and then for so many seconds."""
        self.until(lambda state: state.since is not None)
        self.let(seconds)
        return self

    def let(self, seconds: float) -> list[Entry]:
        """Let time pass, with all that happens in it."""
        before, end = len(self.transcript), self.now + seconds
        while (coming := self._next()) is not None and coming[0] <= end:
            self.now = coming[0]
            self.take(coming[1])
        self.now = end
        return self.transcript[before:]

    def finish(self) -> Stage:
        """Go on until nothing more happens."""
        while self.step():
            pass
        return self

    def events(self, kind: str, **facts: object) -> list[Entry]:
        """The transcript's entries of a kind, with these facts."""
        return [
            e for e in self.transcript if e["event"] == kind and all(e.get(k) == v for k, v in facts.items())
        ]

    def spoken(self) -> list[str]:
        return [e["text"] for e in self.events("speak")]


def to_state(name: str) -> Stage:
    """A stage that has come to each state of the table in the way a person would bring it there."""
    stage = Stage(None if name == "idle" else WITH_A_REST)
    match name:
        case "idle":
            pass
        case "ended":
            stage.until("teaching").say("stop")
        case "paused":
            stage.until_held(5).say("pause")
        case "checking":
            stage.until_held(5).say("emergency:saddle_numbness?")
        case "interviewing":
            stage.until_held(5).say("question topic=pinched_nerve")
        case "offering":
            stage.until_held(5).say("caution:sharp_pain")
        case "locked":
            stage.until_held(5).say("emergency:bladder")
        case "clearing":
            stage.until_held(5).say("emergency:bladder", "clear")
        case "holding":
            stage.until_held(5)
        case _:
            stage.until(name)
    assert stage.state.name == name
    return stage
