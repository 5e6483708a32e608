"""A running companion on an MQTT broker: what it is at goes out, commands come in.

Each companion has topics of its own, ``companion/<name>/…``. Retained, and sent only when they change:

* ``availability``: ``online`` or ``offline``; the broker itself says so when the companion is cut off
* ``state``: a state of the session's table: ``idle``, ``holding``, ``paused``, ``locked``, …
* ``routine``, ``exercise``, ``side``: in words; empty where there is none
* ``ends``: when the hold, the changeover or the rest is over (ISO 8601), so that no countdown has to be sent;
  empty while nothing runs
* ``remaining``: the seconds that were left when it began, or where it was paused
* ``finding``, ``lock``: the sign that was reported last, and the one that locks it, as JSON: ``tier``
  and ``flag``, or ``null``; the person's own words only where a setting allows it

``companion/<name>/command`` takes what can be typed after ``companion``: ``pause``, ``say how long left``,
``start sciatica-relief``. Why one could not be obeyed can be read in ``companion/<name>/refused``.
Home Assistant's discovery makes a device of it: https://www.home-assistant.io/integrations/mqtt/
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from companion.config import MqttSettings, config_folder
from companion.control.control import Control, ControlError, Finding, Status
from companion.control.home_assistant import device

if TYPE_CHECKING:
    import aiomqtt

MISSING = "MQTT needs the extra “mqtt”, which is not installed. In a checkout, type: pip install '.[mqtt]'"
NOT_ON_WINDOWS = "MQTT is left out: on Windows, the library that speaks it does not work with this program."
WAITS = (1, 2, 5, 10, 30, 60)  # seconds before the first, second, … attempt to connect again
KEEP_ALIVE = 20  # seconds; the broker takes a companion that is silent for 1.5 of them for gone
LIMIT = 5.0  # seconds that the broker may take to answer
AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else small packets wait for those before them
LONGEST_COMMAND = 1000  # bytes
A_FILE = re.compile(r"[/\\]|\.ya?ml\s*$", re.IGNORECASE)  # a path, or what is taken for one
WAITING_COMMANDS = 20  # what comes in while so many wait is dropped
SAME_END = timedelta(seconds=1.5)  # ends that lie no further apart are one, computed twice from whole seconds


@asynccontextmanager
async def on_broker(
    control: Control, settings: MqttSettings, note: Callable[[str], None]
) -> AsyncIterator[None]:
    """Be on the broker of the settings as long as this is open; nothing where none is set."""
    if not settings.host:
        yield
        return
    serving = asyncio.create_task(publish_and_obey(control, settings, note))
    try:
        yield
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def publish_and_obey(control: Control, settings: MqttSettings, note: Callable[[str], None]) -> None:
    """Serve the broker of the settings until cancelled, whether it is there or not.

    ``note`` gets a line for the person where the settings cannot be used, when the broker goes, and when it
    is back. The session waits for none of this: as soon as the broker is there, it is told all that holds.
    """
    if sys.platform == "win32":
        note(NOT_ON_WINDOWS)
        return
    try:
        import aiomqtt
    except ImportError:
        note(MISSING)
        return
    try:
        login = _login(settings)
    except (OSError, ValueError) as error:
        note(f"MQTT is left out, for the settings cannot be used: {error}")
        return
    place = f"{settings.host}:{login['port']}"
    topics = Topics(settings.name or socket.gethostname())
    will = aiomqtt.Will(topics.availability, "offline", qos=1, retain=True)
    failures = 0

    def connected() -> None:
        nonlocal failures
        if failures:
            note(f"The MQTT broker at {place} is back.")
        failures = 0

    while True:
        client = aiomqtt.Client(
            settings.host, **login, will=will, timeout=LIMIT, keepalive=KEEP_ALIVE,
            max_queued_incoming_messages=WAITING_COMMANDS, socket_options=[AT_ONCE],
        )  # fmt: skip
        try:
            await _serve(client, control, topics, settings, connected)
        except (aiomqtt.MqttError, ValueError) as error:  # ValueError: a host that is no name
            if not failures:
                note(
                    f"No MQTT broker at {place}: {error.__cause__ or error}. Trying again in the background."
                )
        _heed_cancelling()
        await asyncio.sleep(WAITS[min(failures, len(WAITS) - 1)])
        failures += 1


async def _serve(
    client: aiomqtt.Client,
    control: Control,
    topics: Topics,
    settings: MqttSettings,
    connected: Callable[[], None],
) -> None:
    """One connection, until it breaks; raises what broke it."""
    import aiomqtt

    async with client:
        connected()
        await client.subscribe(topics.command, qos=1)
        _heed_cancelling()
        parts = [
            asyncio.create_task(_publish(client, control, topics, settings)),
            asyncio.create_task(_obey(client, control, topics)),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()  # neither ends before the connection does
        except asyncio.CancelledError:  # the companion is being left: a will is for being cut off
            with suppress(aiomqtt.MqttError):
                await client.publish(topics.availability, "offline", qos=1, retain=True, timeout=1)
            raise
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)


async def _send(client: aiomqtt.Client, topic: str, payload: str, retain: bool) -> None:
    await client.publish(topic, payload, qos=1, retain=retain)
    _heed_cancelling()


def _heed_cancelling() -> None:
    """End here if this task is being cancelled.

    Before Python 3.12, ``asyncio.wait_for``, which the library calls, loses a cancellation that comes
    together with what it waits for.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


# -- what goes out --------------------------------------------------------------------------------------


class Topics:
    """The topics of the companion with this name, which may have any characters."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.id = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "companion"
        self.availability = self.of("availability")
        self.command = self.of("command")
        self.refused = self.of("refused")
        self.discovery = f"homeassistant/device/companion-{self.id}/config"

    def of(self, fact: str) -> str:
        return f"companion/{self.id}/{fact}"


@dataclass(frozen=True, slots=True)
class Countdown:
    """When what counts down is over, None while it stands still; and the seconds it had left at first."""

    ends: datetime | None = None
    remaining: int | None = None

    def at(self, status: Status, now: datetime) -> Countdown:
        """The countdown of this status; the same again where it only went on."""
        if status.remaining is None:
            return Countdown()
        if status.state == "paused":
            return Countdown(None, status.remaining)
        ends = now + timedelta(seconds=status.remaining)
        if self.ends is not None and abs(ends - self.ends) <= SAME_END:
            return self
        return Countdown(ends, status.remaining)


def facts(
    status: Status, countdown: Countdown, routines: Mapping[str, str], words: bool
) -> Iterator[tuple[str, str]]:
    """What is published of a status: the last part of the topic, and the payload."""
    running = status.routine is not None
    yield "state", status.state
    yield "routine", routines.get(status.routine, status.routine) if status.routine is not None else ""
    yield "exercise", status.title if running else ""
    yield "side", status.side
    yield "ends", countdown.ends.isoformat(timespec="seconds") if countdown.ends is not None else ""
    yield "remaining", "" if countdown.remaining is None else str(countdown.remaining)
    yield "finding", _sign(status.finding, words)
    yield "lock", _sign(status.lock, words)


def _sign(finding: Finding | None, words: bool) -> str:
    if finding is None:
        return "null"
    said = {"words": finding.words} if words else {}
    return json.dumps({"tier": finding.tier, "flag": finding.flag, **said}, ensure_ascii=False)


async def _publish(client: aiomqtt.Client, control: Control, topics: Topics, settings: MqttSettings) -> None:
    """Everything once, then what changes."""
    sent: dict[str, str] = {}
    countdown = Countdown()
    async with aclosing(control.changes()) as changes:
        async for status in changes:
            countdown = countdown.at(status, datetime.now(UTC))
            routines = control.routines
            payloads = {topics.of(k): v for k, v in facts(status, countdown, routines, settings.words)}
            found = json.dumps(device(topics, routines.values()), ensure_ascii=False)
            payloads[topics.discovery] = found if settings.discovery else ""  # which removes it
            payloads[topics.availability] = "online"
            for topic, payload in payloads.items():
                if sent.get(topic) != payload:
                    await _send(client, topic, payload, retain=True)
                    sent[topic] = payload


# -- what comes in --------------------------------------------------------------------------------------


async def _obey(client: aiomqtt.Client, control: Control, topics: Topics) -> None:
    async for message in client.messages:
        if message.retain:  # it was meant for another day, and would come again with every connection
            continue
        try:
            await control.do(*read_command(message.payload))
        except ControlError as error:
            await _send(client, topics.refused, str(error), retain=False)


def read_command(payload: Any) -> tuple[str, str]:
    """The action and its argument. Raises ``ControlError`` for what is no command, or none for a network."""
    if not isinstance(payload, bytes) or len(payload) > LONGEST_COMMAND:
        raise ControlError(f"A command has {LONGEST_COMMAND} bytes at most.")
    try:
        action, _, argument = payload.decode().strip().partition(" ")
    except UnicodeDecodeError:
        raise ControlError("A command is text in UTF-8.") from None
    if action == "start" and A_FILE.search(argument):  # else any file could be read piece by piece
        raise ControlError("A routine is started by its name, for a file would have to be on this machine.")
    return action, argument.strip()


# -- the settings ---------------------------------------------------------------------------------------


def _login(settings: MqttSettings) -> dict[str, Any]:
    """What the client needs to connect. Raises ``OSError`` or ``ValueError`` where a file is no good."""
    login: dict[str, Any] = {"port": settings.port or (8883 if settings.tls else 1883)}
    if settings.tls:
        authority = config_folder() / settings.authority if settings.authority else None
        try:
            login["tls_context"] = ssl.create_default_context(cafile=authority)
        except ssl.SSLError:
            raise ValueError(f"{authority} holds no certificate; mqtt.authority wants one in PEM") from None
    if settings.user:
        login["username"] = settings.user
    if settings.password_file:
        login["password"] = (config_folder() / settings.password_file).read_text("utf-8").strip()
    return login
