"""Fixtures that more than one area of the tests uses."""

from collections.abc import Iterator

import pytest

from tests.virtual_card import VirtualCard


@pytest.fixture(scope="session", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The person who runs the tests keeps their own settings, cache and data."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
        yield


@pytest.fixture(scope="session")
def virtual_card() -> Iterator[VirtualCard]:
    """A sound card without hardware, which PortAudio in this process sees too."""
    with VirtualCard() as card:
        card.use_here()
        yield card
