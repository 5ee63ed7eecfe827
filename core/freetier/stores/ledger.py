"""The state of all windows in memory, and every operation on it; no lock, no clock.

The memory store is this behind a lock; stores that write down load the keys of one
operation into it, perform it, and write back what changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from freetier.stores.base import Survey
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
from freetier.windows import MIRRORS, Mirror
from freetier.windows.plan import earliest


class Ledger:
    """Mirrors, blocks, faults, leases and learned limits by key."""

    __slots__ = ("blocks", "faults", "learned", "leases", "mirrors")

    def __init__(self) -> None:
        self.mirrors: dict[str, Mirror] = {}
        self.blocks: dict[str, tuple[int, Fault]] = {}
        self.faults: dict[str, list[int]] = {}
        self.leases: dict[str, tuple[str, int]] = {}
        self.learned: dict[str, Learned] = {}

    def mirror(self, charge: Charge) -> Mirror:
        """Return the mirror of a charge's window, made on first use."""
        found = self.mirrors.get(charge.key)
        if found is None:
            found = self.mirrors[charge.key] = MIRRORS[charge.kind]()
        return found

    def reserve(self, now: int, held: Reservation, deadline_ms: int | None) -> Granted | Denied:
        """Take all charges at `now`, book them before the deadline, or say why not.

        A reservation that is already held keeps its start: asking again after a lost answer
        takes nothing twice.
        """
        start, block = now, None
        for guard in held.guards:
            blocked = self.blocks.get(guard)
            if blocked is not None and blocked[0] > start:
                start, block = blocked[0], guard
        charges = held.charges
        if not charges and block is None:
            return GRANTED
        if start == now and self._taken_at_once(now, held):
            return GRANTED
        mirrors = [self.mirror(charge) for charge in charges]
        for mirror, charge in zip(mirrors, charges, strict=True):
            mirror.age(now, charge)
        for mirror in mirrors:
            begun = mirror.start_of(held)
            if begun is not None:
                return Granted(start_in_ms=begun - now) if begun > now else GRANTED
        at, full = earliest(start, mirrors, held)
        if at is None or at > now + (deadline_ms or 0):
            return self._denied(now, at, full, block)
        for mirror, charge in zip(mirrors, charges, strict=True):
            mirror.take(at, charge, held)
        return Granted(start_in_ms=at - now) if at > now else GRANTED

    def _taken_at_once(self, now: int, held: Reservation) -> bool:
        """Take all charges if every window plainly has room, as most have most of the time."""
        known, charges = self.mirrors, held.charges
        mirrors = []
        for charge in charges:
            mirror = known.get(charge.key)
            if mirror is None:
                mirror = known[charge.key] = MIRRORS[charge.kind]()
            if not mirror.has_room(now, charge, held):
                return False
            mirrors.append(mirror)
        for at, mirror in enumerate(mirrors):
            mirror.take(now, charges[at], held)
        return True

    def _denied(self, now: int, at: int | None, full: Charge | None, block: str | None) -> Denied:
        retry = None if at is None else at - now
        state = self.block_state(now, block) if block else None
        return Denied(charge=full, retry_in_ms=retry, block=state)

    def settle(self, now: int, held: Reservation, settlement: Settlement) -> None:
        """Make a reservation true, keep its estimates, or give it back; idempotent."""
        mirrors = self.mirrors
        if not settlement.sent:
            for charge in held.charges:
                mirror = mirrors.get(charge.key)
                if mirror is not None:
                    mirror.drop(charge, held, now)
            return
        ago = settlement.answered_ago_ms
        late = None if ago is None else now - ago
        true = settlement.amounts or None
        for at, charge in enumerate(held.charges):
            mirror = mirrors.get(charge.key)
            if mirror is not None:
                amount = charge.amount if true is None else true[at]
                mirror.settle(charge, held, amount, now if charge.at_answer else late)

    def survey(self, now: int, charges: Sequence[Charge], guards: Sequence[str]) -> Survey:
        """Read windows and blocks."""
        blocks = {}
        for guard in guards:
            state = self.block_state(now, guard)
            if state is not None:
                blocks[guard] = state
        return Survey(tallies=tuple(self.tally(now, c) for c in charges), blocks=blocks)

    def tally(self, now: int, charge: Charge) -> Tally:
        """Read one window."""
        learned = self.learned.get(charge.key)
        mirror = self.mirrors.get(charge.key)
        if mirror is None:
            return Tally(key=charge.key, learned=learned)
        mirror.age(now, charge)
        used, reserved, resets = mirror.tally(now, charge)
        return Tally(
            key=charge.key, used=used, reserved=reserved, resets_in_ms=resets, learned=learned
        )

    def block_state(self, now: int, key: str) -> BlockState | None:
        """Return the block of a key that still holds."""
        blocked = self.blocks.get(key)
        if blocked is None:
            return None
        until, fault = blocked
        if until <= now:
            del self.blocks[key]
            return None
        return BlockState(key=key, until_ms=until, fault=fault, left_ms=until - now)

    def block(self, now: int, key: str, for_ms: int, fault: Fault) -> None:
        """Leave a key alone; a later end wins."""
        until = now + for_ms
        blocked = self.blocks.get(key)
        if blocked is None or blocked[0] < until:
            self.blocks[key] = (until, fault)

    def record_fault(self, now: int, key: str, span_ms: int) -> int:
        """Count a fault and return how many there were within the span."""
        recent = [at for at in self.faults.get(key, ()) if at > now - span_ms]
        recent.append(now)
        self.faults[key] = recent[-64:]
        return len(recent)

    def lease(self, now: int, key: str, owner: str, ttl_ms: int) -> bool:
        """Become the only holder of a key; a holder may renew."""
        holder = self.leases.get(key)
        if holder is not None and holder[0] != owner and holder[1] > now:
            return False
        self.leases[key] = (owner, now + ttl_ms)
        return True

    def release(self, key: str, owner: str, *, clear: bool) -> None:
        """Let a lease go if it is this owner's."""
        holder = self.leases.get(key)
        if holder is not None and holder[0] == owner:
            del self.leases[key]
        if clear:
            self.faults.pop(key, None)
            self.blocks.pop(key, None)

    def observe(self, now: int, charge: Charge, said: Observation, sent_ago_ms: int) -> None:
        """Adopt what a provider said: a different limit, and less left than we thought."""
        if said.limit is not None and said.limit >= 0:
            self.learned[charge.key] = Learned(amount=said.limit, source=said.source, at_ms=now)
        if said.remaining is not None:
            limit = charge.ceiling if said.limit is None else said.limit
            mirror = self.mirror(charge)
            mirror.age(now, charge)
            mirror.foreign(now, charge, max(0, limit - said.remaining), now - sent_ago_ms)

    def sweep(self, now: int) -> None:
        """Forget everything that is over by `now`."""
        self.mirrors = {k: m for k, m in self.mirrors.items() if not m.idle(now)}
        self.blocks = {k: b for k, b in self.blocks.items() if b[0] > now}
        self.leases = {k: held for k, held in self.leases.items() if held[1] > now}
        day = 86_400_000
        self.faults = {k: at for k, at in self.faults.items() if at and at[-1] > now - day}


GRANTED = Granted()
