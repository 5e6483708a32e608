"""A few minutes of the soak, which tests/soak.py makes hours of."""

from companion.config import Settings
from companion.load import load
from tests.bench_hearing import recogniser
from tests.soak import Evening


def test_no_stop_is_lost_and_nothing_is_done_that_nobody_wanted():
    loaded, _ = load(Settings())
    evening = Evening(recogniser(loaded), loaded.interpreter)
    for _ in range(2):
        evening.cycle()
    assert evening.tally.stops == 2
    assert evening.tally.lost_stops == []
    assert evening.tally.unwanted == []
