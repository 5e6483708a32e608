"""Calls that may never return, PortAudio's, given up after a while.

Closing a stream whose sound server was killed has been seen to wait for ever inside PortAudio. Nothing can
end such a call, so it is left behind in a thread of its own, which does not keep the program from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class StuckError(Exception):
    """The call did not return in time. It may yet return, or never."""


def within(seconds: float, call: Callable[[], None]) -> None:
    """Call it in a thread; raise what it raises, or ``StuckError`` where it takes longer than ``seconds``."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, name="within", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise StuckError
    if raised:
        raise raised[0]
