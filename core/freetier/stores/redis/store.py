"""The store for threads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freetier.clock import Clock
from freetier.stores.base import Survey
from freetier.stores.redis import calls
from freetier.stores.redis.address import address
from freetier.stores.redis.greeting import Greeting
from freetier.stores.redis.keys import Keys
from freetier.stores.redis.link import Link
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

if TYPE_CHECKING:
    from freetier.stores.redis.aio import AsyncRedisStore

BLOCK_TABLES = ("block", "faults", "lease")


def open_redis(
    url: str, *, clock: Clock | None = None, timeout: float = 2.0, prefix: str | None = None
) -> RedisStore:
    """Return the store at a URL; nothing is sent yet.

    Args:
        url: `redis://`, `rediss://`, `valkey://`, `valkeys://` or `unix://`: a server, or one
            node of a cluster; `?prefix=...` sets the prefix of its keys, `?timeout=...` the bound.
        clock: Whose instants count; the server's if there is none.
        timeout: Bound of one operation, in seconds.
        prefix: In front of every key; wins over the URL's; else `freetier:`.

    Raises:
        ConfigError: The URL or the prefix cannot be used.
    """
    return RedisStore(url, clock=clock, timeout=timeout, prefix=prefix)


class RedisStore:
    """Quota that all processes and machines with one Redis share; see `open_redis`."""

    blocking = True

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        timeout: float = 2.0,
        prefix: str | None = None,
    ) -> None:
        self._at, chosen = address(url, timeout, prefix)
        self._keys = Keys(chosen)
        self._clock = clock
        self._greeting = Greeting(self._keys.schema)
        self._link = Link(self._at, self._greeting)
        self._twin: AsyncRedisStore | None = None

    def __repr__(self) -> str:
        at = getattr(self, "_at", None)  # a half-made one has a repr, too
        return f"RedisStore({at.label if at else ''})"

    def aio(self) -> AsyncRedisStore:
        """Return the same store for tasks, on connections of its own."""
        if self._twin is None:
            from freetier.stores.redis.aio import AsyncRedisStore  # noqa: PLC0415 - first use

            self._twin = AsyncRedisStore(self._at, self._keys, self._greeting, self._clock)
        return self._twin

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline.

        Raises:
            StoreUnavailable: The server cannot be reached within its bound.
        """
        if not reservation.charges and not reservation.guards:
            return Granted()
        told = {}
        elsewhere = calls.guards_elsewhere(reservation)
        if elsewhere and self._link.is_cluster:
            found = self._link.run(calls.blocks_of(self._keys, elsewhere))
            told = {key: value or "" for key, value in zip(elsewhere, found, strict=True)}
        call = calls.reserve(self._keys, self._given(), reservation, deadline_ms, told)
        return calls.reserved(reservation, self._link.run([call])[0])

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        if reservation.charges:
            self._link.run([calls.settle(self._keys, self._given(), reservation, settlement)])

    def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks, in one round trip."""
        groups = calls.groups(charges, guards)
        if not groups:
            return Survey()
        now = self._given()
        asked = [calls.survey(self._keys, now, tag, group) for tag, group in groups.items()]
        return calls.surveyed(list(groups.values()), self._link.run(asked))

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        self._link.run([calls.block(self._keys, self._given(), key, for_ms, fault)])

    def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        call = calls.record_fault(self._keys, self._given(), key, span_ms)
        return int(self._link.run([call])[0])

    def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        return bool(self._link.run([calls.lease(self._keys, self._given(), key, owner, ttl_ms)])[0])

    def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        self._link.run([calls.release(self._keys, key, owner, clear=clear)])

    def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        call = calls.observe(self._keys, self._given(), charge, observation, sent_ago_ms)
        self._link.run([call])

    def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        if not keys:
            return {}
        return calls.learned_limits(keys, self._link.run(calls.learned(self._keys, keys)))

    def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        for table in BLOCK_TABLES:
            self._forget(table, keys)

    def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        self._forget("window", keys)

    def now(self) -> int:
        """Return the server's instant in milliseconds since 1970 UTC."""
        return int(self._link.run([calls.instant(self._keys, self._given())])[0])

    def close(self) -> None:
        """Close the connections of all threads; those of a loop close with it."""
        self._link.close()

    def _given(self) -> int | None:
        return None if self._clock is None else int(self._clock.now() * 1000)

    def _forget(self, table: str, keys: Sequence[str] | None) -> None:
        if keys is None:
            heaps = self._link.scan(self._keys.all_of(table))
        else:
            heaps = iter([[self._keys.of(table, key) for key in keys]])
        for heap in heaps:
            if heap:
                self._link.run(calls.forget(heap))
