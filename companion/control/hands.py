"""Opens every way in which a running companion can be used beside voice and terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from companion.config import Settings
from companion.control.control import Control
from companion.control.protocol import Address, runtime_folder
from companion.control.server import RunningError, serving


@asynccontextmanager
async def reachable(control: Control) -> AsyncIterator[None]:
    """A session that other programs may use; where one runs that they use already, it does without."""
    async with AsyncExitStack() as stack:
        with suppress(RunningError, OSError):
            await stack.enter_async_context(serving(control, Address(runtime_folder())))
        yield


@asynccontextmanager
async def service(control: Control, settings: Settings, note: Callable[[str], None]) -> AsyncIterator[None]:
    """One that stays: with systemd watching over it, a broker, a button and an LED.

    Raises ``RunningError`` where another one stays, ``OSError`` where the socket cannot be made.
    """
    from companion.control.button import ButtonError, button_and_led
    from companion.control.mqtt import on_broker
    from companion.control.notify import supervised

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(control, Address(runtime_folder())))
        await stack.enter_async_context(supervised(control))
        await stack.enter_async_context(on_broker(control, settings.mqtt, note))
        try:
            await stack.enter_async_context(button_and_led(control, settings.button))
        except ButtonError as error:
            note(str(error))
        yield
