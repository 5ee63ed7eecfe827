"""A plain list of who was let in when: what a store admitted, counted without the store."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from freetier.values.quota import Charge, Kind, Reservation


@dataclass
class Entry:
    """One charge that was granted."""

    id: str
    charge: Charge
    start: int
    early: int
    amount: int
    until: int


class Books:
    """All grants, for the kinds of window whose law is one line."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def granted(self, held: Reservation, start: int) -> None:
        """Note a grant, and see that no window is above its ceiling where it starts."""
        for charge in held.charges:
            early, until = start + held.near_ms, start + held.lease_ms
            self.entries.append(Entry(held.id, charge, start, early, charge.amount, until))
            if charge.amount:
                assert self._with(self.entries[-1]) <= charge.ceiling

    def _with(self, entry: Entry) -> int:
        charge = entry.charge
        same = [e for e in self.entries if e.charge.key == charge.key]
        match charge.kind:
            case Kind.ROLLING:
                near = [e for e in same if entry.start - charge.span_ms < e.start <= entry.start]
            case Kind.FIXED | Kind.CALENDAR:
                window = _window(entry)
                near = [e for e in same if _window(e) == window]
            case Kind.CONCURRENT:
                near = [e for e in same if e.start <= entry.start < e.until]
            case _:
                near = [entry]
        return sum(e.amount for e in near)

    def settled(self, held: Reservation, amounts: tuple[int, ...] | None) -> None:
        """Note what a request really took."""
        true = amounts or tuple(charge.amount for charge in held.charges)
        for charge, amount in zip(held.charges, true, strict=True):
            for entry in self.entries:
                if entry.id == held.id and entry.charge.key == charge.key:
                    entry.amount = 0 if charge.kind is Kind.CONCURRENT else amount

    def dropped(self, held: Reservation) -> None:
        """Note that a request was never sent."""
        self.entries = [entry for entry in self.entries if entry.id != held.id]


def _window(entry: Entry) -> int:
    charge = entry.charge
    if charge.edges:
        return bisect_right(charge.edges, entry.early)
    return entry.early // charge.span_ms
