"""What a store that writes down does: each method of the protocol as one value.

An operation names the rows it needs and what to do with them in a ledger. Loading,
performing and writing back is one transaction; how, is the store's own matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

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

T = TypeVar("T")

Sort = Literal["window", "block", "fault", "lease", "learned"]


class Row(NamedTuple):
    """The name of one row; names sort, and rows are locked in that order."""

    sort: Sort
    key: str


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One step on the state.

    Attributes:
        perform: What is done in a ledger that holds the rows, at an instant.
        writes: The rows that may change, in order.
        reads: The rows that are only looked at.
        charges: Of the windows among the rows, by key.
        repeatable: Whether doing it twice is doing it once, so that it may be asked again
            when the answer was lost.
        deniable: Whether it may come to nothing, which a look tells as well.
    """

    perform: Callable[[Ledger, int], T]
    writes: tuple[Row, ...] = ()
    reads: tuple[Row, ...] = ()
    charges: tuple[Charge, ...] = ()
    repeatable: bool = True
    deniable: bool = False

    def look(self) -> Operation[T]:
        """Return the same without the writing."""
        return Operation(
            self.perform, reads=(*self.writes, *self.reads), charges=self.charges, deniable=True
        )


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete rows of some sorts: those of some keys, or all.

    Attributes:
        sorts: Which tables, so to speak.
        keys: Whose rows; `None` for all.
    """

    sorts: tuple[Sort, ...]
    keys: tuple[str, ...] | None


def reserve(reservation: Reservation, deadline_ms: int | None) -> Operation[Granted | Denied]:
    """Take all charges, or book them."""
    return Operation(
        lambda ledger, now: ledger.reserve(now, reservation, deadline_ms),
        writes=_rows("window", [charge.key for charge in reservation.charges]),
        reads=_rows("block", reservation.guards),
        charges=reservation.charges,
        deniable=True,
    )


def settle(reservation: Reservation, settlement: Settlement) -> Operation[None]:
    """Make a reservation true, keep its estimates, or give it back."""
    return Operation(
        lambda ledger, now: ledger.settle(now, reservation, settlement),
        writes=_rows("window", [charge.key for charge in reservation.charges]),
        charges=reservation.charges,
    )


def survey(charges: Sequence[Charge], guards: Sequence[str]) -> Operation[Survey]:
    """Read windows and blocks."""
    keys = [charge.key for charge in charges]
    return Operation(
        lambda ledger, now: ledger.survey(now, charges, guards),
        reads=_rows("window", keys) + _rows("learned", keys) + _rows("block", guards),
        charges=tuple(charges),
    )


def block(key: str, for_ms: int, fault: Fault) -> Operation[None]:
    """Leave a key alone; a later end wins."""
    return Operation(
        lambda ledger, now: ledger.block(now, key, for_ms, fault), writes=_rows("block", [key])
    )


def record_fault(key: str, span_ms: int) -> Operation[int]:
    """Count a fault."""
    return Operation(
        lambda ledger, now: ledger.record_fault(now, key, span_ms),
        writes=_rows("fault", [key]),
        repeatable=False,
    )


def lease(key: str, owner: str, ttl_ms: int) -> Operation[bool]:
    """Become the only holder of a key."""
    return Operation(
        lambda ledger, now: ledger.lease(now, key, owner, ttl_ms), writes=_rows("lease", [key])
    )


def release(key: str, owner: str, *, clear: bool) -> Operation[None]:
    """Let a lease go."""
    sorts: tuple[Sort, ...] = ("block", "fault", "lease") if clear else ("lease",)
    return Operation(
        lambda ledger, _: ledger.release(key, owner, clear=clear),
        writes=tuple(Row(sort, key) for sort in sorts),
    )


def observe(charge: Charge, observation: Observation, sent_ago_ms: int) -> Operation[None]:
    """Adopt what a provider said."""
    keys = [charge.key]
    return Operation(
        lambda ledger, now: ledger.observe(now, charge, observation, sent_ago_ms),
        writes=_rows("learned", keys) + _rows("window", keys),
        charges=(charge,),
    )


def learned(keys: Sequence[str]) -> Operation[dict[str, Learned]]:
    """Return the limits that providers told."""
    return Operation(lambda ledger, _: dict(ledger.learned), reads=_rows("learned", keys))


def clear_blocks(keys: Sequence[str] | None) -> Forget:
    """Forget blocks, faults and leases."""
    return Forget(("block", "fault", "lease"), None if keys is None else tuple(keys))


def reset_usage(keys: Sequence[str] | None) -> Forget:
    """Forget what was used."""
    return Forget(("window",), None if keys is None else tuple(keys))


NOW: Operation[int] = Operation(lambda _, now: now)


def _rows(sort: Sort, keys: Sequence[str]) -> tuple[Row, ...]:
    return tuple(Row(sort, key) for key in sorted(set(keys)))
