"""The resident companion as a program: what people type, in processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import Running, companion, environment


@pytest.fixture
def resident(tmp_path: Path) -> Iterator[Running]:
    with Running("serve", "--text", home=tmp_path) as running:
        running.wait_for("speak")
        yield running


def says(home: Path, *arguments: str) -> str:
    """What a command prints that a running companion carries out."""
    done = companion(*arguments, home=home)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_every_command_goes_to_the_one_that_stays(tmp_path: Path, resident: Running) -> None:
    assert says(tmp_path, "status").startswith("Nothing is running.")
    assert says(tmp_path).startswith("Nothing is running.")  # which does not greet beside the other
    assert says(tmp_path, "start", "sciatica-relief") == "Sciatica relief: hello"
    resident.wait_for("speak", text="Hello. This is Sciatica relief, about 10 minutes.")
    for command, state in (("pause", "paused"), ("resume", "greeting"), ("toggle", "paused")):
        says(tmp_path, command)
        assert json.loads(says(tmp_path, "status", "--json"))["state"] == state
    assert says(tmp_path, "say", "carry", "on", "please") == "Sciatica relief: hello"
    assert says(tmp_path, "next") == "Sciatica relief: a question"  # nothing jumps over the screening
    assert says(tmp_path, "stop").startswith("Nothing is running.")
    assert [e["intent"] for e in resident.entries if e["event"] == "heard"] == [
        "pause", "resume", "pause", "resume", "next", "stop",
    ]  # fmt: skip


def test_a_second_one_says_that_one_runs(tmp_path: Path, resident: Running) -> None:
    second = companion("serve", "--text", home=tmp_path)
    assert second.returncode == 2
    assert second.stderr == "companion: A companion is running already. See what it does: companion status\n"


def test_mistakes_are_told_by_the_one_that_stays(tmp_path: Path, resident: Running) -> None:
    for arguments, message in (
        (
            ("start", "sciatica-releif"),
            "companion: There is no routine “sciatica-releif”. Did you mean sciatica-relief?",
        ),
        (("start", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
    ):
        done = companion(*arguments, home=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr


def test_without_one_a_command_says_how_to_start_it(tmp_path: Path) -> None:
    for command in ("pause", "status", "stop"):
        done = companion(command, home=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "companion: No companion is running. Start one that stays: companion serve\n"


def test_a_lock_is_seen_when_it_is_set_and_when_it_is_cleared_elsewhere(
    tmp_path: Path, resident: Running
) -> None:
    elsewhere = companion("start", "desk-break", "--text", home=tmp_path, stdin="i have wet myself\nstop\n")
    assert "trouble with your bladder" in elsewhere.stdout
    assert says(tmp_path, "status").startswith("Locked, because of “i have wet myself”")
    assert says(tmp_path, "start", "desk-break").startswith("Locked")
    assert companion("clear", home=tmp_path, stdin="yes\n").returncode == 0
    assert says(tmp_path, "start", "desk-break") == "Desk break: hello"


def test_who_was_killed_goes_on_where_the_session_stood(tmp_path: Path) -> None:
    with Running("serve", "--text", home=tmp_path) as running:
        running.wait_for("speak")
        says(tmp_path, "start", "desk-break")
        for said in ("next", "no", "three", "ready"):
            says(tmp_path, "say", said)
        running.wait_for("hold", phase="start")
        before = json.loads(says(tmp_path, "status", "--json"))
        place = tmp_path / "data" / "companion" / "place.json"
        while not (place.exists() and "seated-cat-cow" in place.read_text()):  # at most a second later
            says(tmp_path, "status")
        running.kill()
    with Running("serve", "--text", home=tmp_path) as running:
        running.wait_for("speak")
        says(tmp_path, "resume")
        after = json.loads(says(tmp_path, "status", "--json"))
        assert (after["routine"], after["title"]) == (before["routine"], before["title"])


def test_the_one_that_stays_is_ended_by_the_system_without_a_failure(
    tmp_path: Path, resident: Running
) -> None:
    resident.terminate()
    assert resident.end() == 0
    assert not list(tmp_path.rglob("control.sock"))


def test_the_log_of_a_service_has_no_word_of_what_was_said(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "companion", "serve", "--text"],
        env=environment(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as service:  # fmt: skip
        try:
            while companion("status", home=tmp_path).returncode:
                assert service.poll() is None
            says(tmp_path, "say", "i have wet myself")
        finally:
            service.send_signal(signal.SIGKILL)
        assert service.stdout is not None
        assert service.stdout.read() == b""


def test_a_client_imports_next_to_nothing(tmp_path: Path) -> None:
    program = (
        "import sys; from companion.cli import run; run(['pause'])\n"
        "heavy = {'numpy', 'yaml', 'jsonschema', 'asyncio', 'rapidfuzz', 'companion.config', 'sqlite3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
