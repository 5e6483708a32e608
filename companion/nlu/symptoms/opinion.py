"""placeholder"""

from collections.abc import Mapping
from typing import Any


class SecondOpinion:
    def __init__(self, data: Mapping[str, Any]) -> None: ...
