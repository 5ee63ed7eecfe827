"""A store of either colour behind plain calls, and short words for what tests ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from freetier.stores.open import open_store
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Denied,
    Granted,
    Kind,
    Metric,
    Reservation,
    Settlement,
    Tally,
)
from tests.contract.store_places import HandClock

_numbers = count()


def charge(key: str, ceiling: int, amount: int = 1, **more: Any) -> Charge:
    """Return a charge; of a rolling window of ten seconds unless told otherwise."""
    fields = {"metric": Metric.REQUESTS, "kind": Kind.ROLLING, "span_ms": 10_000, **more}
    return Charge(key=key, ceiling=ceiling, amount=amount, **fields)


class Desk:
    """One store in one colour.

    Args:
        url: Where it is.
        colour: `sync` or `async`; the latter runs each call to its end on one loop.
        clock: Whose instants count.
    """

    def __init__(self, url: str, colour: str, clock: HandClock) -> None:
        self.url, self.colour, self.clock = url, colour, clock
        opened = open_store(url, clock)
        self.store: Any = opened.sync if colour == "sync" else opened.aio
        self._sync = opened.sync
        self._runner = asyncio.Runner()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.store, name)
        if not asyncio.iscoroutinefunction(method):
            return method
        return lambda *args, **more: self._runner.run(method(*args, **more))

    def again(self) -> Desk:
        """Open the same place once more."""
        return Desk(self.url, self.colour, self.clock)

    def end(self) -> None:
        """Close both colours and the loop."""
        _ = self.close()
        self._sync.close()
        self._runner.close()

    def ask(self, *charges: Charge, wait: int | None = None, **more: Any) -> Ticket:
        """Reserve under a new id."""
        reservation = Reservation(id=f"r{next(_numbers)}", charges=charges, **more)
        return Ticket(self, reservation, self.reserve(reservation, wait))

    def granted(self, *charges: Charge, times: int, **more: Any) -> int:
        """Reserve so many times at once and return how many were granted now."""
        answers = [self.ask(*charges, **more).answer for _ in range(times)]
        return sum(isinstance(a, Granted) and not a.start_in_ms for a in answers)

    def tally(self, asked: Charge) -> Tally:
        """Read one window."""
        return self.survey([asked]).tallies[0]

    def held(self, asked: Charge) -> int:
        """Return how much a window holds, used and reserved."""
        tally = self.tally(asked)
        return tally.used + tally.reserved


class Ticket:
    """A reservation and its answer."""

    def __init__(self, desk: Desk, reservation: Reservation, answer: Granted | Denied) -> None:
        self.desk, self.reservation, self.answer = desk, reservation, answer

    @property
    def start(self) -> int:
        """Return in how many milliseconds it may be sent."""
        assert isinstance(self.answer, Granted), self.answer
        return self.answer.start_in_ms

    @property
    def retry(self) -> int | None:
        """Return in how many milliseconds it is worth asking again."""
        assert isinstance(self.answer, Denied), self.answer
        return self.answer.retry_in_ms

    def settle(self, amounts: Sequence[int] | None = None, ago: int | None = 0) -> None:
        """Say that the answer came so long ago, and what it took."""
        true = None if amounts is None else tuple(amounts)
        self.desk.settle(self.reservation, Settlement(amounts=true, answered_ago_ms=ago))

    def drop(self) -> None:
        """Say that nothing was sent."""
        self.desk.settle(self.reservation, NEVER_SENT)
