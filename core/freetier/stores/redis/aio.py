"""The store for tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from freetier.clock import Clock
from freetier.stores.base import Survey
from freetier.stores.redis import calls
from freetier.stores.redis.address import Address
from freetier.stores.redis.greeting import Greeting
from freetier.stores.redis.keys import Keys
from freetier.stores.redis.loop_link import LoopLink
from freetier.stores.redis.store import BLOCK_TABLES
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

Result = TypeVar("Result")


class AsyncRedisStore:
    """The twin of `RedisStore`, over the same data; made by its `aio`.

    A task that is cancelled while the server is at work waits for the answer, at most for
    the time-out, so that giving back comes after taking and no settlement is lost.

    Args:
        at: The server.
        keys: How its keys are named.
        greeting: What is known of it.
        clock: Whose instants count; the server's if there is none.
    """

    def __init__(self, at: Address, keys: Keys, greeting: Greeting, clock: Clock | None) -> None:
        self._at = at
        self._keys = keys
        self._clock = clock
        self._link = LoopLink(at, greeting)

    def __repr__(self) -> str:
        return f"AsyncRedisStore({self._at.label})"

    async def reserve(
        self, reservation: Reservation, deadline_ms: int | None = None
    ) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        if not reservation.charges and not reservation.guards:
            return Granted()
        told = {}
        elsewhere = calls.guards_elsewhere(reservation)
        if elsewhere and await self._link.is_cluster():
            found = await self._link.run(calls.blocks_of(self._keys, elsewhere))
            told = {key: value or "" for key, value in zip(elsewhere, found, strict=True)}
        call = calls.reserve(self._keys, self._given(), reservation, deadline_ms, told)
        return calls.reserved(reservation, await self._done(call))

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        if reservation.charges:
            await self._done(calls.settle(self._keys, self._given(), reservation, settlement))

    async def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks, in one round trip."""
        groups = calls.groups(charges, guards)
        if not groups:
            return Survey()
        now = self._given()
        asked = [calls.survey(self._keys, now, tag, group) for tag, group in groups.items()]
        return calls.surveyed(list(groups.values()), await self._link.run(asked))

    async def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        await self._done(calls.block(self._keys, self._given(), key, for_ms, fault))

    async def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        call = calls.record_fault(self._keys, self._given(), key, span_ms)
        return int(await self._done(call))

    async def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        return bool(await self._done(calls.lease(self._keys, self._given(), key, owner, ttl_ms)))

    async def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        await self._done(calls.release(self._keys, key, owner, clear=clear))

    async def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        await self._done(calls.observe(self._keys, self._given(), charge, observation, sent_ago_ms))

    async def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        if not keys:
            return {}
        return calls.learned_limits(keys, await self._link.run(calls.learned(self._keys, keys)))

    async def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        for table in BLOCK_TABLES:
            await self._forget(table, keys)

    async def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        await self._forget("window", keys)

    async def now(self) -> int:
        """Return the server's instant in milliseconds since 1970 UTC."""
        return int((await self._link.run([calls.instant(self._keys, self._given())]))[0])

    async def close(self) -> None:
        """Close the connections of the running loop."""
        await self._link.close()

    def _given(self) -> int | None:
        return None if self._clock is None else int(self._clock.now() * 1000)

    async def _done(self, call: calls.Call) -> calls.Reply:
        return (await _finished(self._link.run([call])))[0]

    async def _forget(self, table: str, keys: Sequence[str] | None) -> None:
        if keys is not None:
            heap = [self._keys.of(table, key) for key in keys]
            if heap:
                await self._link.run(calls.forget(heap))
            return
        async for heap in self._link.scan(self._keys.all_of(table)):
            await self._link.run(calls.forget(heap))


async def _finished(begun: Coroutine[Any, Any, Result]) -> Result:
    """Await to the end what was begun, also if the caller is cancelled."""
    work = asyncio.ensure_future(begun)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        if not work.cancelled():
            work.exception()  # nobody is left to hear of it
        raise
