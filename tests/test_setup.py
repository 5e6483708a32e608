"""Fetching a model: a real server that can misbehave, a real zip, a real disk that is full, the real Vosk."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from companion.asr import download, models
from companion.asr.choose import make_recogniser
from companion.asr.models import (
    MODELS,
    Model,
    ModelError,
    default_model,
    fetch,
    find_model,
    install,
    installed,
)
from companion.setup import ProgressBar, progress_line
from tests.asr.conftest import TINY_MODEL
from tests.asr.speech import finals, hear, say, silence
from tests.running import ROOT, companion, environment

NAME = "vosk-model-tiny-0.1"


def zipped(folder: Path = TINY_MODEL, name: str = NAME) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, f"{name}/{file.relative_to(folder)}")
    return buffer.getvalue()


ARCHIVE = zipped()
DIGEST = hashlib.sha256(ARCHIVE).hexdigest()
TINY = Model(NAME, "xx", 1, "for tests", len(ARCHIVE), DIGEST)
UNKNOWN = Model(NAME, "xx", 1, "for tests")  # nothing is known of it beforehand


class Site(ThreadingHTTPServer):
    """A site with one file, on a line that breaks as often as it is told to."""

    daemon_threads = True

    def __init__(self, content: bytes = ARCHIVE) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.breaks: list[int] = []  # bytes after which each of the next answers breaks off
        self.ranges = True  # whether it can begin in the middle
        self.tells_length = True
        self.status = 200
        self.asked: list[str | None] = []  # the Range of every request
        self.sent = 0
        self.address = f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request, client_address) -> None:
        """A client that has gone is no news."""


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        site, wanted = self.server, self.headers.get("Range")
        site.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and site.ranges else 0
        if site.status != 200 or self.path != f"/{NAME}.zip":
            self.send_error(site.status if site.status != 200 else 404)
            return
        if wanted and start >= len(site.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(site.content)}")
            self.end_headers()
            return
        body = site.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(site.content) - 1}/{len(site.content)}")
        if site.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body[: site.breaks.pop(0)] if site.breaks else body
        site.sent += len(body)
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site():
    with Site() as site:
        server = threading.Thread(target=site.serve_forever, args=(0.01,))
        server.start()
        yield site
        site.shutdown()
        server.join()


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(download, "WAITS", (0.0, 0.0, 0.0))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "models"


def get(folder, site, model=TINY, progress=lambda here, whole: None):
    return fetch(model, folder, progress, site.address)


def left_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


# -- all goes well --------------------------------------------------------------------------------------


def test_what_was_installed_is_what_vosk_hears_with(folder, site):
    assert get(folder, site)
    assert left_in(folder) == [NAME]
    recogniser, line = make_recogniser("vosk", ("stop", "pause"), {}, folder)
    assert NAME in line
    assert finals(hear(recogniser, silence(0.5), say("pause"), silence(1.2))) == ["pause"]


def test_every_file_arrives_as_it_was(folder, site):
    get(folder, site)
    files = [file.relative_to(TINY_MODEL) for file in TINY_MODEL.rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert (folder / NAME / file).read_bytes() == (TINY_MODEL / file).read_bytes()


def test_a_second_time_nothing_is_fetched(folder, site):
    get(folder, site)
    assert not get(folder, site)
    assert site.asked == [None]


@pytest.mark.parametrize("tells_length", [True, False])
def test_a_model_of_which_nothing_is_known_is_checked_by_what_is_in_it(folder, site, tells_length):
    site.tells_length = tells_length
    assert get(folder, site, UNKNOWN)
    assert left_in(folder) == [NAME]


# -- resuming -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranges", [True, False])
def test_a_line_that_breaks_is_gone_on_with(folder, site, ranges):
    site.breaks = [100_000, 50_000, 1]
    site.ranges = ranges
    assert get(folder, site)
    assert left_in(folder) == [NAME]
    if ranges:
        assert site.asked == [None, "bytes=100000-", "bytes=150000-", "bytes=150001-"]
        assert site.sent == len(ARCHIVE)


def test_what_an_earlier_run_fetched_is_not_fetched_again(folder, site):
    site.breaks = [200_000, 0, 0, 0]
    with pytest.raises(ModelError, match=r"broke after 200,000 .* goes on where it was.*--from"):
        get(folder, site)
    assert left_in(folder) == [f"{NAME}.zip.part"]
    assert get(folder, site)
    assert site.sent == len(ARCHIVE)


@pytest.mark.parametrize("model", [TINY, UNKNOWN])
def test_a_whole_part_is_used_as_it_is(folder, site, model):
    folder.mkdir()
    (folder / f"{NAME}.zip.part").write_bytes(ARCHIVE)
    assert get(folder, site, model)
    assert site.sent == 0


def test_a_part_that_is_too_long_is_thrown_away(folder, site):
    folder.mkdir()
    (folder / f"{NAME}.zip.part").write_bytes(ARCHIVE + b"more")
    assert get(folder, site)
    assert left_in(folder) == [NAME]


def test_a_part_of_something_else_is_found_out_and_the_next_time_is_right(folder, site):
    folder.mkdir()
    (folder / f"{NAME}.zip.part").write_bytes(bytes(1000))
    with pytest.raises(ModelError, match=r"damaged: its SHA-256 .* Fetch it again"):
        get(folder, site)
    assert left_in(folder) == []
    assert get(folder, site)


# -- all goes wrong -------------------------------------------------------------------------------------


def test_no_network_says_how_to_carry_it_over(folder, site):
    nobody = "http://127.0.0.1:9/"  # the discard port
    with pytest.raises(ModelError, match=rf"refused.*Check the connection.*setup --from {NAME}\.zip"):
        fetch(TINY, folder, lambda here, whole: None, nobody)
    assert left_in(folder) == []


def test_a_site_that_has_it_not_is_asked_once(folder, site):
    site.status = 404
    with pytest.raises(ModelError, match="answers “404 Not Found”"):
        get(folder, site)
    assert len(site.asked) == 1


def test_a_site_that_is_ill_is_asked_again(folder, site):
    site.status = 503
    with pytest.raises(ModelError, match="cannot be reached"):
        get(folder, site)
    assert len(site.asked) == 4


def test_the_wrong_length_is_noticed_before_it_is_fetched(folder, site):
    site.content = ARCHIVE + b"more"
    with pytest.raises(ModelError, match="of the wrong size"):
        get(folder, site)
    assert site.asked == [None] and left_in(folder) == []


def test_damage_on_the_way_is_found_by_the_sha_256(folder, site):
    site.content = ARCHIVE[:1000] + bytes([ARCHIVE[1000] ^ 1]) + ARCHIVE[1001:]
    with pytest.raises(ModelError, match=r"damaged: its SHA-256 is not the right one\. Fetch it again"):
        get(folder, site)
    assert left_in(folder) == []


@pytest.mark.parametrize(
    "content",
    [
        b"<html>Please log in to this network</html>",
        b"",
        ARCHIVE[:-100],
        ARCHIVE[: len(ARCHIVE) // 2],
        *(ARCHIVE[:at] + b"\x55\xaa\x55" + ARCHIVE[at + 3 :] for at in (2000, 90_000, 200_000)),
    ],
)
def test_damage_where_no_sha_256_is_known_is_found_by_the_zip_itself(folder, site, content):
    site.content = content
    with pytest.raises(ModelError, match=r"no whole zip archive .* Fetch it again"):
        get(folder, site, UNKNOWN)
    assert left_in(folder) == []


def test_a_zip_without_a_model_names_what_is_missing(folder, site, tmp_path):
    model = shutil.copytree(TINY_MODEL, tmp_path / "half")
    (model / "am" / "final.mdl").unlink()
    site.content = zipped(model)
    with pytest.raises(ModelError, match=r"there is no am/final\.mdl"):
        get(folder, site, UNKNOWN)
    assert left_in(folder) == []


@pytest.mark.parametrize("limit", [150_000, len(ARCHIVE) + 1000])
def test_a_full_disk_leaves_nothing_behind(folder, site, limit, tmp_path):
    """The system's own limit on the size of files stands for the disk: while fetching, while unpacking."""
    big = shutil.copytree(TINY_MODEL, tmp_path / "big")
    (big / "big.bin").write_bytes(bytes(2 * len(ARCHIVE)))  # packs to almost nothing
    site.content = zipped(big)
    program = f"""
import resource, sys
from companion.asr.models import Model, ModelError, fetch
from pathlib import Path
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    fetch(Model({NAME!r}, "xx", 1, ""), Path({str(folder)!r}), lambda *_: None, {site.address!r})
except ModelError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True
    )
    assert f"The disk of {folder} is full; nothing was left on it. Free some room" in done.stdout, done.stderr
    assert left_in(folder) == []
    assert get(folder, site, UNKNOWN)


def test_a_device_without_room_is_a_full_disk(folder, site):
    folder.mkdir()
    (folder / f"{NAME}.zip.part").symlink_to("/dev/full")
    with pytest.raises(ModelError, match="is full"):
        get(folder, site)
    assert left_in(folder) == []


def test_too_little_room_is_said_before_anything_is_fetched(folder, site):
    huge = Model(NAME, "xx", 10**9, "")
    with pytest.raises(ModelError, match=r"too little room in .*: 4,000,000,000 MB are needed, .* are free"):
        get(folder, site, huge)
    assert site.asked == []


def test_a_run_that_was_killed_leaves_what_the_next_one_clears_away(folder, site):
    (folder / f".{NAME}.new" / NAME).mkdir(parents=True)
    assert installed(folder) == []
    assert get(folder, site)
    assert left_in(folder) == [NAME]


def test_two_at_once_do_not_meet(folder, site):
    refusals = []

    def second(here, whole):
        if not refusals:
            with pytest.raises(ModelError, match="Another “companion setup” is at work") as refused:
                get(folder, site)
            refusals.append(refused)

    assert get(folder, site, progress=second)
    assert refusals and left_in(folder) == [NAME]
    assert not get(folder, site)


# -- carried over by hand -------------------------------------------------------------------------------


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_zip_that_was_carried_over(folder, tmp_path):
    (tmp_path / f"{NAME}.zip").write_bytes(ARCHIVE)
    assert install(tmp_path / f"{NAME}.zip", folder) == NAME
    assert left_in(folder) == [NAME]
    assert (tmp_path / f"{NAME}.zip").read_bytes() == ARCHIVE


def test_a_zip_without_a_folder_in_it(folder, tmp_path):
    files = {str(f.relative_to(TINY_MODEL)): f.read_bytes() for f in TINY_MODEL.rglob("*") if f.is_file()}
    assert install(write_zip(tmp_path / "mine.zip", files), folder) == "vosk-model-mine"
    assert make_recogniser("vosk", ("stop",), {}, folder)[0].name == "vosk"


def test_an_unpacked_folder(folder):
    assert install(TINY_MODEL, folder) == "vosk-model-model"
    assert make_recogniser("vosk", ("stop",), {}, folder)[0].name == "vosk"


def test_one_of_that_name_is_replaced(folder, tmp_path):
    (folder / NAME).mkdir(parents=True)
    (folder / NAME / "old").touch()
    (tmp_path / f"{NAME}.zip").write_bytes(ARCHIVE)
    install(tmp_path / f"{NAME}.zip", folder)
    assert left_in(folder) == [NAME] and not (folder / NAME / "old").exists()


def test_a_known_name_has_to_be_what_is_known_of_it(folder, tmp_path):
    (tmp_path / f"{MODELS[0].name}.zip").write_bytes(ARCHIVE)
    with pytest.raises(ModelError, match=r"wrong size: .* instead of 41,205,931"):
        install(tmp_path / f"{MODELS[0].name}.zip", folder)


@pytest.mark.parametrize(
    "member", ["../evil", "/evil", "model/../../evil", "..\\evil", "C:\\evil", "C:evil", "\\\\host\\evil"]
)
def test_a_zip_that_would_write_elsewhere_is_refused(folder, tmp_path, member):
    archive = write_zip(tmp_path / "bad.zip", {"model/am/final.mdl": b"", member: b"evil"})
    with pytest.raises(ModelError, match=r"bad\.zip is not to be trusted"):
        install(archive, folder)
    assert left_in(folder) == []
    assert not list(tmp_path.rglob("*evil*"))


def test_a_zip_with_a_link_in_it_is_refused(folder, tmp_path):
    link = zipfile.ZipInfo("model/am")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(link, "/")
    with pytest.raises(ModelError, match="not to be trusted"):
        install(tmp_path / "bad.zip", folder)
    assert left_in(folder) == []


def test_a_zip_that_unpacks_to_more_than_the_disk_has_is_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(models.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    (tmp_path / f"{NAME}.zip").write_bytes(ARCHIVE)
    with pytest.raises(ModelError, match="too little room"):
        install(tmp_path / f"{NAME}.zip", folder)
    assert left_in(folder) == []


@pytest.mark.parametrize("name", ["what is this?.zip", "a b.zip", "vosk-model-\n.zip"])
def test_a_name_that_is_none(folder, tmp_path, name):
    (tmp_path / name).write_bytes(ARCHIVE)
    with pytest.raises(ModelError, match="no name for a model"):
        install(tmp_path / name, folder)


# -- the table ------------------------------------------------------------------------------------------


def test_the_default_model_of_a_language():
    assert default_model("en").name == "vosk-model-small-en-us-0.15"
    with pytest.raises(ModelError, match=r"language “tlh”; name one: vosk-model-small-en-us-0\.15"):
        default_model("tlh")


def test_an_unknown_name_shows_those_there_are():
    assert find_model("vosk-model-small-en-us-0.15.zip") is MODELS[0]
    with pytest.raises(ModelError, match=r"no model “vosk”\. There are vosk-model-small-en-us-0\.15"):
        find_model("vosk")


def test_what_is_known_of_a_model_is_plausible():
    for model in MODELS:
        assert model.name.startswith(models.PREFIX)
        assert model.size is None or round(model.size / 1e6) == model.megabytes
        assert model.sha256 is None or len(bytes.fromhex(model.sha256)) == 32


# -- progress -------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_line_of_a_progress_bar():
    line = progress_line(10_000_000, 40_000_000, 1.5e6)
    assert line == "██████░░░░░░░░░░░░░░░░░░  10.0 of 40.0 MB, 1.5 MB/s, 20 s left"
    assert progress_line(40_000_000, 40_000_000, 0) == "█" * 24 + "  40.0 of 40.0 MB"
    assert progress_line(1_000_000, None, 2e6) == "1.0 MB, 2.0 MB/s"


def draw(stream, steps=100):
    time = iter(range(1000))
    with ProgressBar(stream, clock=lambda: next(time) * 0.02) as progress:
        for step in range(1, steps + 1):
            progress(step * 100_000, 10_000_000)
    return stream.getvalue()


def test_on_a_terminal_it_stays_in_its_line():
    drawn = draw(Terminal())
    assert drawn.count("\n") == 1 and drawn.endswith("of 10.0 MB, 5.0 MB/s\n")
    assert 15 < drawn.count("\r") < 25


def test_elsewhere_it_is_some_plain_lines():
    lines = draw(io.StringIO()).splitlines()
    assert 10 <= len(lines) <= 12
    assert "\r" not in "".join(lines) and "\x1b" not in "".join(lines)


# -- as it is typed -------------------------------------------------------------------------------------


def test_the_command_takes_a_file_and_lists_what_is_there(tmp_path):
    (tmp_path / f"{NAME}.zip").write_bytes(ARCHIVE)
    done = companion("setup", "--from", str(tmp_path / f"{NAME}.zip"), home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Installed {NAME}" in done.stdout
    listed = companion("setup", "--list", home=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines() if "(installed)" in line] == [NAME]
    assert "vosk-model-small-en-us-0.15 " in listed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vosk-model-klingon"], "There is no model “vosk-model-klingon”"),
        (["--from", "nowhere.zip"], "nowhere.zip: there is no such file"),
        (["--from", str(ROOT / "README.md")], "no whole zip archive"),
        (["--from", str(ROOT / "routines")], "holds no Vosk model: there is no am/final.mdl"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, arguments, message):
    done = companion("setup", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr and done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "data").touch()
    done = companion("setup", "--from", str(TINY_MODEL), home=tmp_path)
    assert done.returncode == 2 and "Not a directory" in done.stderr and "Traceback" not in done.stderr
