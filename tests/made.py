"""Writes a file of the language pack that a program makes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def write(file: Path, data: Mapping[str, Any], module: str) -> None:
    """Write the data as YAML, and say so in its first line and on the screen."""
    made = yaml.safe_dump(dict(data), sort_keys=False, width=1_000_000)
    file.write_text(f"# Made by `python -m {module}`; not to be edited. See README.md.\n{made}", "utf-8")
    print(f"{file.name}: {file.stat().st_size // 1000} kB")
