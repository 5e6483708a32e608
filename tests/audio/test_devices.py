"""Finding devices; what is not there is told with what is, and with the remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from companion.audio.devices import NoDeviceError, devices, find_device, open_stream

ROOT = str(Path(__file__).parents[2])


@pytest.mark.sound
def test_by_name_by_part_of_it_by_number_and_the_default(virtual_card):
    speakers = find_device("output", "speakers")
    assert find_device("output", "SPEAK") == speakers
    assert find_device("output", speakers.number) == speakers
    assert find_device("output", str(speakers.number)) == speakers
    assert find_device("output").can("output")
    assert find_device("input", "mic").can("input")


@pytest.mark.sound
def test_a_wrong_name_gets_the_list_and_the_nearest(virtual_card):
    with pytest.raises(
        NoDeviceError, match=r"no loudspeaker 'speekers'\. Did you mean 'speakers'\?"
    ) as raised:
        find_device("output", "speekers")
    for device in devices():
        assert f"{device.number}: {device.name}" in str(raised.value)


@pytest.mark.sound
@pytest.mark.parametrize("wanted", [999, "-1"])
def test_a_wrong_number_gets_the_list(virtual_card, wanted):
    with pytest.raises(NoDeviceError, match=rf"no microphone '{wanted}'.*There are:"):
        find_device("input", wanted)


@pytest.mark.sound
def test_an_ambiguous_name_gets_the_numbers(virtual_card):
    with pytest.raises(
        NoDeviceError, match="fits more than one loudspeaker; name one by its number"
    ) as raised:
        find_device("output", "i")
    assert "hifi" in str(raised.value)


@pytest.mark.sound
def test_a_rate_that_the_device_refuses_gives_way_to_the_next(virtual_card):
    device = find_device("input", "mic")
    stream, rate, channels = open_stream("input", device, (10_000_000, 44_100), 0.02, lambda *_: None)
    stream.close()
    assert (rate, channels) == (44_100, 1)


@pytest.mark.sound
def test_a_device_that_takes_nothing_is_told(virtual_card):
    with pytest.raises(NoDeviceError, match=r"The microphone 'mic' cannot be opened: .*--text"):
        open_stream("input", find_device("input", "mic"), (10_000_000,), 0.02, lambda *_: None)


def told(before, **environment):
    """What a program without devices says when it looks for a loudspeaker."""
    script = f"""
from companion.audio.devices import NoDeviceError, find_device
{before}
try:
    find_device("output")
except NoDeviceError as error:
    print(error)
"""
    environment = {**os.environ, "PYTHONPATH": ROOT, **environment}
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


@pytest.mark.skipif(Path("/dev/snd").exists(), reason="this machine has a sound card")
def test_a_machine_without_sound_is_told(tmp_path):
    message = told("", PULSE_SERVER=f"unix:{tmp_path}/none", ALSA_CONFIG_PATH="/usr/share/alsa/alsa.conf")
    assert message == "There is no loudspeaker. Plug one in and start again, or run with `--text`.\n"


def test_a_missing_portaudio_is_told_with_the_remedy():
    message = told("import ctypes.util; ctypes.util.find_library = lambda name: None")
    assert message.startswith("No sound: the PortAudio library is missing. Install it with `sudo apt install")
