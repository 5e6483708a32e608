from pathlib import Path

import pytest

TINY_MODEL = Path(__file__).parents[1] / "tiny_vosk" / "model"


@pytest.fixture
def tiny_model() -> Path:
    """A Vosk model of our own that knows 82 words of synthetic voices."""
    return TINY_MODEL
