"""Admitted equals limit: bursts of 200 calls over real HTTP, and waiting on the virtual clock."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from freetier import QuotaExhausted, RouteError, Router
from freetier.routing.board import FAR_MS
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.testing.limits import Kind
from freetier.values.quota import Denied, Granted, Reservation, Settlement
from freetier.values.wire import (
    Answer,
    AsyncTransport,
    Broken,
    HttpRequest,
    Timeouts,
    Transport,
)

CALLS = 200
PER_MINUTE = 30
LIMIT = Limit(PER_MINUTE, "minute", "requests", "rolling")


def _fleet(accounts: int, **more: object) -> Fleet:
    return Fleet(FakeProvider("own", "generic", accounts=accounts, limits=[LIMIT], **more))  # type: ignore[arg-type]


def _check(fleet: Fleet, accounts: int, refused: list[QuotaExhausted]) -> None:
    admitted = Counter(entry.account for entry in fleet.books.admitted())
    assert admitted == {f"own-{n + 1}": PER_MINUTE for n in range(accounts)}
    assert not fleet.books.refused()
    assert len(refused) == CALLS - accounts * PER_MINUTE
    for error in refused:
        assert 58 < error.retry_after <= 61
        assert abs(error.available_at - error.retry_after - time.time()) < 60
        assert set(error.by_candidate) == {f"own-{n + 1}/m" for n in range(accounts)}


async def test_two_hundred_tasks_get_exactly_what_the_accounts_have() -> None:
    """Without waiting each account gets its 30, none is answered 429, the rest are told when."""
    with _fleet(3) as fleet:
        router = Router(fleet.config(limits=True))

        async def ask(n: int) -> QuotaExhausted | None:
            try:
                await router.acomplete(f"Question {n}", model="own/m", max_wait=0)
            except QuotaExhausted as error:
                return error
            return None

        found = await asyncio.gather(*(ask(n) for n in range(CALLS)))
        await router.aclose()
        _check(fleet, 3, [error for error in found if error is not None])


def test_two_hundred_calls_from_32_threads_get_exactly_what_the_accounts_have() -> None:
    """The same from threads, which share one router and one set of connections."""
    with _fleet(3) as fleet, Router(fleet.config(limits=True)) as router:

        def ask(n: int) -> QuotaExhausted | None:
            try:
                router.complete(f"Question {n}", model="own/m", max_wait=0)
            except QuotaExhausted as error:
                return error
            return None

        with ThreadPoolExecutor(32) as threads:
            found = list(threads.map(ask, range(CALLS)))
        _check(fleet, 3, [error for error in found if error is not None])


@pytest.mark.parametrize("accounts", [4, 6])
def test_with_patience_everybody_is_answered(accounts: int) -> None:
    """With the default `max_wait`, on the virtual clock, all 200 are served and none refused."""
    fleet, clock = _fleet(accounts, latency=(0.05, 0.4)), VirtualClock()
    transport = fleet.transport(clock)
    router = Router(fleet.config(limits=True), transport=transport, clock=clock)

    async def all_of_them() -> list[object]:
        calls = (router.acomplete(f"Question {n}", model="own/m") for n in range(CALLS))
        return await asyncio.gather(*calls)

    answers = clock.run(all_of_them())
    assert len(answers) == CALLS
    assert not fleet.books.refused()
    assert max(fleet.books.peak(f"own-{n + 1}", 60) for n in range(accounts)) == PER_MINUTE


def test_who_came_first_is_served_first() -> None:
    """Nobody waits for quota longer than somebody who came later."""
    fleet, clock = _fleet(1), VirtualClock()
    router = Router(fleet.config(limits=True), transport=fleet.transport(clock), clock=clock)

    async def ask(n: int) -> float:
        answer = await router.acomplete(f"Question {n}", model="own/m", max_wait=None)
        return answer.report.waited

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(ask(n) for n in range(90)))

    waits = clock.run(all_of_them())
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(120, abs=3)


class Slow:
    """Opens a connection for some seconds before every fifth request, and says so or not."""

    def __init__(self, inner: Transport, clock: VirtualClock, *, says: bool) -> None:
        self._inner, self._clock, self._says, self._count = inner, clock, says, 0

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send a request, late or not."""
        self._count += 1
        opening = 3.0 if self._count % 5 == 1 else 0.0
        self._clock.sleep(opening)
        answer = self._inner.send(request, timeouts)
        return replace(answer, written_after=opening if self._says else 0.0)

    def close(self) -> None:
        """Close what is inside."""
        self._inner.close()


@pytest.mark.parametrize("says", [True, False])
def test_a_connection_that_opens_slowly_costs_no_refusal(says: bool) -> None:
    """The provider counts a request when it comes; the control keeps that to itself."""
    limit = Limit(4, 10, "requests", "rolling")
    fleet, clock = Fleet(FakeProvider("own", "generic", limits=[limit])), VirtualClock()
    transport = Slow(fleet.transport(clock), clock, says=says)
    router = Router(fleet.config(limits=True), transport=transport, clock=clock)
    for n in range(400):
        clock.sleep(n * 37 % 100 / 100)
        with suppress(RouteError):
            router.complete("Hello", model="own/m", max_wait=0)
    assert len(fleet.books.admitted()) > 40
    assert bool(fleet.books.refused()) != says


class Distant(MemoryStore):
    """A store whose every fifth answer is three seconds on its way; perhaps it is deaf as well."""

    def __init__(self, clock: VirtualClock, *, hears: bool) -> None:
        super().__init__(clock)
        self._far_away, self._hears, self._count = clock, hears, 0

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Reserve at once, and tell of it late at times."""
        said = super().reserve(reservation, deadline_ms)
        self._count += 1
        self._far_away.sleep(3.0 * (self._count % 5 == 1))
        return said

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Settle; whoever is deaf does so as if the request had been sent when it was due."""
        heard = reservation if self._hears else replace(reservation, far_ms=FAR_MS)
        super().settle(heard, settlement)


@pytest.mark.parametrize("kind", ["rolling", "first", "bucket"])
@pytest.mark.parametrize("hears", [True, False])
def test_going_late_costs_no_refusal(kind: Kind, *, hears: bool) -> None:
    """A request is counted from when it went, not from its grant; the control does not."""
    limit = Limit(3, 10, "requests", kind, burst=1 if kind == "bucket" else None)
    fleet, clock = Fleet(FakeProvider("own", "generic", limits=[limit])), VirtualClock()
    store = Distant(clock, hears=hears)
    config = fleet.config(limits=True)
    router = Router(config, transport=fleet.transport(clock), clock=clock, store=store)
    for n in range(300):
        clock.sleep(n * 37 % 100 / 100)
        with suppress(RouteError):
            router.complete("Hello", model="own/m", max_wait=0)
    assert len(fleet.books.admitted()) > 25
    assert bool(fleet.books.refused()) != hears


class Drowsing(VirtualClock):
    """A clock by which every seventh task that waits sleeps nearly a second too long."""

    count = 0

    async def asleep(self, seconds: float) -> None:
        """Sleep, and over-sleep now and then."""
        self.count += 1
        await super().asleep(seconds + 0.9 * (self.count % 7 == 1))


class Dawdling:
    """A transport on which every seventh request takes nearly a second more, and nobody knows."""

    def __init__(self, inner: AsyncTransport, clock: VirtualClock) -> None:
        self._inner, self._clock, self._count = inner, clock, 0

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send a request, late or not."""
        self._count += 1
        await self._clock.asleep(0.9 * (self._count % 7 == 1))
        return await self._inner.asend(request, timeouts)

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


@pytest.mark.parametrize("known", [True, False])
def test_a_start_that_was_slept_through_is_asked_for_anew(*, known: bool) -> None:
    """Those who booked behind it are not refused; the control is late where nobody can see it."""
    limit = Limit(10, 2, "requests", "rolling")
    fleet = Fleet(FakeProvider("own", "generic", limits=[limit]))
    clock = Drowsing() if known else VirtualClock()
    transport: AsyncTransport = fleet.transport(clock)
    if not known:
        transport = Dawdling(transport, clock)
    router = Router(fleet.config(limits=True), transport=transport, clock=clock)

    async def ask(n: int) -> None:
        with suppress(RouteError):
            await router.acomplete(f"Question {n}", model="own/m", max_wait=300)

    async def all_of_them() -> None:
        await asyncio.gather(*(ask(n) for n in range(150)))

    clock.run(all_of_them())
    assert len(fleet.books.admitted()) > 130
    assert bool(fleet.books.refused()) != known
