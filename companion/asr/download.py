"""Fetches one file over HTTP, going on where a broken connection left it."""

from __future__ import annotations

import email.message
import errno
import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

CHUNK = 1 << 16  # bytes
TIMEOUT = 30.0  # seconds in which something has to arrive
WAITS = (1.0, 2.0, 5.0, 10.0)  # seconds before each further try, counted anew once something has arrived
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

Progress = Callable[[int, int | None], None]  # bytes that are here, and of how many where that is known


class DownloadError(Exception):
    """The file could not be fetched; the message says what happened, and ``part`` may be resumed."""


class DiskFullError(DownloadError):
    """There is no room for the file."""


def download(url: str, part: Path, progress: Progress, size: int | None = None) -> None:
    """Fetch ``url`` into ``part``, whose bytes so far are kept and not fetched again.

    ``size``: what it has to be, in bytes, where that is known. Raises ``DownloadError``.
    """
    tries = iter(WAITS)
    while True:
        before = _size(part)
        try:
            _fetch(url, part, progress, size)
            return
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                raise DownloadError(f"{url} answers “{error.code} {error.reason}”") from error
            if _size(part) > before:
                tries = iter(WAITS)
            wait = next(tries, None)
            if wait is None:
                raise DownloadError(f"{url} cannot be reached ({_reason(error)})") from error
            time.sleep(wait)


def _fetch(url: str, part: Path, progress: Progress, size: int | None) -> None:
    """One connection. Raises ``OSError`` or ``HTTPException`` where another might help."""
    here = _size(part)
    if here and here == size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        if here and _total(error.headers) == here:
            return  # all of it was here, of a file whose size nobody had told
        part.unlink(missing_ok=True)  # it is longer than the whole, so it is something else
        raise ConnectionError("what was fetched before does not fit") from error
    with answer:
        resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
        here = here if resumed else 0
        whole = _total(answer.headers)
        if None not in (size, whole) and whole != size:
            raise DownloadError(f"{url} is of the wrong size: {whole:,} bytes instead of {size:,}")
        with part.open("ab" if resumed else "wb") as file:
            while block := answer.read(CHUNK):
                with disk_full_told(part.parent):
                    file.write(block)
                    file.flush()
                here += len(block)
                progress(here, whole)
    if whole is not None and here < whole:
        raise ConnectionError(f"the connection broke after {here:,} of {whole:,} bytes")


def _total(headers: email.message.Message) -> int | None:
    """Bytes of the whole file, of ``Content-Range: bytes 5-9/10`` or ``Content-Length: 10``."""
    total = headers.get("Content-Range", "").rpartition("/")[2] or headers.get("Content-Length", "")
    return int(total) if total.isdecimal() else None


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)


@contextmanager
def disk_full_told(folder: Path) -> Iterator[None]:
    """Turn the system's errors of a full disk into ``DiskFullError``."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFullError(f"the disk of {folder} is full") from error
        raise


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
