"""The command line as a person meets it: what it prints, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from companion.cli import REMOTE, _parser, run
from tests.running import companion, environment


def lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines()]


# -- help -----------------------------------------------------------------------------------------------


COMMANDS = (
    "start", "resume", "rehearse", "routines", "voices", "devices", "settings", "clear", "interpret", "hear",
    "setup", "doctor", "history", "export", "forget", "serve", "status", "say", *REMOTE,
)  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_has_help_with_an_example(capsys, command: str) -> None:
    with pytest.raises(SystemExit) as left:
        run([*command.split(), "--help"])
    assert left.value.code == 0
    shown = capsys.readouterr().out
    assert "example" in shown
    assert f"companion {command}".strip() in shown


@pytest.mark.parametrize("words", [["--text", "start", "x"], ["start", "x", "--text"]])
def test_an_option_of_sessions_may_stand_before_or_after_the_command(words: list[str]) -> None:
    options = _parser().parse_args(words)
    assert (options.text, options.voice) == (True, None)


def test_help_imports_nothing_heavy(tmp_path) -> None:
    program = (
        "import sys; from companion.cli import run\n"
        "try: run(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'yaml', 'jsonschema', 'sounddevice', 'asyncio', 'prompt_toolkit', 'vosk'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


# -- mistakes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("start sciatca-relief --text", "Did you mean sciatica-relief?"),
        ("rehearse sciatca-relief", "Did you mean sciatica-relief?"),
        ("start nowhere.yaml --text", "nowhere.yaml: there is no such file"),
        ("rehearse sciatica-relief --script nowhere.txt", "nowhere.txt: there is no such file"),
        ("routines show zumba", "There is no routine “zumba”"),
        ("resume --text", "no place was kept"),
        ("start desk-break --mic nowhere.wav", "nowhere.wav: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_with_exit_code_2(
    tmp_path, arguments: str, message: str
) -> None:
    done = companion(*arguments.split(), home=tmp_path, stdin="")
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("companion: ")


def test_a_broken_routine_names_file_line_and_remedy(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: Mine\nabout: x\nsources: [me]\nsteps:\n  - exercise: piriformis-stretch\n    hodl: 30s\n"
    )
    checked = companion("routines", "check", str(file), home=tmp_path)
    assert checked.returncode == 1
    assert f"{file}:6:" in checked.stdout
    assert "Did you mean hold?" in checked.stdout
    started = companion("start", str(file), "--text", home=tmp_path, stdin="stop\n")
    assert started.returncode == 2
    assert f"{file}:6:" in started.stderr


def test_a_broken_file_of_ones_own_leaves_the_rest_usable(tmp_path) -> None:
    own = tmp_path / "config" / "companion" / "routines" / "broken.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("name: [")
    listed = companion("routines", home=tmp_path)
    assert "sciatica-relief" in listed.stdout
    assert str(own) in listed.stderr
    started = companion("start", "desk-break", "--text", home=tmp_path, stdin="stop\n")
    assert started.returncode == 0
    assert "Left out:" in started.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speach:\n  voice: calm\n", "settings.yaml:1: “speach” is no setting. Did you mean speech?"),
        (
            "speech:\n  volume: loud\n",
            "settings.yaml:2: “volume” cannot be “loud”. It is a number from 0 up.",
        ),
        ("session:\n  cues: bells\n", "It is one of speech, chimes, both."),
        ("session: 3\n", "a group of settings belongs here"),
    ],
)
def test_a_broken_setting_names_its_line(tmp_path, text: str, message: str) -> None:
    file = tmp_path / "config" / "companion" / "settings.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    done = companion("start", "desk-break", "--text", home=tmp_path, stdin="")
    assert done.returncode == 2
    assert message in done.stderr


# -- routines -------------------------------------------------------------------------------------------


def test_a_new_routine_passes_its_own_check_and_can_be_rehearsed(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    assert companion("routines", "new", str(file), home=tmp_path).returncode == 0
    checked = companion("routines", "check", str(file), home=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, f"{file}: all is well.\n")
    assert companion("rehearse", str(file), home=tmp_path).returncode == 0
    again = companion("routines", "new", str(file), home=tmp_path)
    assert again.returncode == 2
    assert str(file) in again.stderr


def test_a_routine_is_shown_with_who_should_leave_it_out(tmp_path) -> None:
    shown = companion("routines", "show", "sciatica-relief", home=tmp_path).stdout
    for part in ("Downward dog", "glaucoma", "30s", "Sources"):
        assert part in shown


# -- rehearsing -----------------------------------------------------------------------------------------


def test_a_rehearsal_prints_json_lines_with_the_names_other_programs_read(tmp_path) -> None:
    script = tmp_path / "said.txt"
    script.write_text("# a try\n5 how long left\n1:50 pause\n120.5s resume\n")
    done = companion("rehearse", "sciatica-relief", "--json", "--script", str(script), home=tmp_path)
    assert done.returncode == 0
    entries = lines(done.stdout)
    keys = {
        "speak": {"text", "priority"},
        "cut": {"text"},
        "state": {"from", "to"},
        "hold": {"exercise", "side", "seconds", "phase"},
        "heard": {"text", "intent"},
    }
    for event, wanted in keys.items():
        found = [e for e in entries if e["event"] == event]
        assert found
        assert all(wanted <= set(e) for e in found)
    assert [e["t"] for e in entries] == sorted(e["t"] for e in entries)
    heard = [(e["t"], e["intent"]) for e in entries if e["event"] == "heard"]
    assert (5, "time_left") in heard
    assert (110, "pause") in heard
    assert (120.5, "resume") in heard


def test_what_a_rehearsal_prints_is_a_script_for_the_next(tmp_path) -> None:
    script = tmp_path / "said.txt"
    script.write_text("100 pause\n130 resume\n150 next\n170 stop\n")
    first = companion("rehearse", "desk-break", "--json", "--script", str(script), home=tmp_path).stdout
    again = tmp_path / "again.jsonl"
    again.write_text(first)
    second = companion("rehearse", "desk-break", "--json", "--script", str(again), home=tmp_path).stdout
    one, two = lines(first), lines(second)
    assert [(e["event"], e.get("text")) for e in one] == [(e["event"], e.get("text")) for e in two]
    assert [e["t"] for e in one] == pytest.approx(
        [e["t"] for e in two], abs=0.01
    )  # printed to the millisecond


def test_a_broken_script_names_its_lines(tmp_path) -> None:
    script = tmp_path / "said.txt"
    script.write_text("5 pause\nsoon stop\n")
    done = companion("rehearse", "desk-break", "--script", str(script), home=tmp_path)
    assert done.returncode == 2
    assert f"{script}:2:" in done.stderr


def test_the_reader_of_a_pipe_may_go_away(tmp_path) -> None:
    shell = f"{sys.executable} -m companion rehearse sciatica-relief | head -n 1"
    done = subprocess.run(
        shell,
        shell=True,
        env=environment(tmp_path),
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert "Hello" in done.stdout
    assert done.stderr == ""


# -- sessions without sound -----------------------------------------------------------------------------


def test_a_session_can_be_typed(tmp_path) -> None:
    done = companion(
        "start", "desk-break", "--text", "--json", home=tmp_path, stdin="pause\nhow long left\nstop\n"
    )
    assert done.returncode == 0
    entries = lines(done.stdout)
    assert [e["intent"] for e in entries if e["event"] == "heard"] == ["pause", "time_left", "stop"]
    assert "Stopped." in [e.get("text") for e in entries]


def test_where_nobody_can_take_part_it_is_shown_as_a_rehearsal(tmp_path) -> None:
    done = companion("start", "desk-break", "--json", home=tmp_path, PULSE_SERVER="unix:/nowhere")
    assert done.returncode == 0
    assert "nobody could take part" in done.stderr
    assert [e for e in lines(done.stdout) if e["event"] == "session"][-1]["how"] == "finished"


def test_greeting_alone_waits_for_start_and_the_end_of_input_is_a_goodbye(tmp_path) -> None:
    done = companion("--text", home=tmp_path, stdin="which routines are there\nstart desk break\n")
    assert done.returncode == 0
    assert "Hello. I lead you" in done.stdout
    assert "Goodbye. Your place is kept." in done.stdout
    resumed = companion("resume", "--text", home=tmp_path, stdin="stop\n")
    assert "Going on." in resumed.stdout


# -- the lock -------------------------------------------------------------------------------------------


def test_a_red_flag_locks_over_a_restart_until_it_is_cleared(tmp_path) -> None:
    said = "i can't feel anything between my legs\nstop\n"
    first = companion("start", "desk-break", "--text", home=tmp_path, stdin=said)
    assert "You said: loss of feeling between your legs." in first.stdout
    second = companion("start", "desk-break", "--text", home=tmp_path, stdin="resume\n")
    assert "Not today, because you reported loss of feeling between your legs." in second.stdout
    kept = companion("clear", home=tmp_path, stdin="no\n")
    assert kept.returncode == 1
    cleared = companion("clear", home=tmp_path, stdin="yes\n")
    assert cleared.returncode == 0
    third = companion("start", "desk-break", "--text", home=tmp_path, stdin="stop\n")
    assert "Hello." in third.stdout


def test_a_lock_that_cannot_be_read_is_a_lock(tmp_path) -> None:
    file = tmp_path / "data" / "companion" / "lock.json"
    file.parent.mkdir(parents=True)
    file.write_text("half a l")
    done = companion("start", "desk-break", "--text", home=tmp_path, stdin="")
    assert "Not today" in done.stdout


# -- interpret ------------------------------------------------------------------------------------------


def test_interpret_tells_what_is_meant_and_why(tmp_path) -> None:
    said = "pause\nmy leg keeps giving way\nget off at the next stop love\n"
    done = companion("interpret", "--json", home=tmp_path, stdin=said)
    pause, report, chatter = lines(done.stdout)
    assert list(pause) == ["text", "intent", "slots", "tier", "flag", "ask", "evidence"]
    assert pause["intent"] == "pause"
    assert (report["intent"], report["tier"], report["flag"]) == ("report_symptom", "urgent", "leg_weakness")
    assert report["evidence"]
    assert chatter["intent"] == "chatter"
    shown = companion("interpret", "my", "leg", "keeps", "giving", "way", home=tmp_path).stdout
    assert "urgent: leg weakness" in shown
