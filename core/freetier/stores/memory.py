"""The reference store: a ledger behind one lock, on the machine's clock."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from freetier.clock import Clock, SystemClock
from freetier.stores.base import Survey
from freetier.stores.ledger import Ledger
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

SWEEP_EVERY = 4096
"""Reservations between two sweeps of what is over."""


class MemoryStore:
    """Quota of one process; safe to share between threads, tasks and loops.

    Args:
        clock: Whose instants count; the highest instant seen is kept, so that a clock
            that jumps back never frees quota.
    """

    blocking = False

    def __init__(self, clock: Clock | None = None) -> None:
        self._told = (clock or SystemClock()).now
        self._ledger = Ledger()
        self._lock = threading.Lock()
        self._seen = 0
        self._until_sweep = SWEEP_EVERY

    def now(self) -> int:
        """Return the highest instant seen, in milliseconds since 1970 UTC."""
        instant = int(self._told() * 1000)
        self._seen = max(self._seen, instant)
        return self._seen

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Take all charges in one atomic step, or book them before the deadline."""
        with self._lock:
            now = self.now()
            self._until_sweep -= 1
            if self._until_sweep <= 0:
                self._until_sweep = SWEEP_EVERY
                self._ledger.sweep(now)
            return self._ledger.reserve(now, reservation, deadline_ms)

    def settle(self, reservation: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        with self._lock:
            self._ledger.settle(self.now(), reservation, settlement)

    def survey(self, charges: Sequence[Charge], guards: Sequence[str] = ()) -> Survey:
        """Read windows and blocks."""
        with self._lock:
            return self._ledger.survey(self.now(), charges, guards)

    def block(self, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone for a while; a later end wins over an earlier one."""
        with self._lock:
            self._ledger.block(self.now(), key, for_ms, fault)

    def record_fault(self, key: str, span_ms: int) -> int:
        """Count a fault against a key and return how many there were within the span."""
        with self._lock:
            return self._ledger.record_fault(self.now(), key, span_ms)

    def lease(self, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key for a while; False if somebody else is."""
        with self._lock:
            return self._ledger.lease(self.now(), key, owner, ttl_ms)

    def release(self, key: str, owner: str, *, clear: bool = False) -> None:
        """Let a lease go; `clear` also forgets the faults and the block of that key."""
        with self._lock:
            self._ledger.release(key, owner, clear=clear)

    def observe(self, charge: Charge, observation: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said of a charge's window."""
        with self._lock:
            self._ledger.observe(self.now(), charge, observation, sent_ago_ms)

    def learned(self, keys: Sequence[str]) -> dict[str, Learned]:
        """Return the limits that providers told, by key."""
        with self._lock:
            known = self._ledger.learned
            return {key: known[key] for key in keys if key in known}

    def clear_blocks(self, keys: Sequence[str] | None = None) -> None:
        """Forget blocks, faults and leases, of some keys or of all; quota stays."""
        with self._lock:
            for table in (self._ledger.blocks, self._ledger.faults, self._ledger.leases):
                for key in list(table) if keys is None else keys:
                    table.pop(key, None)

    def reset_usage(self, keys: Sequence[str] | None = None) -> None:
        """Forget what was used, of some keys or of all; blocks and learned limits stay."""
        with self._lock:
            for key in list(self._ledger.mirrors) if keys is None else keys:
                self._ledger.mirrors.pop(key, None)

    def close(self) -> None:
        """Nothing to let go of."""
