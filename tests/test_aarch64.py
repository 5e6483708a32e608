"""Every dependency can be installed on a 64-bit Raspberry Pi without a compiler, says the package index."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [need for extra in PROJECT.get("optional-dependencies", {}).values() for need in extra]
# Python and glibc of Raspberry Pi OS Bookworm and Trixie (2.41 there, which uv does not know yet).
SYSTEMS = {"3.11": "2_36", "3.13": "2_40"}
NO_WHEEL = "srt"  # Python alone, which vosk brings along and pip builds anywhere
UNREACHABLE = ("error sending request", "Failed to fetch", "dns error", "timed out")


def resolve(python, folder, *requirements):
    """Ask the index what pip would install there from wheels alone; nothing is installed."""
    uv = shutil.which("uv", path=Path(sys.executable).parent)
    assert uv, "make setup-dev installs uv"
    done = subprocess.run(
        [
            uv, "pip", "install", "--dry-run", "--python-version", python,
            "--python-platform", f"aarch64-manylinux_{SYSTEMS.get(python, '2_36')}", "--target", folder,
            "--only-binary", ":all:", "--no-binary", NO_WHEEL, *requirements,
        ],
        capture_output=True, text=True, cwd=ROOT, env=os.environ | {"UV_HTTP_RETRIES": "0"},
    )  # fmt: skip
    if done.returncode != 0 and any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip(f"the package index cannot be asked: {' '.join(done.stderr.split())}")
    return done


@pytest.mark.parametrize("python", SYSTEMS)
def test_there_are_wheels_for_all_that_is_installed(python, tmp_path):
    done = resolve(python, tmp_path, "-r", "requirements.lock", *EXTRAS)
    assert done.returncode == 0, done.stderr
    for package in ("vosk", "pocketsphinx", "numpy", "espeakng-loader"):
        assert f" + {package}==" in done.stderr


def test_a_missing_wheel_is_noticed(tmp_path):
    done = resolve(
        "3.12", tmp_path, "pocketsphinx==5.1.1"
    )  # the README says that this one has to be compiled
    assert done.returncode != 0
    assert "pocketsphinx" in done.stderr
