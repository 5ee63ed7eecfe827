"""From windows, what is used of them and a pace to when they run dry."""

from __future__ import annotations

from dataclasses import dataclass

from freetier.planning.supply import REFILLING
from freetier.values.quota import Charge, Kind, Tally

LONG_MS = 3_600_000
"""Windows from this length on are worth a forecast; shorter ones come back while you wait."""

FIRST_MS = 60_000
"""A window's own use tells no pace before it is so old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast something is used: units a second, and what that is taken from."""

    rate: float = 0.0
    basis: str = "idle"


def pace(charge: Charge, tally: Tally, recent: float, now_ms: int) -> Pace:
    """Return the pace of a window.

    Args:
        charge: The limit.
        tally: What the store says of it.
        recent: Units a second that this router's recent answers took of it.
        now_ms: Now.
    """
    if recent > 0:
        return Pace(rate=recent, basis="recent")
    held, age = tally.used + tally.reserved, _age_ms(charge, tally, now_ms)
    if held and age >= FIRST_MS:
        return Pace(rate=held * 1000 / age, basis="window")
    return Pace()


def dry_in(charge: Charge, tally: Tally, rate: float) -> float | None:
    """Return seconds until nothing is left at this rate, or `None` if it lasts.

    Args:
        charge: The limit.
        tally: What the store says of it.
        rate: Units a second.
    """
    held = tally.used + tally.reserved
    left = max(0.0, left_of(charge, tally))
    if not left:
        return 0.0
    length = charge.span_ms / 1000
    if charge.kind in REFILLING or charge.kind is Kind.ROLLING:
        # As much comes back each second as went a whole length ago.
        back = held / length if charge.kind is Kind.ROLLING else charge.ceiling / length
        lasts = rate <= charge.ceiling / length or rate <= back
        return None if lasts else left / (rate - back)
    if rate <= 0:
        return None
    found = left / rate
    if tally.resets_in_ms is not None and found >= tally.resets_in_ms / 1000:
        return None
    return found


def left_of(charge: Charge, tally: Tally) -> int:
    """Return the units that fit now."""
    return max(0, (int(charge.burst) or charge.ceiling) - tally.used - tally.reserved)


def _age_ms(charge: Charge, tally: Tally, now_ms: int) -> int:
    """Return how long the window has been filling."""
    if charge.kind is Kind.CALENDAR and charge.edges:
        return now_ms - charge.edges[1]
    if charge.kind is Kind.FIXED:
        return now_ms % charge.span_ms
    if charge.kind is Kind.FIRST and tally.resets_in_ms is not None:
        return charge.span_ms - tally.resets_in_ms
    return charge.span_ms
