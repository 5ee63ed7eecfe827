"""A store that is wrong on purpose: it checks first and acts later."""

from __future__ import annotations

import time
from collections.abc import Callable

from freetier.stores import operations as ops
from freetier.stores.ledger import Ledger
from freetier.stores.sqlite import SqliteStore
from freetier.values.quota import Denied, Granted, Reservation


class CarelessStore(SqliteStore):
    """Looks whether there is room in one transaction, and takes it in the next one."""

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Do what a file of counters with a lock around each access does."""
        wanted = ops.reserve(reservation, deadline_ms)
        looked = ops.Operation(wanted.perform, reads=wanted.writes, charges=wanted.charges)
        answer = self.perform(looked)
        if isinstance(answer, Granted):
            time.sleep(0.001)  # as long as a short way to a server
            self.perform(ops.Operation(_taking(reservation), wanted.writes, (), wanted.charges))
        return answer


def _taking(held: Reservation) -> Callable[[Ledger, int], None]:
    def take(ledger: Ledger, now: int) -> None:
        for charge in held.charges:
            ledger.mirror(charge).take(now, charge, held)

    return take
