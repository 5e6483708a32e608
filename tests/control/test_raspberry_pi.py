"""The page for the Raspberry Pi: its commands and settings are ones that there are."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from companion.cli import _parser
from companion.config import load_settings
from companion.control.service import unit_text

PAGE = (Path(__file__).parents[2] / "RASPBERRY_PI.md").read_text("utf-8")
PASTED = re.findall(r"^ {4,7}(.*)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", [line for line in PASTED if line.startswith("companion ")])
def test_a_command_exists(line):
    assert _parser().parse_args(shlex.split(line, comments=True)[1:]).command


@pytest.mark.parametrize("settings", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_settings_fit(settings, tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text(settings)
    load_settings(file)


def test_the_shell_can_read_what_is_pasted():
    assert len(PASTED) > 30
    script = "\n".join(PASTED)
    checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_what_it_says_of_the_service_is_so():
    assert "WatchdogSec=30" in unit_text()  # a sign of life every 15 s
    assert "StartLimitBurst=5" in unit_text()
    assert "StartLimitIntervalSec=600" in unit_text()
