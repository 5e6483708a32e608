"""The doctor on a machine with a sound card, and on one without any sound."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soxr

from companion.audio.measure import SILENCE, SWEEP_SECONDS, find_echo, level, sweep
from companion.audio.room import synthetic_response
from companion.doctor.check import Check, Finding, Machine
from companion.doctor.examine import CHECKS, as_line, as_row, examine, run
from tests.asr.conftest import TINY_MODEL
from tests.audio.sounds import tone
from tests.running import companion, environment

NO_SOUND = {"PULSE_SERVER": "unix:/nowhere", "ALSA_CONFIG_PATH": "/usr/share/alsa/alsa.conf"}


def rows(done: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(row) == ["check", "status", "found", "remedy"] for row in found)
    return {row["check"]: row for row in found}


def doctor(home: Path, **env: str) -> tuple[int, dict[str, dict]]:
    done = companion("doctor", "--json", home=home, **env)
    return done.returncode, rows(done)


# -- with sound -----------------------------------------------------------------------------------------


@pytest.mark.sound
def test_a_machine_that_has_all_is_well(virtual_card, tmp_path):
    code, found = doctor(tmp_path, **virtual_card.environment)
    assert [row for row in found.values() if row["status"] == "fail"] == []
    assert code == 0
    assert set(found) == {check.name for check in CHECKS if not check.needs_person}
    assert "zeros" in found["microphone"]["found"]  # nobody is in this room, not even air
    assert "Unmute" in found["microphone"]["remedy"]
    assert "a rising tone was played" in found["loudspeaker"]["found"]
    assert "the microphone is silent" in found["echo"]["found"]
    assert "PocketSphinx" in found["recogniser"]["found"]
    assert {row["status"] for name, row in found.items() if name != "microphone"} == {"ok"}


@pytest.mark.sound
def test_an_echo_is_heard_and_what_cancels_it_named(virtual_card):
    """The loudspeaker's sound is led back into the microphone, through the system's own canceller or not."""
    (check,) = (check for check in CHECKS if check.name == "echo")

    def found():
        return run(check, Machine(lambda level: None))

    with virtual_card.loaded("module-loopback", "source=speakers.monitor", "sink=mouth", "latency_msec=60"):
        loud = found()
        assert loud.status == "warn" and "headphones" in loud.remedy
        assert re.match(r"comes back at -[23] dB after 0\.", loud.found)  # it was played at a volume of 0.8
        with virtual_card.loaded(
            "module-echo-cancel", "source_master=mic", "sink_master=hifi", "aec_method=null"
        ):
            assert found().remedy == (
                "The system offers mic.echo-cancel: pactl set-default-source mic.echo-cancel"
            )
            with virtual_card.default_source("mic.echo-cancel"):
                assert "the system cancels echo in mic.echo-cancel" in found().found
    assert "none comes back" in found().found


@pytest.mark.sound
def test_the_level_meter_shows_a_voice(virtual_card):
    (check,) = (check for check in CHECKS if check.needs_person)
    shown = []
    talking = threading.Thread(target=virtual_card.say, args=(tone(300, 2.0),))

    def meter(level):
        shown.append(level)
        if len(shown) == 5:
            talking.start()

    found = run(check, Machine(meter))
    talking.join()
    assert found.status == "ok" and found.found == "up to -15 dB"
    assert shown[0] == SILENCE and shown[-1] is None
    assert -16 < max(shown[:-1]) < -14
    silent = run(check, Machine(lambda level: None))
    assert silent.status == "warn" and "Come nearer" in silent.remedy


# -- without --------------------------------------------------------------------------------------------


def give_tiny_model(home: Path) -> Path:
    return shutil.copytree(TINY_MODEL, home / "data" / "companion" / "models" / "vosk-model-tiny")


def test_a_machine_without_sound_is_told_so_and_all_else_is_tested(tmp_path):
    give_tiny_model(tmp_path)
    code, found = doctor(tmp_path, **NO_SOUND)
    assert code == 1
    failed = {name for name, row in found.items() if row["status"] == "fail"}
    assert failed == {"sound system", "microphone", "loudspeaker", "echo"}
    assert "--text" in found["sound system"]["remedy"]
    assert found["model"]["found"] == "vosk-model-tiny"
    assert "listening with Vosk" in found["recogniser"]["found"]


def test_what_is_broken_is_named_and_the_rest_goes_on(tmp_path):
    config = tmp_path / "config" / "companion"
    (config / "routines").mkdir(parents=True)
    (config / "settings.yaml").write_text("speech:\n  voice: 3\n  colour: red\n")
    (config / "routines" / "mine.yaml").write_text("name: [")
    (give_tiny_model(tmp_path) / "am" / "final.mdl").unlink()
    code, found = doctor(tmp_path, **NO_SOUND)
    assert code == 1
    assert "settings.yaml:3: “colour” is no setting" in found["settings"]["found"]
    assert found["content"]["status"] == "warn" and "mine.yaml" in found["content"]["found"]
    assert found["model"]["status"] == "warn" and "am/final.mdl" in found["model"]["found"]
    assert "companion setup vosk-model-tiny" in found["model"]["remedy"]
    assert found["voice"]["status"] == "ok"
    assert "PocketSphinx, since the Vosk model" in found["recogniser"]["found"]


def test_a_library_that_is_missing_costs_only_what_needs_it(tmp_path):
    give_tiny_model(tmp_path)
    program = (
        "import sys; sys.modules['soxr'] = None; from companion.cli import run; run(['doctor', '--json'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True
    )
    found = rows(done)
    assert "ModuleNotFoundError" in found["microphone"]["found"] and "soxr" in found["microphone"]["found"]
    assert {found[name]["status"] for name in ("python", "settings", "content", "disk")} == {"ok"}


def test_in_words_it_is_a_table(tmp_path):
    give_tiny_model(tmp_path)
    done = companion("doctor", home=tmp_path, **NO_SOUND)
    assert done.returncode == 1
    assert "fail  microphone    There is no microphone." in done.stdout
    assert "→ Plug in a microphone" in done.stdout
    assert "your voice" not in done.stdout  # nobody is at a terminal


# -- how checks are run ---------------------------------------------------------------------------------


def raises(machine):
    raise ZeroDivisionError("oh")


def test_one_that_fails_or_hangs_keeps_no_other_from_running():
    forever = threading.Event()
    checks = (
        Check("broken", raises),
        Check("hung", lambda machine: forever.wait(), limit=0.05),
        Check("person", lambda machine: Finding("ok", "hello"), needs_person=True),
        Check("well", lambda machine: Finding("ok", "all")),
    )
    began = time.monotonic()
    found = {check.name: finding for check, finding in examine(False, checks)}
    assert time.monotonic() - began < 5
    forever.set()
    assert found["broken"] == Finding("fail", "ZeroDivisionError: oh")
    assert found["hung"].status == "fail" and found["hung"].found == "no answer within 0.05 s"
    assert found["well"] == Finding("ok", "all")
    assert "person" not in found
    assert "person" in {check.name for check, _ in examine(True, checks[2:])}


def test_a_row_and_a_line():
    check, finding = Check("echo", raises), Finding("warn", "loud", "Turn it down.")
    assert as_row(check, finding).splitlines() == [
        "warn  echo          loud",
        "                    → Turn it down.",
    ]
    assert json.loads(as_line(check, finding)) == {
        "check": "echo",
        "status": "warn",
        "found": "loud",
        "remedy": "Turn it down.",
    }


# -- measuring ------------------------------------------------------------------------------------------


def test_loudness():
    assert level(np.zeros(100, np.int16)) == SILENCE
    assert level(tone(440, 1.0, peak=32767).pcm) == pytest.approx(-3.0, abs=0.1)
    assert level(tone(440, 1.0, peak=3277).pcm) == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("echo_db", [-3.0, -12.0, -25.0])
@pytest.mark.parametrize("delay", [0.05, 0.3])
def test_an_echo_is_found_in_noise(echo_db, delay):
    heard = np.random.default_rng(1).normal(size=48_000) * 60
    sound = sweep().pcm
    at = round((1.0 + delay) * 16_000)
    heard[at : at + len(sound)] += sound * 10 ** (echo_db / 20)
    found = find_echo(heard.astype(np.int16), sound, 1.0)
    assert found is not None
    assert found.delay == pytest.approx(delay, abs=0.002)
    assert found.level == pytest.approx(echo_db, abs=1.0)


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_speech_are_no_echo(seed):
    heard = np.random.default_rng(seed).normal(size=48_000) * 500
    assert find_echo(heard.astype(np.int16), sweep().pcm, 1.0) is None


def test_an_echo_through_a_room_is_found():
    dry = np.concatenate([np.zeros(8000), sweep().pcm, np.zeros(16_000)])
    heard = soxr.resample(np.convolve(dry, synthetic_response())[: len(dry)], 16_000, 16_000)
    heard *= 8000 / np.abs(heard).max()
    found = find_echo(heard.astype(np.int16), sweep().pcm, 0.5)
    assert found is not None and 0 <= found.delay < 0.1
    assert len(sweep().pcm) == SWEEP_SECONDS * 16_000
