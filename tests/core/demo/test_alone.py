"""What one account alone meets, measured over real HTTP."""

from __future__ import annotations

from freetier.demo.alone import Alone, measure
from freetier.demo.fronts import FRONTS, fleet
from freetier.testing import faults

ASKED = ["Why is Mars red?"] * 6


def test_the_counts_are_those_of_the_books():
    """Answered and refused as the fronts themselves wrote down, one call per question."""
    with fleet(None) as served:
        for front in FRONTS:
            served.providers[front.provider].latency = 0.0
        found = measure(served, ASKED)
        books = served.books
        for front in FRONTS:
            counted = Alone(len(books.admitted(front.alone)), len(books.refused(front.alone)), 0)
            assert found[front.account] == counted
            assert counted.answered + counted.refused == len(ASKED)
            assert books.admitted(front.account) == []
    assert found["openrouter-1"] == found["cerebras-1"] == Alone(3, 3, 0)


def test_another_end_is_neither():
    """A broken server is not taken for a limit."""
    with fleet(None) as served:
        served.always("cerebras", faults.Status(500))
        assert measure(served, ASKED[:2])["cerebras-1"] == Alone(0, 0, 2)
