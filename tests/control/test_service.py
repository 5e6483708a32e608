"""The unit, as the real systemd reads and runs it."""

import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from companion.control import service
from companion.control.client import ask
from companion.control.service import ServiceError
from tests.control.desk import LONG, ServiceManager, folders, needs, output
from tests.running import ROOT

SYSTEMD = Path("/lib/systemd/systemd")
# A manager of one user's services, apart from the machine's own. It wants to see a machine that systemd runs.
MANAGER = f"""\
mount -t tmpfs none /run/systemd && mkdir /run/systemd/system && exec {SYSTEMD} --user --unit=basic.target
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A person's folders, and no way from here to the services of whoever runs the tests."""
    nowhere = f"unix:path={tmp_path}/no-bus"
    for name, value in (folders(tmp_path) | {"DBUS_SYSTEM_BUS_ADDRESS": nowhere}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr(service, "BOOTED", tmp_path)
    return tmp_path


def verify(text, folder):
    """What the real systemd finds wrong with a unit."""
    needs("systemd-analyze", "systemd")
    file = folder / service.NAME
    file.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--user", file], capture_output=True, text=True)
    return done.returncode, done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(home):
    assert verify(service.unit_text(), home) == (0, "")


@pytest.mark.parametrize(
    ("right", "wrong"), [("ExecStart=/", "ExecStart=/nowhere/"), ("WatchdogSec=", "WatchdogSecond=")]
)
def test_systemd_would_find_what_is_wrong(right, wrong, home):
    assert verify(service.unit_text().replace(right, wrong), home) != (0, "")


def test_the_unit_restarts_what_fails_and_not_for_ever():
    lines = service.unit_text().splitlines()
    for line in ("Type=notify", "Restart=on-failure", "StartLimitBurst=5", "WatchdogSec=30"):
        assert line in lines
    assert lines[0].startswith(service.FIRST_LINE)


# -- where it cannot be ---------------------------------------------------------------------------------


def test_a_machine_without_systemd_is_told_what_to_start(home, monkeypatch):
    monkeypatch.setattr(service, "BOOTED", home / "none")
    for action in (lambda: list(service.install()), lambda: list(service.remove()), service.status):
        with pytest.raises(ServiceError, match=r"not run by systemd.*companion serve$"):
            action()
    assert not service.unit_file().exists()


def test_a_systemd_that_cannot_be_reached_leaves_all_as_it_was(home):
    needs("systemctl", "systemd")
    with pytest.raises(ServiceError, match="Log in as the person who is to use it"):
        list(service.install())
    assert not service.unit_file().exists()


def test_a_unit_of_somebody_else_is_left_alone(home):
    service.unit_file().parent.mkdir(parents=True)
    service.unit_file().write_text("[Service]\nExecStart=/bin/true\n")
    with pytest.raises(ServiceError, match="was not written by this program"):
        list(service.install())
    assert service.unit_file().read_text() == "[Service]\nExecStart=/bin/true\n"


def test_what_is_not_installed_cannot_be_removed(home):
    with pytest.raises(ServiceError, match="There is no service to remove"):
        list(service.remove())


# -- run by a real systemd ------------------------------------------------------------------------------


@pytest.fixture
def systemd(home, monkeypatch):
    """A real user manager of its own, where the kernel lets this process have one."""
    needs("systemctl", "systemd")
    apart = ["unshare", "--mount"] if os.getuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    ready = ServiceManager(str(home / "ready"))
    log = home / "systemd.log"
    with log.open("w") as stream:
        manager = subprocess.Popen(
            [*apart, "sh", "-c", MANAGER],
            env=os.environ | ready.environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    if not (ready.hears() or "").startswith("READY=1"):
        manager.kill()
        pytest.skip(f"no systemd of our own can be run here: {log.read_text()}")
    yield
    subprocess.run(["systemctl", "--user", "exit"], check=True)
    manager.wait(LONG)
    ready.close()


def shown(*names):
    """What systemd knows of the service."""
    return [output("systemctl", "--user", "show", "-P", name, service.NAME).strip() for name in names]


def test_systemd_starts_it_kills_it_when_it_is_stuck_and_starts_it_anew(systemd, home):
    extra = service.unit_file().with_name(f"{service.NAME}.d") / "soon.conf"
    extra.parent.mkdir(parents=True)
    extra.write_text("[Service]\nWatchdogSec=1\nRestartSec=0.5\n")
    lines = list(service.install())
    assert lines[0] == f"Wrote {service.unit_file()}."
    assert "sudo loginctl enable-linger" in lines[-1]  # there is no bus to ask for it
    output("systemctl", "--user", "start", service.NAME)  # returns when it is ready
    assert shown("ActiveState", "SubState", "UnitFileState") == ["active", "running", "enabled"]
    (pid,) = shown("MainPID")
    assert ask("status")["status"]["state"] == "idle"

    process = os.pidfd_open(int(pid))
    os.kill(int(pid), signal.SIGSTOP)  # stuck
    assert select.select([process], [], [], LONG)[0], "systemd has not killed it"
    os.close(process)
    assert shown("Result") == ["watchdog"]
    output("systemctl", "--user", "start", service.NAME)
    assert shown("ActiveState", "SubState") == ["active", "running"]
    assert shown("MainPID") != [pid]

    ask("stop")  # the greeting, which a goodbye would wait for
    assert f"Stopped it, and removed {service.unit_file()}." in list(service.remove())
    assert shown("LoadState", "ActiveState") == ["not-found", "inactive"]
    assert not [*service.unit_file().parent.glob("**/*.wants/*")]
