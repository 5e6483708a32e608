"""A Mosquitto of the test's own: on a free port of this machine, with TLS and a password where wanted."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path

import aiomqtt

SBIN = "/usr/sbin"  # where Debian puts it; not everybody's PATH has that


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for ``localhost``, and its key."""
    certificate, key = folder / "broker.pem", folder / "broker.key"
    command = (
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        f" -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout {key} -out {certificate}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return certificate, key


class Broker:
    """A broker that can be killed and started again, on the same port. A context manager."""

    def __init__(self, folder: Path, user: str = "", password: str = "", tls: bool = False) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        lines = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {str(not user).lower()}"]
        lines += [
            "set_tcp_nodelay true",
            "persistence false",
            "user root",
        ]  # it gives up no rights that the test has
        if user:
            passwords = folder / "passwords"
            subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, user, password], check=True)
            lines.append(f"password_file {passwords}")
        if tls:
            self.certificate, key = certificate(folder)
            lines += [f"certfile {self.certificate}", f"keyfile {key}"]
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        program = shutil.which("mosquitto") or f"{SBIN}/mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", str(self._config), "-v"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self._process.stdout is not None
        seen = b""
        for line in self._process.stdout:
            seen += line
            if b"running" in line:
                break
        else:
            raise AssertionError(f"no broker: {seen.decode()}")

    def kill(self) -> None:
        """As when its machine loses power."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def client(self) -> aiomqtt.Client:
        """A plain client, such as a home has many."""
        return aiomqtt.Client("127.0.0.1", self.port, timeout=10)
