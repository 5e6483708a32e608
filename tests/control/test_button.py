"""A button and an LED on gpiozero's own mock pins, in the hands of a real companion."""

import asyncio
import dataclasses
import queue
import sys
from contextlib import aclosing, asynccontextmanager

import pytest
from gpiozero import Button, Device, DigitalInputDevice
from gpiozero.pins.mock import MockConnectedPin, MockFactory

from companion.app import Companion
from companion.config import ButtonSettings, Settings
from companion.control.button import PATTERNS, ButtonError, button_and_led, pattern_of
from companion.control.control import Control, Finding
from companion.load import load
from companion.mouth import SilentMouth
from tests.running import Running, companion

LOADED, _ = load(Settings())
LONG = 10.0  # seconds after which what was to come is given up
NEVER, AT_ONCE = 600.0, 0.0  # seconds for which the button has to be held


@pytest.fixture
def pins():
    """The pins of a board that is not there."""
    before = Device.pin_factory
    Device.pin_factory = MockFactory()
    yield Device.pin_factory
    Device.pin_factory.reset()
    Device.pin_factory = before


class Led:
    """Whoever looks at the LED on GPIO27: an input on GPIO22 that is wired to it."""

    def __init__(self, pins):
        self._input = DigitalInputDevice("GPIO22", pull_up=None, active_state=True)
        self._seen = queue.Queue()
        self._input.when_activated = lambda: self._seen.put("on")
        self._input.when_deactivated = lambda: self._seen.put("off")
        self.pin = pins.pin("GPIO27", pin_class=MockConnectedPin, input_pin=pins.pin("GPIO22"))

    def next(self, changes):
        return [self._seen.get(timeout=LONG) for _ in range(changes)]


@asynccontextmanager
async def leading(settings):
    """A companion in the midst of a session, with a button or an LED; and the commands that it gets."""
    companion = Companion(LOADED.world, lambda: LOADED.interpreter, resident=True)
    companion.mouth = SilentMouth(companion.spoken)
    control = Control(companion)
    running = asyncio.create_task(companion.run())
    await control.do("start", "desk-break")
    heard = []
    companion.watch(lambda entries: heard.extend(e["intent"] for e in entries if e["event"] == "heard"))
    async with button_and_led(control, settings):
        yield control, heard
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def comes_to(control, state):
    """Wait till the companion is in this state."""
    async with asyncio.timeout(LONG), aclosing(control.changes()) as changes:
        async for status in changes:
            if status.state == state:
                return


async def all_that_is_due():
    """Let happen what has been asked for already."""
    for _ in range(20):
        await asyncio.sleep(0)


# -- the button -----------------------------------------------------------------------------------------


def test_a_press_pauses_and_another_goes_on(pins):
    pin = pins.pin("GPIO17")

    async def scenario():
        async with leading(ButtonSettings(pin="GPIO17", hold=NEVER)) as (control, heard):
            for state in ("paused", control.status().state):
                pin.drive_low()
                await all_that_is_due()
                assert control.status().state != state  # it might yet become a long press
                pin.drive_high()
                await comes_to(control, state)
            assert heard == ["pause", "resume"]

    asyncio.run(scenario())


def test_holding_it_stops_and_letting_go_then_does_nothing(pins):
    pin = pins.pin("GPIO17")

    async def scenario():
        async with leading(ButtonSettings(pin="17", hold=AT_ONCE)) as (control, heard):
            pin.drive_low()
            await comes_to(control, "ended")
            pin.drive_high()
            await all_that_is_due()
            assert heard == ["stop"]

    asyncio.run(scenario())


# -- the LED --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "pattern"),
    [
        ({"state": "teaching", "saying": "Lie down."}, "speaking"),
        ({"state": "holding"}, "holding"),
        ({"state": "holding", "saying": "Half way."}, "speaking"),
        ({"state": "paused"}, "listening"),
        ({"state": "idle"}, "listening"),
        ({"state": "locked", "lock": Finding("emergency", "bladder", "…"), "saying": "Call 112."}, "locked"),
    ],
)
def test_what_the_led_shows(facts, pattern):
    async def scenario():
        return Control(Companion(LOADED.world, lambda: LOADED.interpreter)).status()

    assert pattern_of(dataclasses.replace(asyncio.run(scenario()), **facts)) == pattern


def test_no_two_patterns_look_alike():
    assert len(set(PATTERNS.values())) == len(PATTERNS)


def test_the_led_follows_the_session(pins):
    led = Led(pins)

    async def scenario():
        async with leading(ButtonSettings(led="GPIO27")) as (control, _):
            assert await asyncio.to_thread(led.next, 3) == ["on", "off", "on"]  # it blinks: speaking
            await control.do("say", "i have wet myself")
            assert control.status().lock is not None
            await asyncio.to_thread(led.next, 4)  # all of an interval in the dark is among these
        assert led.pin.function == "input"  # it is let go, and dark

    asyncio.run(scenario())
    dark = [state.timestamp for state in led.pin.states if state.state]  # for how long, before each flash
    assert max(dark) >= PATTERNS["locked"][1]


# -- without ----------------------------------------------------------------------------------------------


def test_without_pins_nothing_is_touched(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiozero", None)  # as where it is not installed

    async def scenario():
        async with leading(ButtonSettings()) as (control, _):
            await control.do("pause")

    asyncio.run(scenario())


def test_without_gpiozero_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    with pytest.raises(ButtonError, match="the button on GPIO17, for gpiozero is not here"):
        asyncio.run(enter(ButtonSettings(pin="GPIO17")))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (ButtonSettings(pin="GPIO99"), "Cannot use the button on GPIO99: GPIO99 is not a valid pin"),
        (
            ButtonSettings(pin="GPIO17", led="GPIO17"),
            "Cannot use the LED on GPIO17: pin GPIO17 is already in use",
        ),
    ],
)
def test_a_wrong_pin_is_told_and_all_is_let_go(settings, message, pins):
    with pytest.raises(ButtonError) as error:
        asyncio.run(enter(settings))
    assert message in str(error.value)
    Button("GPIO17").close()  # which is free


async def enter(settings):
    async with leading(settings):
        pytest.fail("there are no such pins")


@pytest.mark.parametrize(
    ("pin", "told"),
    [("GPIO17", ""), ("GPIO99", "Cannot use the button on GPIO99: GPIO99 is not a valid pin name")],
)
def test_a_service_says_what_is_wrong_with_its_pins_and_goes_on(pin, told, tmp_path):
    settings = tmp_path / "config" / "companion" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"button:\n  pin: {pin}\n")
    with Running("serve", "--text", home=tmp_path, GPIOZERO_PIN_FACTORY="mock") as running:
        running.wait_for("speak")
        assert companion("status", home=tmp_path).returncode == 0
        assert told in " ".join(running.notes)
        assert bool(told) == bool(running.notes)
