"""A real companion on a real Mosquitto, which is killed, locked, encrypted and fed with nonsense."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest

from companion.app import Companion
from companion.config import MqttSettings, Settings, load_settings
from companion.content.errors import ContentError
from companion.control.control import Control, ControlError, Finding, Status
from companion.control.mqtt import Countdown, Topics, facts, on_broker, publish_and_obey, read_command
from companion.load import load
from companion.mouth import SilentMouth
from companion.session.settings import SessionSettings
from tests.control.broker import Broker, free_port

LOADED, _ = load(Settings())
AT_ONCE = replace(
    LOADED.world, settings=SessionSettings(screening=False, ask_pain=False)
)  # no questions first
LIMIT = 20.0  # seconds within which anything that is waited for has to happen
MAT = "companion/mat/"
NUMB = "i cannot feel anything between my legs"


@pytest.fixture
def broker(tmp_path: Path):
    with Broker(tmp_path) as broker:
        yield broker


class Home:
    """Another client of the broker, which keeps the latest payload of every topic."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.payloads: dict[str, str] = {}
        self.received: list[str] = []  # topics, in order

    def __getitem__(self, fact: str) -> str | None:
        return self.payloads.get(MAT + fact)

    async def until(self, what: Callable[[], object]) -> None:
        """Read messages until something holds."""
        try:
            async with asyncio.timeout(LIMIT):
                while not what():
                    message = await anext(self.client.messages)
                    self.payloads[str(message.topic)] = message.payload.decode(errors="replace")
                    self.received.append(str(message.topic))
        except TimeoutError:
            raise AssertionError(f"not within {LIMIT} s: {self.payloads}") from None

    async def command(self, payload: str | bytes, retain: bool = False) -> None:
        await self.client.publish(MAT + "command", payload, qos=1, retain=retain)


@asynccontextmanager
async def at_home(broker: Broker, *topics: str):
    async with broker.client() as client:
        for topic in topics or ("companion/#", "homeassistant/#"):
            await client.subscribe(topic, qos=1)
        yield Home(client)


@asynccontextmanager
async def companion(settings: MqttSettings, notes: list[str]):
    """A resident companion, which says nothing aloud, on the broker of the settings."""
    async with AsyncExitStack() as stack:
        companion = Companion(AT_ONCE, lambda: LOADED.interpreter, resident=True)
        companion.mouth = SilentMouth(companion.spoken)
        control = Control(companion)
        running = asyncio.create_task(companion.run())
        stack.push_async_callback(ended, running)
        await stack.enter_async_context(on_broker(control, settings, notes.append))
        yield control


async def ended(task: asyncio.Task) -> None:
    """Cancel it, which has to end it in time."""
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=LIMIT)
    assert done, f"{task} goes on"
    assert task.cancelled() or not task.exception(), task.exception()


def on(broker: Broker, **settings: object) -> MqttSettings:
    return MqttSettings(host="127.0.0.1", port=broker.port, name="Mat", **settings)  # type: ignore[arg-type]


# -- what goes out and comes in -------------------------------------------------------------------------


def test_a_session_is_led_over_the_broker(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            assert (home["state"], home["routine"], home["lock"]) == ("idle", "", "null")
            await home.command("start desk-break")
            await home.until(lambda: home["routine"] == "Desk break" and home["state"] != "idle")
            await home.command("toggle")
            await home.until(lambda: home["state"] == "paused")
            await home.command("say okay I'm back")
            await home.until(lambda: home["state"] != "paused")
            await home.command("stop")
            await home.until(lambda: home["state"] == "ended" and home["routine"] == "")

    asyncio.run(scenario())


def test_a_hold_is_told_by_its_end_instead_of_a_countdown(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            for action in ("start desk-break", "next", "ready"):
                await home.command(action)
            await home.until(lambda: home["state"] == "holding" and home["ends"])
            assert home["exercise"] == "Seated cat and cow"
            left = datetime.fromisoformat(home["ends"] or "") - datetime.now(UTC)
            assert seconds(int(home["remaining"] or 0)) - left < seconds(LIMIT)
            await home.command("pause")
            await home.until(lambda: home["state"] == "paused" and home["ends"] == "")

    asyncio.run(scenario())


def test_a_red_flag_locks_and_its_words_stay_at_home(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            await home.command(f"say {NUMB}")
            await home.until(lambda: home["state"] == "locked" and home["lock"] != "null")
            lock = json.loads(home["lock"] or "")
            assert lock["tier"] == "emergency"
            assert lock.keys() == {"tier", "flag"}
            del home.payloads[MAT + "command"]
            assert "between my legs" not in str(home.payloads)

    asyncio.run(scenario())


def test_only_what_changes_is_sent(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            home.received.clear()
            await home.command("start desk-break")
            await home.until(lambda: home["state"] not in ("idle", None))
            await home.command("pause")
            await home.until(lambda: home["state"] == "paused")
            sent = [topic for topic in home.received if not topic.endswith("/command")]
            assert sent.count(MAT + "routine") == 1
            assert not {MAT + "lock", MAT + "finding", MAT + "availability"} & set(sent)

    asyncio.run(scenario())


def test_who_comes_later_finds_everything_retained(broker: Broker) -> None:
    async def scenario() -> None:
        async with companion(on(broker), []) as control, at_home(broker) as home:
            await home.until(lambda: home["availability"] == "online")
            await control.do("start", "desk-break")
            await home.until(lambda: home["routine"] == "Desk break")
            async with at_home(broker, MAT + "+") as late:
                await late.until(lambda: late["routine"] == "Desk break" and late["availability"] == "online")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "nonsense",
    ["", "dance", "say", "start no-such-routine", "start /etc/passwd", b"\xff\xfe", b"say " + b"a" * 2000],
)
def test_what_cannot_be_obeyed_is_refused_with_a_reason(broker: Broker, nonsense: str | bytes) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            await home.command(nonsense)
            await home.until(lambda: home["refused"])
            assert "root:" not in (home["refused"] or "")  # no line of a file
            await home.command("start desk-break")
            await home.until(lambda: home["routine"] == "Desk break")

    asyncio.run(scenario())


def test_a_retained_command_is_not_obeyed(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home:
            await home.command("start desk-break", retain=True)
            async with companion(on(broker), []):
                await home.until(lambda: home["availability"] == "online")
                await home.command("dance")
                await home.until(lambda: home["refused"])  # which came after it
                assert home["state"] == "idle"

    asyncio.run(scenario())


def test_two_companions_share_a_broker(broker: Broker) -> None:
    async def scenario() -> None:
        one, other = on(broker), replace(on(broker), name="Room 3")
        async with at_home(broker) as home, companion(one, []), companion(other, []):
            await home.until(lambda: home["availability"] == "online")
            await home.until(lambda: home.payloads.get("companion/room-3/availability") == "online")
            await home.command("start desk-break")
            await home.until(lambda: home["routine"] == "Desk break")
            assert home.payloads["companion/room-3/state"] == "idle"

    asyncio.run(scenario())


# -- Home Assistant -------------------------------------------------------------------------------------


def test_home_assistant_is_told_of_a_device_whose_topics_all_work(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home, companion(on(broker), []):
            await home.until(lambda: home["availability"] == "online")
            config = json.loads(home.payloads["homeassistant/device/companion-mat/config"])
            assert config["origin"]["name"]
            assert config["device"]["name"] == "Mat"
            assert config["availability"] == [{"topic": MAT + "availability"}]
            components = config["components"].values()
            assert len({c["unique_id"] for c in components}) == len(components)
            assert {c["platform"] for c in components} == {"sensor", "binary_sensor", "select", "button"}
            for component in components:
                assert component.get("state_topic", MAT + "state") in home.payloads
                assert component.get("command_topic", MAT + "command") == MAT + "command"
            select = config["components"]["routine"]
            assert "Sciatica relief" in select["options"]
            await home.command(select["command_template"].replace("{{ value }}", "Sciatica relief"))
            await home.until(lambda: home["routine"] == "Sciatica relief")
            await home.command(config["components"]["pause"]["payload_press"])
            await home.until(lambda: home["state"] == "paused")

    asyncio.run(scenario())


def test_home_assistant_forgets_it_where_it_is_not_wanted_any_more(broker: Broker) -> None:
    async def scenario() -> None:
        config = "homeassistant/device/companion-mat/config"
        async with companion(on(broker), []), at_home(broker) as home:
            await home.until(lambda: home.payloads.get(config))
        async with companion(on(broker, discovery=False), []), at_home(broker) as home:
            await home.until(lambda: home["availability"] == "online")
            async with at_home(broker) as late:
                await late.until(lambda: late["availability"] == "online")
                assert config not in late.payloads

    asyncio.run(scenario())


# -- the broker comes and goes --------------------------------------------------------------------------


def test_a_session_goes_on_while_the_broker_is_dead_and_is_told_when_it_is_back(broker: Broker) -> None:
    async def scenario() -> None:
        notes: list[str] = []
        async with companion(on(broker), notes) as control:
            async with at_home(broker) as home:
                await home.until(lambda: home["availability"] == "online")
                await control.do("start", "desk-break")
                await home.until(lambda: home["routine"] == "Desk break")
                broker.kill()
            assert (await control.do("pause")).state == "paused"
            broker.start()
            async with at_home(broker) as home:
                await home.until(lambda: home["state"] == "paused" and home["availability"] == "online")
                assert home["routine"] == "Desk break"
                await home.command("resume")
                await home.until(lambda: home["state"] not in ("paused", None))
        assert [bool(re.search(r"No MQTT broker|is back", note)) for note in notes] == [True, True]

    asyncio.run(scenario())


def test_the_broker_tells_of_a_companion_that_was_left(broker: Broker) -> None:
    async def scenario() -> None:
        async with at_home(broker) as home:
            async with companion(on(broker), []):
                await home.until(lambda: home["availability"] == "online")
            await home.until(lambda: home["availability"] == "offline")

    asyncio.run(scenario())


def test_without_a_broker_a_session_is_led_and_one_line_says_so() -> None:
    async def scenario() -> None:
        notes: list[str] = []
        nowhere = MqttSettings(host="127.0.0.1", port=free_port())
        async with companion(nowhere, notes) as control:
            async for status in control.changes():
                if notes:
                    break
                await control.do("start" if status.state == "idle" else "toggle", "desk-break")
        assert len(notes) == 1
        assert "No MQTT broker at 127.0.0.1" in notes[0]

    asyncio.run(scenario())


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiomqtt", None)

    async def scenario() -> None:
        notes: list[str] = []
        async with companion(MqttSettings(host="localhost"), notes) as control:
            await control.do("start", "desk-break")
            await asyncio.wait_for(publish_and_obey(control, MqttSettings(host="localhost"), notes.append), 5)
        assert "pip install" in notes[0]

    asyncio.run(scenario())


# -- who may ---------------------------------------------------------------------------------------------


def test_a_password_and_a_certificate_are_used_and_wrong_ones_told(tmp_path: Path) -> None:
    (tmp_path / "right").write_text("s3cret\n")
    (tmp_path / "wrong").write_text("guess\n")

    async def scenario(broker: Broker) -> None:
        secure = MqttSettings(
            host="localhost", port=broker.port, name="Mat", user="mat", password_file=str(tmp_path / "right"),
            tls=True, authority=str(broker.certificate),
        )  # fmt: skip
        async with companion(secure, notes := []) as control:
            await reaches(broker, secure, tmp_path, control)
        assert notes == []
        for change, reason in (
            ({"password_file": str(tmp_path / "wrong")}, "ot authori"),
            ({"authority": ""}, "self-signed certificate"),
            ({"host": "127.0.0.1"}, "IP address mismatch"),
            ({"authority": str(tmp_path / "right")}, "holds no certificate"),
            ({"password_file": str(tmp_path / "none")}, "No such file"),
        ):
            told: asyncio.Queue[str] = asyncio.Queue()
            settings = replace(secure, **change)
            serving = asyncio.create_task(publish_and_obey(control, settings, told.put_nowait))
            assert reason in await asyncio.wait_for(told.get(), LIMIT)
            await ended(serving)

    with Broker(tmp_path, "mat", "s3cret", tls=True) as broker:
        asyncio.run(scenario(broker))


async def reaches(broker: Broker, settings: MqttSettings, folder: Path, control: Control) -> None:
    """A client with the same rights sees the companion and is obeyed."""
    tls = aiomqtt.TLSParameters(ca_certs=settings.authority)
    async with aiomqtt.Client(
        settings.host, broker.port, username="mat", password="s3cret", tls_params=tls
    ) as client:
        await client.subscribe("companion/#")
        home = Home(client)
        await home.until(lambda: home["availability"] == "online")
        await home.command("start desk-break")
        await home.until(lambda: home["routine"] == "Desk break")


@pytest.mark.parametrize("port", ["99999", "0", "high", "1.5"])
def test_a_port_that_is_none_is_told(tmp_path: Path, port: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(f"mqtt:\n  host: localhost\n  port: {port}\n")
    with pytest.raises(ContentError, match="a whole number, 1 to 65535"):
        load_settings(file)


# -- by themselves ---------------------------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOLDING = Status(
    "holding", "desk-break", "Calf stretch", "Right side", "Hold", 30, 0.2, "", None, None, 0.8
)  # fmt: skip


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def test_a_countdown_that_only_goes_on_stays_as_it_was() -> None:
    first = Countdown().at(HOLDING, NOON)
    assert (first.ends, first.remaining) == (NOON + seconds(30), 30)
    assert first.at(replace(HOLDING, remaining=20), NOON + seconds(10.4)) is first
    longer = first.at(replace(HOLDING, remaining=40), NOON + seconds(10))
    assert longer.ends == NOON + seconds(50)


def test_a_countdown_stands_still_in_a_pause() -> None:
    paused = Countdown().at(replace(HOLDING, state="paused", remaining=17), NOON)
    assert (paused.ends, paused.remaining) == (None, 17)
    assert Countdown().at(replace(HOLDING, remaining=None), NOON) == Countdown()


def test_the_words_of_a_finding_are_sent_only_where_that_is_set() -> None:
    status = replace(HOLDING, finding=Finding("emergency", "saddle", NUMB))
    private, open_ = (dict(facts(status, Countdown(), {}, words)) for words in (False, True))
    assert NUMB not in str(private)
    assert json.loads(open_["finding"])["words"] == NUMB


@pytest.mark.parametrize(
    ("name", "id"),
    [("Mat", "mat"), ("Room 3 / left", "room-3-left"), ("#+/", "companion"), ("Küche", "k-che")],
)
def test_any_name_makes_a_topic(name: str, id: str) -> None:  # noqa: A002
    assert Topics(name).command == f"companion/{id}/command"


def test_a_command_is_an_action_and_the_rest() -> None:
    assert read_command(b" say  how long left ") == ("say", "how long left")


@pytest.mark.parametrize("file", ["/etc/shadow", "../secret", "mine.yaml", "C:\\\\mine", "mine.YML "])
def test_a_network_reads_no_file(file: str) -> None:
    with pytest.raises(ControlError, match="by its name"):
        read_command(f"start {file}".encode())
