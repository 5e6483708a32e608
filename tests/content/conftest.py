import pytest

from companion.content.library import Library, load_library
from companion.content.places import bundled


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library([bundled("routines")])


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path."""

    def write(text, name="mine.yaml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write
