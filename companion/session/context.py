"""What the interpreter may know of a session: which state it is in and what it has just asked."""

from __future__ import annotations

from companion.nlu.meaning import Context
from companion.session.state import State
from companion.session.world import World


def context_of(world: World, state: State, own_voice: bool = False) -> Context:
    """The moment in which something is said. ``own_voice``: the companion's own may be in what was heard,
    so the words that are being spoken are part of it."""
    playing = state.speaking.text if own_voice and state.speaking else ""
    return Context(state.name, _question(world, state), playing)


def _question(world: World, state: State) -> str | None:
    if state.name == "asking":
        return "yes_no" if world.step(state).kind == "screen" else "score"
    return "yes_no" if state.name in ("checking", "offering", "interviewing", "clearing") else None
