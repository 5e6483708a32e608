"""What is shipped and what is written about it: the wheel, the locks, the texts."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from companion.content.library import check_file, load_library
from companion.content.places import bundled
from tests.docs import PART, PARTS, TEXTS, up_to_date

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")


def name_of(requirement):
    return re.split(r"[ <>=!~;\[]", requirement, maxsplit=1)[0].lower()


# -- the wheel ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built by the locked backend from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as file:
        yield file


def files_in(folder):
    return {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_holds_the_program_routines_and_voices(wheel):
    expected = files_in("companion") | {
        f"companion/data/{f}" for f in files_in("routines") | files_in("voices")
    }
    shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert shipped == expected


def test_the_wheel_holds_the_licences_and_the_command(wheel):
    names = {name.split(".dist-info/")[1]: name for name in wheel.namelist() if ".dist-info/" in name}
    assert {"licenses/LICENSE", "licenses/THIRD_PARTY.md"} <= set(names)
    assert "companion = companion.cli:main" in wheel.read(names["entry_points.txt"]).decode()


def test_an_installed_companion_finds_its_routines(wheel, tmp_path):
    wheel.extractall(tmp_path)
    command = [sys.executable, "-P", "-m", "companion", "routines"]
    done = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    where = "import companion.content.places as p; print(p.bundled('routines'))"
    found = subprocess.run(
        [sys.executable, "-P", "-c", where],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "sciatica-relief" in done.stdout
    assert Path(found.stdout.strip()) == tmp_path / "companion" / "data" / "routines"


# -- dependencies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry_and_has_a_hash_for_all(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links", text)
    entries = re.findall(r"^\S+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("requirements.lock", [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]),
        (
            "requirements-dev.lock",
            [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]],
        ),
    ],
)
def test_a_lock_has_all_that_the_project_names(lock, wanted):
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
    assert {name_of(requirement) for requirement in wanted} <= locked


def test_both_locks_agree_on_versions():
    run, dev = (set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS)
    assert run <= dev


def test_every_dependency_is_among_the_licences():
    text = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    build = {"hatchling", "editables", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / LOCKS[0]).read_text("utf-8"), re.MULTILINE))
    assert [name for name in sorted(locked - build) if not re.search(rf"\b{name}\b", text)] == []


# -- the texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_generated_parts_are_up_to_date(file):
    text = file.read_text("utf-8")
    assert up_to_date(text) == text, "make docs brings it up to date"


def test_every_generated_part_stands_somewhere():
    assert {part[2] for file in TEXTS for part in PART.finditer(file.read_text("utf-8"))} == set(PARTS)


def test_the_routine_in_the_readme_is_right(tmp_path):
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    file = tmp_path / "my-routine.yaml"
    file.write_text(next(block for block in blocks if "steps:" in block), "utf-8")
    assert check_file(file, load_library([bundled("routines")])) == []


@pytest.mark.parametrize("text", ["README.md", "CONTRIBUTING.md", "companion/session/README.md"])
def test_links_lead_to_files(text):
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / text).read_text("utf-8"))
    missing = [link for link in links if "://" not in link and not ((ROOT / text).parent / link).exists()]
    assert missing == []
