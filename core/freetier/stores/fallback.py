"""Going on without the store: memory stands in while the real one cannot be reached.

Memory is told of everything this process does all the time, so that it knows at least
this process's use when it has to stand in. After an outage both must have room: what was
used meanwhile is not in the real store.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from freetier.clock import Clock
from freetier.errors import StoreUnavailable
from freetier.stores.base import AsyncQuotaStore, QuotaStore, Survey
from freetier.stores.memory import MemoryStore
from freetier.values.faults import Fault
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Denied,
    Granted,
    Learned,
    Observation,
    Reservation,
    Settlement,
)

T = TypeVar("T")

log = logging.getLogger("freetier")

PAUSE = 10.0  # seconds until a store that could not be reached is tried again


class Outage:
    """Whether the real store is out, known to both colours.

    Args:
        clock: Times the pause.
        pause: Seconds until the real store is tried again.
    """

    def __init__(self, clock: Clock, pause: float = PAUSE) -> None:
        self._clock = clock
        self._pause = pause
        self._rests_until = 0.0
        self._lasts = False
        self.happened = False

    @property
    def rests(self) -> bool:
        """Whether the real store is left alone for now."""
        return self._lasts and self._clock.monotonic() < self._rests_until

    def begin(self, error: StoreUnavailable) -> None:
        """Note that the real store failed; only the first failure is told."""
        if not self._lasts:
            log.warning("quota is counted in memory while the store is out: %s", error)
        self._lasts = self.happened = True
        self._rests_until = self._clock.monotonic() + self._pause

    def end(self) -> None:
        """Note that the real store answers."""
        if self._lasts:
            log.warning("the quota store answers again")
        self._lasts = False


class Fallback:
    """A store for threads that goes on in memory.

    Args:
        store: The real one.
        spare: Stands in.
        outage: Shared by both colours, as is `spare`.
    """

    blocking = True

    def __init__(self, store: QuotaStore, spare: MemoryStore, outage: Outage) -> None:
        self._store = store
        self._spare = spare
        self._outage = outage

    def _ask(self, real: Callable[[], T]) -> T | None:
        """Ask the real store, or return None while it is out."""
        if self._outage.rests:
            return None
        try:
            result = real()
        except StoreUnavailable as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return result

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline."""
        taken = self._ask(lambda: self._store.reserve(reservation, deadline_ms))
        if taken is None:
            return self._spare.reserve(reservation, deadline_ms)
        if isinstance(taken, Denied):
            return taken
        mine = self._spare.reserve(reservation, taken.start_in_ms)
        if isinstance(mine, Denied) and self._outage.happened:
            self.settle(reservation, NEVER_SENT)
            return mine
        return taken

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        self._spare.settle(reservation, settlement)
        self._ask(lambda: self._store.settle(reservation, settlement))

    def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        known = self._ask(lambda: self._store.survey(charges, guards))
        return self._spare.survey(charges, guards) if known is None else known

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        self._spare.block(key, for_ms, fault)
        self._ask(lambda: self._store.block(key, for_ms, fault))

    def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        mine = self._spare.record_fault(key, span_ms)
        counted = self._ask(lambda: self._store.record_fault(key, span_ms))
        return mine if counted is None else counted

    def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        mine = self._spare.lease(key, owner, ttl_ms)
        got = self._ask(lambda: self._store.lease(key, owner, ttl_ms))
        return mine if got is None else got

    def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        self._spare.release(key, owner, clear=clear)
        self._ask(lambda: self._store.release(key, owner, clear=clear))

    def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        self._spare.observe(charge, observation, sent_ago_ms)
        self._ask(lambda: self._store.observe(charge, observation, sent_ago_ms))

    def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        told = self._ask(lambda: self._store.learned(keys))
        return self._spare.learned(keys) if told is None else told

    def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        self._spare.clear_blocks(keys)
        self._ask(lambda: self._store.clear_blocks(keys))

    def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        self._spare.reset_usage(keys)
        self._ask(lambda: self._store.reset_usage(keys))

    def now(self) -> int:
        """Return the store's instant in milliseconds since 1970 UTC."""
        instant = self._ask(self._store.now)
        return self._spare.now() if instant is None else instant

    def close(self) -> None:
        """Let go of files and connections; safe to call twice."""
        self._store.close()


class AsyncFallback:
    """A store for tasks that goes on in memory.

    Args:
        store: The real one.
        spare: Stands in.
        outage: Shared by both colours, as is `spare`.
    """

    def __init__(self, store: AsyncQuotaStore, spare: MemoryStore, outage: Outage) -> None:
        self._store = store
        self._spare = spare
        self._outage = outage

    async def _ask(self, real: Callable[[], Awaitable[T]]) -> T | None:
        """Ask the real store, or return None while it is out."""
        if self._outage.rests:
            return None
        try:
            result = await real()
        except StoreUnavailable as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return result

    async def reserve(
        self, reservation: Reservation, deadline_ms: int | None = None
    ) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline."""
        taken = await self._ask(lambda: self._store.reserve(reservation, deadline_ms))
        if taken is None:
            return self._spare.reserve(reservation, deadline_ms)
        if isinstance(taken, Denied):
            return taken
        mine = self._spare.reserve(reservation, taken.start_in_ms)
        if isinstance(mine, Denied) and self._outage.happened:
            await self.settle(reservation, NEVER_SENT)
            return mine
        return taken

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        self._spare.settle(reservation, settlement)
        await self._ask(lambda: self._store.settle(reservation, settlement))

    async def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        known = await self._ask(lambda: self._store.survey(charges, guards))
        return self._spare.survey(charges, guards) if known is None else known

    async def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        self._spare.block(key, for_ms, fault)
        await self._ask(lambda: self._store.block(key, for_ms, fault))

    async def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        mine = self._spare.record_fault(key, span_ms)
        counted = await self._ask(lambda: self._store.record_fault(key, span_ms))
        return mine if counted is None else counted

    async def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        mine = self._spare.lease(key, owner, ttl_ms)
        got = await self._ask(lambda: self._store.lease(key, owner, ttl_ms))
        return mine if got is None else got

    async def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        self._spare.release(key, owner, clear=clear)
        await self._ask(lambda: self._store.release(key, owner, clear=clear))

    async def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        self._spare.observe(charge, observation, sent_ago_ms)
        await self._ask(lambda: self._store.observe(charge, observation, sent_ago_ms))

    async def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        told = await self._ask(lambda: self._store.learned(keys))
        return self._spare.learned(keys) if told is None else told

    async def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        self._spare.clear_blocks(keys)
        await self._ask(lambda: self._store.clear_blocks(keys))

    async def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        self._spare.reset_usage(keys)
        await self._ask(lambda: self._store.reset_usage(keys))

    async def now(self) -> int:
        """Return the store's instant in milliseconds since 1970 UTC."""
        instant = await self._ask(self._store.now)
        return self._spare.now() if instant is None else instant

    async def close(self) -> None:
        """Let go of files and connections; safe to call twice."""
        await self._store.close()
