"""The methods of the protocol over one that performs operations, in both colours."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeVar

from freetier.stores import operations as ops
from freetier.stores.base import Survey
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

T = TypeVar("T")


class WrittenStore(ABC):
    """A store for threads that performs each operation in one transaction."""

    blocking = True

    @abstractmethod
    def perform(self, operation: ops.Operation[T]) -> T:
        """Perform one operation.

        Raises:
            StoreUnavailable: The store cannot be reached within its bound.
        """

    @abstractmethod
    def forget(self, rows: ops.Forget) -> None:
        """Delete rows."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections; safe to call twice."""

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline."""
        return self.perform(ops.reserve(reservation, deadline_ms))

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        self.perform(ops.settle(reservation, settlement))

    def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        return self.perform(ops.survey(charges, guards))

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        self.perform(ops.block(key, for_ms, fault))

    def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        return self.perform(ops.record_fault(key, span_ms))

    def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        return self.perform(ops.lease(key, owner, ttl_ms))

    def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        self.perform(ops.release(key, owner, clear=clear))

    def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        self.perform(ops.observe(charge, observation, sent_ago_ms))

    def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        return self.perform(ops.learned(keys))

    def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        self.forget(ops.clear_blocks(keys))

    def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        self.forget(ops.reset_usage(keys))

    def now(self) -> int:
        """Return the highest instant seen, in milliseconds since 1970 UTC."""
        return self.perform(ops.NOW)


class AsyncWrittenStore(ABC):
    """A store for tasks that performs each operation in one transaction."""

    @abstractmethod
    async def perform(self, operation: ops.Operation[T]) -> T:
        """Perform one operation.

        Raises:
            StoreUnavailable: The store cannot be reached within its bound.
        """

    @abstractmethod
    async def forget(self, rows: ops.Forget) -> None:
        """Delete rows."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of files and connections; safe to call twice."""

    async def reserve(
        self, reservation: Reservation, deadline_ms: int | None = None
    ) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline."""
        return await self.perform(ops.reserve(reservation, deadline_ms))

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        await self.perform(ops.settle(reservation, settlement))

    async def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        return await self.perform(ops.survey(charges, guards))

    async def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        await self.perform(ops.block(key, for_ms, fault))

    async def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        return await self.perform(ops.record_fault(key, span_ms))

    async def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        return await self.perform(ops.lease(key, owner, ttl_ms))

    async def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        await self.perform(ops.release(key, owner, clear=clear))

    async def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        await self.perform(ops.observe(charge, observation, sent_ago_ms))

    async def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        return await self.perform(ops.learned(keys))

    async def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        await self.forget(ops.clear_blocks(keys))

    async def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        await self.forget(ops.reset_usage(keys))

    async def now(self) -> int:
        """Return the highest instant seen, in milliseconds since 1970 UTC."""
        return await self.perform(ops.NOW)
