"""Any synchronous store as an asynchronous one: each call in a thread, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from freetier.stores.base import QuotaStore, Survey
from freetier.values.faults import Fault
from freetier.values.quota import (
    Charge,
    Denied,
    Granted,
    Learned,
    Observation,
    Reservation,
    Settlement,
)


class Threaded:
    """Awaits the calls of a store that may block.

    Args:
        store: The store.
    """

    def __init__(self, store: QuotaStore) -> None:
        self._store = store

    async def reserve(
        self, reservation: Reservation, deadline_ms: int | None = None
    ) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline.

        A task that is cancelled while the thread is at work waits for its end, so that
        giving back comes after taking.
        """
        work = asyncio.ensure_future(
            asyncio.to_thread(self._store.reserve, reservation, deadline_ms)
        )
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait([work])
            raise

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        await asyncio.to_thread(self._store.settle, reservation, settlement)

    async def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        return await asyncio.to_thread(self._store.survey, charges, guards)

    async def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        await asyncio.to_thread(self._store.block, key, for_ms, fault)

    async def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        return await asyncio.to_thread(self._store.record_fault, key, span_ms)

    async def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        return await asyncio.to_thread(self._store.lease, key, owner, ttl_ms)

    async def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        await asyncio.to_thread(self._store.release, key, owner, clear=clear)

    async def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        await asyncio.to_thread(self._store.observe, charge, observation, sent_ago_ms)

    async def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        return await asyncio.to_thread(self._store.learned, keys)

    async def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        await asyncio.to_thread(self._store.clear_blocks, keys)

    async def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        await asyncio.to_thread(self._store.reset_usage, keys)

    async def now(self) -> int:
        """Return the store's instant in milliseconds since 1970 UTC."""
        return await asyncio.to_thread(self._store.now)

    async def close(self) -> None:
        """Let go of files and connections; safe to call twice."""
        await asyncio.to_thread(self._store.close)
