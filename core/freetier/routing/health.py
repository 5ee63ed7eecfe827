"""What a fault means for later requests: whom to leave alone, and for how long.

Durations are seconds; sources: decisions 8. A later, shorter block never shortens a
longer one (the store keeps the later end).
"""

from __future__ import annotations

from dataclasses import dataclass

from freetier.values.accounts import Candidate
from freetier.values.faults import (
    BREAKER_FAULTS,
    KEY_FAULTS,
    PROVIDER_WIDE_FAULTS,
    QUOTA_FAULTS,
    Fault,
    FaultScope,
    Refused,
)

BREAKER_FAULT_COUNT = 3
BREAKER_SPAN = 300.0
BREAKER_OPEN = 30.0
BREAKER_OPEN_MAX = 600.0
PROVIDER_SPAN = 60.0
PROVIDER_ACCOUNTS = 2
KEY_BLOCK = 600.0
KEY_BLOCK_MAX = 6 * 3600.0
GONE_BLOCK = 24 * 3600.0
RATE_BLOCK = 20.0
"""For a refusal that names no moment: a third of a minute window."""

QUOTA_BLOCK = 900.0
"""For a spent day or month whose reset nobody told and no calendar gives."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The store keys under which one candidate may be left alone; all share one hash tag."""

    candidate: str
    account: str
    provider: str

    @property
    def guards(self) -> tuple[str, str, str]:
        """Return the keys a reservation looks at."""
        return (self.candidate, self.account, self.provider)


def keys(candidate: Candidate) -> Keys:
    """Return the keys of a candidate's blocks."""
    tag = f"{{{candidate.account.pool or candidate.account.id}}}"
    account = f"{tag}|{candidate.account.id}"
    return Keys(
        candidate=f"{account}|{candidate.model.id}|block",
        account=f"{account}|block",
        provider=f"provider|{candidate.provider.name}|block",
    )


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave a key alone for so many seconds."""

    key: str
    seconds: float


def leave(refused: Refused, keys: Keys, calendar: float | None) -> Leave | None:
    """Return the block that one refusal calls for by itself, or None.

    Args:
        refused: The refusal.
        keys: The candidate's keys.
        calendar: Seconds until the reset of the window that was hit, if it is known.
    """
    fault = refused.fault
    key = keys.account if refused.scope is FaultScope.ACCOUNT else keys.candidate
    if fault is Fault.RATE_LIMITED:
        return Leave(key, _told(refused, None, RATE_BLOCK))
    if fault is Fault.QUOTA_GONE:
        return Leave(key, _told(refused, calendar, QUOTA_BLOCK))
    if fault in KEY_FAULTS:
        return Leave(key, KEY_BLOCK)
    if fault is Fault.MODEL_GONE:
        return Leave(keys.candidate, GONE_BLOCK)
    if fault is Fault.OVERLOADED and refused.retry_in:
        return Leave(keys.candidate, min(refused.retry_in, BREAKER_OPEN_MAX))
    return None


def _told(refused: Refused, calendar: float | None, otherwise: float) -> float:
    if refused.retry_is_calendar and calendar is not None:
        return calendar
    if refused.retry_in is not None and not refused.retry_is_calendar:
        return max(refused.retry_in, 0.0)
    return calendar if calendar is not None else otherwise


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a candidate is left alone for a while.

    Attributes:
        reason: A word: of a fault, or `out_of_quota`.
        detail: For people.
        waitable: Whether its end is a promise that is worth waiting for.
        place: Whether a place of a concurrency limit is wanted, which no clock foretells.
        amount: The least amount that did not fit; what takes less may fit all the same.
    """

    reason: str = ""
    detail: str = ""
    waitable: bool = False
    place: bool = False
    amount: int = 0


READY = Rest()
"""Of those who do not rest."""

WAITABLE = QUOTA_FAULTS | {Fault.OVERLOADED}
"""Blocks that are worth waiting for: their end is a promise, not a guess."""


def resting(fault: Fault) -> Rest:
    """Return what a block by this fault means to those who choose."""
    why = f"left alone after: {fault}"
    return Rest(reason=fault.value, detail=why, waitable=fault in WAITABLE)


def counts_against(refused: Refused) -> bool:
    """Tell whether a refusal counts against the candidate's breaker."""
    return refused.fault in BREAKER_FAULTS


def provider_wide(refused: Refused) -> bool:
    """Tell whether the provider's other accounts would most likely meet the same."""
    return refused.fault in PROVIDER_WIDE_FAULTS


def open_for(opened_before: int) -> float:
    """Return how long a breaker stays open the n-th time in a row, in seconds."""
    return float(min(BREAKER_OPEN * 2**opened_before, BREAKER_OPEN_MAX))


def key_block_for(before: int) -> float:
    """Return how long an account that may not is left alone the n-th time, in seconds."""
    return float(min(KEY_BLOCK * 2**before, KEY_BLOCK_MAX))
