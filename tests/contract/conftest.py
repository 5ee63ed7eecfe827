"""What the tests of stores get: a store of each kind, in each colour, that holds nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.store_desk import Desk
from tests.contract.store_places import COLOURS, KINDS, SHARED, HandClock, place


@pytest.fixture(params=[f"{kind}-{colour}" for kind in KINDS for colour in COLOURS])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A store behind plain calls, on a clock that is set by hand."""
    yield from _desk(request)


@pytest.fixture(params=[f"{kind}-{colour}" for kind in SHARED for colour in COLOURS])
def shared_desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The same, of the kinds that outlive a process."""
    yield from _desk(request)


def _desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    kind, colour = request.param.split("-")
    with place(kind, request) as url:
        made = Desk(url, colour, HandClock())
        yield made
        made.end()
