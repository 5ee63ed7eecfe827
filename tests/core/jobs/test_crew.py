"""How many requests a job keeps under way."""

from __future__ import annotations

import pytest

from freetier import Router
from freetier.jobs.crew import FEWEST, MOST, crew
from freetier.testing import FakeProvider, Fleet, Limit


@pytest.mark.parametrize(
    ("accounts", "limits", "expected"),
    [
        (1, [Limit(30, "minute")], 15),  # half a request a second, 30 s each
        (4, [Limit(30, "minute")], 60),
        (1, [Limit(1, "second"), Limit(30, "minute")], 15),
        (1, [Limit(2, "minute")], FEWEST),
        (9, [Limit(6000, "minute")], MOST),
        (1, [Limit(1000, "day")], MOST),  # nothing says how fast
    ],
)
def test_a_crew_is_as_large_as_the_pool_is_fast(
    accounts: int, limits: list[Limit], expected: int
) -> None:
    """Seconds of a long answer times requests a second."""
    fleet = Fleet(FakeProvider("own", "generic", accounts=accounts, limits=limits))
    router = Router(fleet.config(limits=True))
    found = crew(router._engine.resolve("own/m").candidates)
    assert found == expected
