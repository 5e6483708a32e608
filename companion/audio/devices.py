"""Finding microphones and loudspeakers, with errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from types import ModuleType
from typing import Any, Literal

from rapidfuzz import process

Kind = Literal["input", "output"]

NOUN = {"input": "microphone", "output": "loudspeaker"}


class NoDeviceError(Exception):
    """There is no such sound device, or it cannot be opened; the message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device as PortAudio lists it."""

    number: int
    name: str
    inputs: int  # channels
    outputs: int
    rate: int  # its own, samples a second

    def can(self, kind: Kind) -> bool:
        return bool(self.inputs if kind == "input" else self.outputs)


def sounddevice() -> ModuleType:
    """The sounddevice module, imported when first wanted; raise ``NoDeviceError`` without PortAudio."""
    try:
        import sounddevice as module
    except OSError as error:
        raise NoDeviceError(
            "No sound: the PortAudio library is missing. Install it with `sudo apt install libportaudio2`, or"
            " run with `--text`."
        ) from error
    return module  # type: ignore[no-any-return]


def devices() -> list[Device]:
    """Every sound device, in PortAudio's order; empty on a machine without any."""
    return [
        Device(
            number,
            found["name"],
            found["max_input_channels"],
            found["max_output_channels"],
            round(found["default_samplerate"]),
        )
        for number, found in enumerate(sounddevice().query_devices())
    ]


def find_device(kind: Kind, wanted: str | int | None = None) -> Device:
    """The device of that kind by number, by name (whole, or a part that only one has), or the default.

    Raise ``NoDeviceError`` whose message lists what there is.
    """
    usable = [device for device in devices() if device.can(kind)]
    if not usable:
        raise NoDeviceError(f"There is no {NOUN[kind]}. Plug one in and start again, or run with `--text`.")
    if wanted is None:
        return _default(kind, usable)
    if str(wanted).isdecimal():
        matches = [device for device in usable if device.number == int(wanted)]
    else:
        name = str(wanted).casefold()
        matches = [device for device in usable if device.name.casefold() == name] or [
            device for device in usable if name in device.name.casefold()
        ]
    if len(matches) != 1:
        raise NoDeviceError(_no_match(kind, wanted, matches, usable))
    return matches[0]


def _default(kind: Kind, usable: list[Device]) -> Device:
    number = sounddevice().default.device[0 if kind == "input" else 1]
    return next((device for device in usable if device.number == number), usable[0])


def _no_match(kind: Kind, wanted: str | int, matches: list[Device], usable: list[Device]) -> str:
    if matches:
        problem = f"'{wanted}' fits more than one {NOUN[kind]}; name one by its number."
    else:
        problem = f"There is no {NOUN[kind]} '{wanted}'."
        nearest = process.extractOne(str(wanted), [device.name for device in usable], score_cutoff=60)
        if nearest:
            problem += f" Did you mean '{nearest[0]}'?"
    listed = "\n".join(f"  {device.number}: {device.name}" for device in matches or usable)
    return f"{problem} There are:\n{listed}"


def open_stream(
    kind: Kind, device: Device, rates: Iterable[int], block: float, callback: Callable[..., None], **more: Any
) -> tuple[Any, int, int]:
    """The first of the rates, in mono or else stereo, that the device takes: (stream, rate, channels).

    ``block`` is seconds per callback; samples are int16. Raise ``NoDeviceError`` where it takes none.
    """
    sd = sounddevice()
    stream_class = sd.InputStream if kind == "input" else sd.OutputStream
    refusal = None
    for rate, channels in product(dict.fromkeys(rates), (1, 2)):
        try:
            stream = stream_class(
                device=device.number,
                samplerate=rate,
                channels=channels,
                dtype="int16",
                blocksize=round(block * rate),
                callback=callback,
                **more,
            )
        except sd.PortAudioError as error:
            refusal = error
        else:
            return stream, rate, channels
    raise NoDeviceError(
        f"The {NOUN[kind]} '{device.name}' cannot be opened: {refusal}. Close what else is using it,"
        " choose another, or run with `--text`."
    )
