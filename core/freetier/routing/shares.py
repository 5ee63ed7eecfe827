"""How much a candidate has left, and what a request would cost it in scarce quota."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, floor, inf
from math import pow as power

from freetier.values.quota import Charge, Kind, Tally

STEEPNESS = 8.0
LENGTH_EXPONENT = 0.75
"""Of the price rule (research on quota, 4): flat between 4 and 12, best near 0.75."""


def share_left(charges: Sequence[Charge], tallies: Sequence[Tally]) -> float:
    """Return the share left of the tightest window, 0 to 1, reservations counted as used.

    No limits at all leave everything; a limit of zero leaves nothing.
    """
    return min(map(_left, charges, tallies), default=1.0)


def rounded_down(share: float) -> float:
    """Return a share rounded down to 0.01, so that nearly equal ones are ties."""
    return floor(share * 100 + 1e-9) / 100


def harvest_price(charges: Sequence[Charge], tallies: Sequence[Tally]) -> float:
    """Return the price of the dearest window a request would use.

    n / limit x (span / 60 s)^0.75 x exp(8 x (used share - elapsed share)): windows that
    are about to end with quota left are nearly free, scarce ones are dear (research on
    quota, 4). A concurrency limit has no price; a limit of zero costs infinitely much.
    """
    return max(map(_price, charges, tallies), default=0.0)


def _left(charge: Charge, tally: Tally) -> float:
    if charge.ceiling <= 0:
        return 0.0
    holds = charge.burst if charge.kind is Kind.BUCKET and charge.burst else charge.ceiling
    left = holds - tally.used - tally.reserved
    return min(1.0, max(0.0, left / holds))


def _price(charge: Charge, tally: Tally) -> float:
    if charge.kind is Kind.CONCURRENT:
        return 0.0
    if charge.ceiling <= 0:
        return inf
    used = min(1.0, (tally.used + tally.reserved) / charge.ceiling)
    left_ms = tally.resets_in_ms or 0
    elapsed = 1 - min(1.0, left_ms / charge.span_ms)
    length = power(charge.span_ms / 60_000, LENGTH_EXPONENT)
    return charge.amount / charge.ceiling * length * exp(STEEPNESS * (used - elapsed))
