"""The example that people start their own routine from."""

from __future__ import annotations

from pathlib import Path

from companion.content.errors import ContentError
from companion.content.schema import schema_file

EXAMPLE = Path(__file__).with_name("example.yaml")


def write_example(file: Path) -> None:
    """Write a commented routine that passes the check. Raises ``ContentError``; overwrites nothing."""
    try:
        if file.exists():
            what, remedy = "it is there already", "Choose another name; nothing was changed."
            raise ContentError(file, 0, 0, what, remedy)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(_example())
    except (OSError, ValueError) as error:
        what = f"it cannot be written ({(getattr(error, 'strerror', None) or str(error)).lower()})"
        raise ContentError(file, 0, 0, what, "Choose another folder.") from None


def _example() -> str:
    """The example, with its first line telling editors where the schema is on this machine."""
    _, text = EXAMPLE.read_text("utf-8").split("\n", 1)
    return f"# yaml-language-server: $schema={schema_file('routine').as_uri()}\n{text}"
