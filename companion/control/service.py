"""The companion as a service of systemd that starts with the machine, for the person who installs it."""

from __future__ import annotations

import getpass
import subprocess
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from companion.control.program import command_line, this_companion

NAME = "companion.service"
BOOTED = Path("/run/systemd/system")  # there where systemd runs the machine: sd_booted(3)
FIRST_LINE = "# Written by “companion service install”"


class ServiceError(Exception):
    """The service cannot be installed or asked; the message says what to do."""


def unit_file() -> Path:
    """Where systemd looks for a person's own services."""
    return platformdirs.user_config_path() / "systemd" / "user" / NAME


def unit_text() -> str:
    """The unit that runs this companion. Raises ``UnfitArgumentError``."""
    template = Path(__file__).with_name(NAME).read_text("utf-8")
    return template.format(command=command_line([*this_companion(), "serve"]))


def install() -> Iterator[str]:
    """Write the unit, start it, and let it start with the machine; yield lines that tell of it."""
    _check_systemd()
    file = unit_file()
    if file.exists() and not file.read_text("utf-8", "replace").startswith(FIRST_LINE):
        raise ServiceError(
            f"{file} is there already, and was not written by this program. Move it away first."
        )
    text = unit_text()
    _systemctl("show-environment")  # can this person's systemd be reached at all? Nothing is written yet
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    yield f"Wrote {file}."
    _systemctl("daemon-reload")
    _systemctl("enable", NAME)
    _systemctl("restart", "--no-block", NAME)
    yield "It is starting. To see how it is: companion service status"
    yield _linger()


def remove() -> Iterator[str]:
    """Stop the service and take its unit away; yield lines that tell of it."""
    _check_systemd()
    file = unit_file()
    if not file.exists():
        raise ServiceError(f"There is no service to remove: {file} does not exist.")
    _systemctl("disable", "--now", NAME)
    file.unlink()
    _systemctl("daemon-reload")
    yield f"Stopped it, and removed {file}."
    yield f"Services of {getpass.getuser()} may still run without a login: sudo loginctl disable-linger"


def status() -> int:
    """Let systemd show how the service is; return its exit code, 0 where it runs."""
    _check_systemd()
    return subprocess.call(["systemctl", "--user", "--no-pager", "--lines=10", "status", NAME])


def logs(follow: bool) -> int:
    """Let systemd show what the service has said; return its exit code."""
    _check_systemd()
    # Not “--user --unit”: journald keeps no journal of its own for a user while it writes to memory alone.
    options = ["--follow"] if follow else ["--no-pager", "--lines=100"]
    return subprocess.call(["journalctl", f"--user-unit={NAME}", *options])


def _linger() -> str:
    """Let the service start with the machine, before anybody logs in; say so, or why it does not."""
    user = getpass.getuser()
    done = subprocess.run(["loginctl", "enable-linger", user], capture_output=True, text=True)
    if done.returncode == 0:
        return "It starts with the machine, also when nobody logs in."
    return (
        f"It starts when {user} logs in, and ends when {user} logs out. To start it with the machine:"
        f" sudo loginctl enable-linger {user}  ({done.stderr.strip()})"
    )


def _systemctl(*arguments: str) -> None:
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise ServiceError(
            f"systemctl --user {' '.join(arguments)} failed: {done.stderr.strip()}. Log in as the person who"
            " is to use it, on the machine or with ssh; su and sudo do not reach a person's services."
        )


def _check_systemd() -> None:
    if not BOOTED.exists():
        raise ServiceError(
            "This machine is not run by systemd, so it has no such service. Let whatever starts programs here"
            f" start this one:  {command_line([*this_companion(), 'serve'])}"
        )
