"""Settings: what a person may change, in ``settings.yaml`` of the configuration folder.

Every setting is a field below, with its default, and a docstring that ``companion settings`` shows. A
settings file holds the groups and fields that differ::

    speech:
      voice: brisk
    session:
      cues: both
"""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs

from companion.content.errors import BrokenFileError, ContentError, did_you_mean, nearest
from companion.content.yaml_file import Document, Where, read_yaml
from companion.session.settings import SessionSettings

APP = "companion"


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """How the companion speaks."""

    voice: str = "calm"
    """A voice of the language pack or of the system; `companion voices` lists them."""
    volume: float = 0.8
    """How loud speech is, from 0 to 1."""
    chime_volume: float = 0.5
    """How loud chimes are, from 0 to 1."""
    server: str = ""
    """A Wyoming server that speaks instead, such as tcp://192.168.1.20:10200; empty is none."""


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Which devices are used."""

    microphone: str | None = None
    """Name or number of the microphone; empty is the system's own choice."""
    speaker: str | None = None
    """Name or number of the loudspeaker; empty is the system's own choice."""
    lead_in: float = 0.3
    """Seconds of silence before the first word, which HDMI and Bluetooth would swallow."""


@dataclass(frozen=True, slots=True)
class HearingSettings:
    """How the companion listens."""

    engine: Literal["auto", "vosk", "pocketsphinx"] = "auto"
    """The recogniser; auto takes Vosk where its model is here, else PocketSphinx."""
    server: str = ""
    """A Wyoming server that listens as well, such as tcp://192.168.1.20:10300; empty is none."""
    wake: str = ""
    """A phrase, such as hello companion, without which it does not listen between sessions; empty is none."""


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The MQTT broker of the home or the clinic."""

    host: str = ""
    """The broker's name or address; empty leaves MQTT out."""
    port: int | None = None
    """The broker's port; empty is 1883, or 8883 with TLS."""
    name: str = ""
    """This companion's name on the broker, different from all others; empty is the machine's own."""
    user: str = ""
    """The user name, where the broker wants one."""
    password_file: str = ""
    """A file with the password, which only you should be able to read."""
    tls: bool = False
    """Encrypt the connection, and check that the broker is who it says."""
    authority: str = ""
    """A file with the certificate (PEM) that vouches for the broker; empty trusts those of the system."""
    discovery: bool = True
    """Appear in Home Assistant by itself."""
    words: bool = False
    """Send the person's own words with a sign that was reported; else only what kind of sign it was."""


@dataclass(frozen=True, slots=True)
class ButtonSettings:
    """A push button and an LED on the pins of a Raspberry Pi."""

    pin: str = ""
    """The pin of a push button that connects it to ground, such as GPIO17; empty is none."""
    led: str = ""
    """The pin of an LED, such as GPIO27; empty is none."""
    hold: float = 1.5
    """Seconds for which the button is held to stop; a shorter press pauses or goes on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings."""

    language: str = "en"
    """The language pack, a folder of `voices`."""
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    hearing: HearingSettings = field(default_factory=HearingSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    button: ButtonSettings = field(default_factory=ButtonSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)


# -- where things are -----------------------------------------------------------------------------------


def config_folder() -> Path:
    """The person's own settings, ``routines`` and ``voices``; they come before the program's."""
    return platformdirs.user_config_path(APP, appauthor=False)


def cache_folder() -> Path:
    """What can be made again: rendered speech."""
    return platformdirs.user_cache_path(APP, appauthor=False)


def data_folder() -> Path:
    """What must not be lost: the place in a session, a lock, fetched models."""
    return platformdirs.user_data_path(APP, appauthor=False)


def settings_file() -> Path:
    return config_folder() / "settings.yaml"


# -- reading --------------------------------------------------------------------------------------------


def load_settings(file: Path | None = None) -> Settings:
    """The settings in ``file``, or those of the person; the defaults where there is no such file.

    Raises ``ContentError`` (all problems in one) where a field is unknown or its value does not fit.
    """
    if file is None:
        file = settings_file()
        if not file.exists():
            return Settings()
    document = read_yaml(file)
    problems: list[ContentError] = []
    settings = _build(Settings, document.data or {}, (), document, problems)
    if problems:
        raise BrokenFileError(problems)
    assert isinstance(settings, Settings)
    return settings


def _build(group: type, data: Any, where: Where, document: Document, problems: list[ContentError]) -> Any:
    if not isinstance(data, dict):
        problems.append(document.error(where, "a group of settings belongs here", f"{group.__doc__}"))
        return group()
    hints = typing.get_type_hints(group)
    values = {}
    for name, value in data.items():
        here = (*where, name)
        if name not in hints:
            remedy = did_you_mean(nearest(name, hints, limit=1)) or f"There are {', '.join(hints)}."
            problems.append(document.error(here, f"“{name}” is no setting", remedy))
        elif is_dataclass(hints[name]):
            values[name] = _build(typing.cast(type, hints[name]), value, here, document, problems)
        elif value is None:
            continue  # an empty value leaves the default
        elif (fitting := _fit(hints[name], value)) is not None:
            values[name] = fitting
        else:
            what = f"“{name}” cannot be “{value}”"
            problems.append(document.error(here, what, f"It is {_expected(hints[name])}."))
    return group(**values)


def _fit(wanted: Any, value: Any) -> Any:
    """The value as the annotation wants it, or None where it does not fit."""
    if isinstance(wanted, types.UnionType):
        wanted = next(a for a in typing.get_args(wanted) if a is not types.NoneType)
    if typing.get_origin(wanted) is Literal:
        return value if value in typing.get_args(wanted) else None
    if wanted is str and isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value <= 600 else None
    if wanted is int and isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 65536 else None  # the only whole number so far is a port
    if wanted is bool and isinstance(value, bool):
        return value
    return None


def _expected(wanted: Any) -> str:
    if isinstance(wanted, types.UnionType):
        wanted = next(a for a in typing.get_args(wanted) if a is not types.NoneType)
    if typing.get_origin(wanted) is Literal:
        return "one of " + ", ".join(map(str, typing.get_args(wanted)))
    return {
        bool: "true or false",
        int: "a whole number, 1 to 65535",
        float: "a number from 0 up",
        str: "text",
    }[wanted]


# -- showing --------------------------------------------------------------------------------------------


def describe_settings(group: type = Settings, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every setting: its dotted name, its default and what it means."""
    docs = _field_docs(group)
    hints = typing.get_type_hints(group)
    for each in fields(group):
        if is_dataclass(hints[each.name]):
            yield from describe_settings(typing.cast(type, hints[each.name]), f"{prefix}{each.name}.")
        else:
            default = "" if each.default in (MISSING, None) else str(each.default)
            yield prefix + each.name, default, docs.get(each.name, "")


def _field_docs(group: type) -> dict[str, str]:
    """The docstrings under the fields, which Python itself does not keep."""
    (definition,) = ast.parse(inspect.getsource(group)).body
    assert isinstance(definition, ast.ClassDef)
    docs = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(following, ast.Expr):
            value = following.value
            if isinstance(statement.target, ast.Name) and isinstance(value, ast.Constant):
                docs[statement.target.id] = " ".join(str(value.value).split())
    return docs
