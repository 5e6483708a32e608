"""What a session knows and never changes: the library, the words, the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from companion.content.language import Prompts
from companion.content.library import Library
from companion.content.model import Exercise, Item, Routine
from companion.nlu.answers import Answer, Answers, Interview
from companion.session.plan import Step, compile_plan
from companion.session.progress import seconds_from
from companion.session.settings import SessionSettings
from companion.session.state import State


@dataclass(frozen=True, slots=True)
class World:
    library: Library
    prompts: Prompts
    settings: SessionSettings = field(default_factory=SessionSettings)
    questions: Callable[[], Answers | None] = lambda: (
        None
    )  # read when first asked: a session can begin before
    screened_lately: bool = False  # within the last week: the screening question may be brief

    def answer(self, topic: str) -> Answer | None:
        """What is said about a topic, or None."""
        answers = self.questions()
        return None if answers is None else answers.topics.get(topic)

    @property
    def interview(self) -> Interview | None:
        answers = self.questions()
        return None if answers is None else answers.interview

    def routine(self, state: State) -> Routine:
        """The routine of a running session."""
        assert state.routine is not None
        return self.library.routines[state.routine]

    def plan(self, state: State) -> tuple[Step, ...]:
        return compile_plan(self.routine(state))

    def step(self, state: State) -> Step:
        return self.plan(state)[state.place]

    def item(self, state: State) -> Item:
        """The routine's item that the present step is about, with the settings applied."""
        index = self.step(state).item
        assert index is not None
        item = self.routine(state).items[index]
        return (
            item if self.settings.changeover is None else replace(item, changeover=self.settings.changeover)
        )

    def exercise(self, state: State) -> Exercise:
        return self.item(state).exercise

    def is_gentle(self, state: State) -> bool:
        """Whether the present item is being done in its gentler version."""
        return self.item(state).gentle or self.step(state).item in state.gentle

    def seconds_left(self, state: State, now: float) -> float:
        """About how many seconds this session still takes."""
        left = seconds_from(self.routine(state), state.place + 1)
        clocks = [clock.left for clock in state.clocks] if self.step(state).kind == "round" else []
        running = 0.0 if state.since is None else now - state.since
        return left + max(0.0, sum(clocks) - running)

    def progress(self, state: State, now: float) -> float:
        """How much of the session is over, from 0 to 1."""
        if state.routine is None:
            return 0.0
        total = seconds_from(self.routine(state), 0)
        return min(1.0, max(0.0, 1 - self.seconds_left(state, now) / total))

    def numbers(self) -> dict[str, str]:
        """The slots ``emergency`` and ``clinician``: whom to call in the region of the settings."""
        keys = {"emergency": "region.{}.emergency", "clinician": "region.{}.clinician"}
        region = self.settings.region.upper()
        if f"region.{region}.emergency" not in self.prompts:
            region = "unknown"
        return {slot: self.prompts.say(key.format(region)) for slot, key in keys.items()}
