"""A push button and an LED on the pins of a Raspberry Pi, through gpiozero."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from companion.config import ButtonSettings
from companion.control.control import Control, ControlError, Status

if TYPE_CHECKING:
    from gpiozero import LED, Button

log = logging.getLogger(__name__)

BOUNCE = 0.03  # seconds for which the contacts of a button may chatter
PRESSED, HELD = "toggle", "stop"  # what each asks of the companion
ALWAYS_ON = (1.0, 0.0)
# Seconds on and seconds off, over and over.
PATTERNS = {
    "locked": (0.1, 0.9),
    "speaking": (0.25, 0.25),
    "holding": (1.0, 1.0),
    "listening": ALWAYS_ON,
}


def pattern_of(status: Status) -> str:
    """Which of ``PATTERNS`` the LED shows; what matters most comes first."""
    if status.lock is not None:
        return "locked"
    if status.saying:
        return "speaking"
    return "holding" if status.state == "holding" else "listening"


class ButtonError(Exception):
    """The pins cannot be used; the message says what to do."""


@asynccontextmanager
async def button_and_led(control: Control, settings: ButtonSettings) -> AsyncIterator[None]:
    """Take presses and show what goes on, as far as there are pins for it, as long as this is open.

    Raises ``ButtonError``.
    """
    async with AsyncExitStack() as stack:
        if settings.pin:
            with _telling_why(f"the button on {settings.pin}"):
                stack.enter_context(_button(control, settings))
        if settings.led:
            with _telling_why(f"the LED on {settings.led}"):
                led = _led(settings)
            stack.enter_context(led)
            showing = asyncio.create_task(_show(control, led))
            stack.callback(showing.cancel)
        yield


def _button(control: Control, settings: ButtonSettings) -> Button:
    """A button that asks when it is released, for only then it is known whether it was held."""
    from gpiozero import Button

    button = Button(settings.pin, hold_time=settings.hold, bounce_time=BOUNCE)
    loop = asyncio.get_running_loop()
    was_held = False

    def ask(action: str) -> None:  # gpiozero calls from threads of its own
        asyncio.run_coroutine_threadsafe(_ask(control, action), loop)

    def pressed() -> None:
        nonlocal was_held
        was_held = False

    def held() -> None:
        nonlocal was_held
        was_held = True
        ask(HELD)

    def released() -> None:
        if not was_held:
            ask(PRESSED)

    button.when_pressed, button.when_held, button.when_released = pressed, held, released
    return button


async def _ask(control: Control, action: str) -> None:
    try:
        await control.do(action)
    except ControlError as error:
        log.warning("the button: %s", error)


def _led(settings: ButtonSettings) -> LED:
    from gpiozero import LED

    return LED(settings.led)


async def _show(control: Control, led: LED) -> None:
    shown = ""
    async for status in control.changes():
        if (pattern := pattern_of(status)) != shown:
            shown = pattern
            on, off = PATTERNS[pattern]
            led.blink(on, off) if off else led.on()


@contextmanager
def _telling_why(what: str) -> Iterator[None]:
    try:
        yield
    except ImportError:
        remedy = "RASPBERRY_PI.md says how to install it."
        raise ButtonError(f"Cannot use {what}, for gpiozero is not here. {remedy}") from None
    except Exception as error:  # what drives the pins raises errors of its own kinds
        raise ButtonError(f"Cannot use {what}: {error}. See “button” in: companion settings") from error
