"""Several charges at once: the earliest instant at which all of them fit."""

from __future__ import annotations

from collections.abc import Sequence

from freetier.values.quota import Charge, Reservation
from freetier.windows.base import Mirror


def earliest(
    t: int, mirrors: Sequence[Mirror], held: Reservation
) -> tuple[int | None, Charge | None]:
    """Return when all charges of a reservation fit, and the charge that decided it.

    Args:
        t: The first instant that would do, in ms.
        mirrors: In the order of the reservation's charges.
        held: The reservation.

    Returns:
        The instant, or None if one charge never fits; and the last charge that was full.
    """
    full: Charge | None = None
    settled = False
    while not settled:
        settled = True
        for mirror, charge in zip(mirrors, held.charges, strict=True):
            at = mirror.earliest(t, charge, held)
            if at is None:
                return None, charge
            if at > t:
                t, full, settled = at, charge, False
    return t, full
