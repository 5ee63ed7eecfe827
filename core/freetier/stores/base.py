"""What every store can do, in both colours.

Durations are milliseconds as integers; instants are milliseconds since 1970 UTC on the
store's own clock, which never goes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from freetier.values.faults import Fault
from freetier.values.quota import (
    BlockState,
    Charge,
    Denied,
    Granted,
    Learned,
    Observation,
    Reservation,
    Settlement,
    Tally,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a store knows of some keys, read in one step.

    Attributes:
        tallies: In the order of the charges that were asked for.
        blocks: Of the guards that are blocked, by key.
    """

    tallies: tuple[Tally, ...] = ()
    blocks: dict[str, BlockState] = field(default_factory=dict)


@runtime_checkable
class QuotaStore(Protocol):
    """A store as threads use it.

    Attributes:
        blocking: Whether a call may block a loop for longer than some microseconds; an
            asynchronous driver then calls it in a thread.
    """

    blocking: bool

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Take all charges in one atomic step.

        Args:
            reservation: What is to be held.
            deadline_ms: How long the caller would wait for its start. A charge that is full
                now is then booked at the earliest instant at which all fit, if that is in
                time. `None` and 0 book nothing.

        Raises:
            StoreUnavailable: The store cannot be reached within its bound.
        """

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""

    def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""

    def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""

    def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""

    def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""

    def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window for a request sent so long ago."""

    def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""

    def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""

    def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""

    def now(self) -> int:
        """Return the store's instant in milliseconds since 1970 UTC."""

    def close(self) -> None:
        """Let go of files and connections; safe to call twice."""


@runtime_checkable
class AsyncQuotaStore(Protocol):
    """A store as tasks use it: the same methods, awaited."""

    async def reserve(
        self, reservation: Reservation, deadline_ms: int | None = None
    ) -> Granted | Denied:
        """Take all charges in one atomic step, or book them; see `QuotaStore.reserve`."""

    async def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""

    async def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""

    async def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""

    async def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""

    async def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""

    async def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""

    async def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window for a request sent so long ago."""

    async def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""

    async def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""

    async def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""

    async def now(self) -> int:
        """Return the store's instant in milliseconds since 1970 UTC."""

    async def close(self) -> None:
        """Let go of connections; safe to call twice."""
