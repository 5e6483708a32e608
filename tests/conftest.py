"""Fixtures that more than one area of the tests uses."""

from collections.abc import Iterator

import pytest

from tests.virtual_card import VirtualCard


@pytest.fixture(scope="session")
def virtual_card() -> Iterator[VirtualCard]:
    """A sound card without hardware, which PortAudio in this process sees too."""
    with VirtualCard() as card:
        card.use_here()
        yield card
