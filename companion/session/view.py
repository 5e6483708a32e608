"""What a screen shows of a session: a pure function of the state, so that nothing can go stale."""

from __future__ import annotations

from dataclasses import dataclass

from companion.session.narration import side_words
from companion.session.state import State
from companion.session.turn import Turn
from companion.session.world import World


@dataclass(frozen=True, slots=True)
class View:
    """One moment. ``countdown`` is in seconds, None where nothing counts down; ``progress`` from 0 to 1."""

    title: str  # the exercise, else the routine, else the program
    side: str  # "Right side", or empty
    step: str  # what is going on: "Hold", "Get ready", …
    countdown: float | None
    progress: float
    saying: str  # the line that is being spoken


def view(world: World, state: State, now: float) -> View:
    """The view at this time (seconds, as the events carry it)."""
    prompts = world.prompts
    title = prompts.say("screen.title")
    side = ""
    if state.routine is not None:
        title = world.routine(state).name
        if world.step(state).item is not None:
            title = world.exercise(state).name
            if world.step(state).kind == "round":
                words = side_words(Turn(world, state, now))
                side = prompts.say("screen.side", **words) if words else ""
    step = prompts.say(f"screen.{state.name}")
    saying = state.speaking.text if state.speaking else ""
    progress = 1.0 if state.name == "ended" and state.routine else world.progress(state, now)
    return View(title, side, step, _countdown(state, now), progress, saying)


def _countdown(state: State, now: float) -> float | None:
    """Seconds to the end of the hold, the changeover or the rest."""
    if state.name == "holding":
        running = 0.0 if state.since is None else now - state.since
        return max(0.0, state.clock.left - running)
    if state.name in ("preparing", "resting") and state.due is not None:
        return max(0.0, state.due - now)
    if state.name == "paused" and state.back in ("preparing", "holding"):
        return state.clock.left
    return None
