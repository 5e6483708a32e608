"""placeholder"""

from collections.abc import Mapping, Sequence
from typing import Any

from companion.nlu.symptoms.finding import Finding


class SecondOpinion:
    def __init__(self, data: Mapping[str, Any]) -> None: ...

    def raised(self, words: Sequence[str], finding: Finding | None, asking: bool) -> Finding | None:
        return finding
