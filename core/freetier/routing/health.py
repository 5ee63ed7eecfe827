"""What a fault means for later requests: whom to leave alone, and for how long.

Durations are seconds; sources: decisions 8. A later, shorter block never shortens a
longer one (the store keeps the later end).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

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
PROVIDER_SPAN = 60.0
GONE_BLOCK = 24 * 3600.0
RATE_BLOCK = 20.0
"""For a refusal that names no moment: a third of a minute window."""

QUOTA_BLOCK = 900.0
"""For a spent day or month whose reset nobody told and no calendar gives."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long something stays shut after each failure in a row, in seconds.

    Attributes:
        first, most: The first time, and at most; it doubles in between.
        memory: How long after its end it is still to be probed, and the row goes on.
    """

    first: float
    most: float
    memory: float

    def seconds(self, time: int) -> float:
        """Return how long it stays shut the n-th time in a row, counted from 1."""
        return min(self.first * 2.0 ** (min(time, 64) - 1), self.most)


BREAKER_PACE = Pace(first=30.0, most=600.0, memory=3600.0)
KEY_PACE = Pace(first=600.0, most=6 * 3600.0, memory=24 * 3600.0)


@dataclass(frozen=True, slots=True)
class Keys:
    """The store keys under which one candidate may be left alone.

    Attributes:
        blocks: Of the candidate, its account, its provider: shut until a moment.
        probes: Of the same three: after that moment, who goes first goes alone.
        strikes: Where the candidate's faults are counted.
        first: Which account of the provider met a fault that others would share.
        model_first: Which account met one that the model's other accounts would share.
    """

    blocks: tuple[str, str, str]
    probes: tuple[str, str, str]
    strikes: str
    first: str
    model_first: str

    @property
    def guards(self) -> tuple[str, ...]:
        """Return the keys a reservation looks at."""
        return self.blocks + self.probes

    @property
    def all(self) -> tuple[str, ...]:
        """Return every key that anything but quota is kept under."""
        return (*self.blocks, *self.probes, self.strikes, self.first, self.model_first)


def keys(candidate: Candidate) -> Keys:
    """Return the keys of a candidate's blocks.

    Those of the account hold a salted fingerprint of its key: a changed key lifts them.
    """
    own = candidate.account
    mark = own.secret.fingerprint(own.id)
    account = f"{{{own.pool or own.id}}}|{own.id}|{mark}"
    model = f"{account}|{candidate.model.id}"
    provider = f"provider|{candidate.home}"
    return Keys(
        blocks=(f"{model}|block", f"{account}|block", f"{provider}|block"),
        probes=(f"{model}|probe", f"{account}|probe", f"{provider}|probe"),
        strikes=f"{model}|faults",
        first=f"{provider}|first",
        model_first=f"{provider}|{candidate.model.id}|first",
    )


class Level(NamedTuple):
    """One of the three things that can be shut: where that is kept, and at which pace."""

    block: str
    probe: str
    pace: Pace


CANDIDATE, ACCOUNT, PROVIDER = range(3)


def level(keys: Keys, which: int, pace: Pace) -> Level:
    """Return one level of a candidate."""
    return Level(keys.blocks[which], keys.probes[which], pace)


def key_level(refused: Refused, keys: Keys) -> Level:
    """Return what a refused key shuts: the account, or one model in it."""
    which = ACCOUNT if refused.scope is FaultScope.ACCOUNT else CANDIDATE
    return level(keys, which, KEY_PACE)


class Verdict(StrEnum):
    """What a probe found out."""

    CLEAR = "clear"  # it works again
    SHUT = "shut"  # it does not
    NOTHING = "nothing"  # neither


def verdict(suspected: Fault, met: Refused | None, *, provider: bool) -> Verdict:
    """Return what a probe says of a suspicion (decisions 8).

    Args:
        suspected: Why it was shut.
        met: What the probe met; `None` if it was answered.
        provider: Whether the whole provider is suspected.
    """
    if met is None:
        return Verdict.CLEAR
    if met.scope is FaultScope.REQUEST and met.fault not in KEY_FAULTS:
        return Verdict.NOTHING
    if suspected in KEY_FAULTS:
        return Verdict.SHUT if met.fault in KEY_FAULTS else Verdict.NOTHING
    if met.fault in QUOTA_FAULTS:
        return Verdict.CLEAR  # it counts, so it works
    if met.fault in (PROVIDER_WIDE_FAULTS if provider else BREAKER_FAULTS):
        return Verdict.SHUT
    return Verdict.NOTHING


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
    key = keys.blocks[ACCOUNT if refused.scope is FaultScope.ACCOUNT else CANDIDATE]
    if fault is Fault.RATE_LIMITED:
        return Leave(key, _told(refused, None, RATE_BLOCK))
    if fault is Fault.QUOTA_GONE:
        return Leave(key, _told(refused, calendar, QUOTA_BLOCK))
    if fault is Fault.MODEL_GONE:
        return Leave(keys.blocks[CANDIDATE], GONE_BLOCK)
    if fault in {Fault.OVERLOADED, Fault.SERVER} and refused.retry_in:
        return Leave(keys.blocks[CANDIDATE], min(refused.retry_in, BREAKER_PACE.most))
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
        full: Key of the window it did not fit into, in whose unit the amount is.
    """

    reason: str = ""
    detail: str = ""
    waitable: bool = False
    place: bool = False
    amount: int = 0
    full: str = ""


READY = Rest()
"""Of those who do not rest."""

WAITABLE = QUOTA_FAULTS | {Fault.OVERLOADED, Fault.SERVER}
"""Blocks that are worth waiting for: their end is a promise, not a guess."""


def resting(fault: Fault, *, suspected: bool = False) -> Rest:
    """Return what a block by this fault means to those who choose.

    Args:
        fault: Why.
        suspected: Whether it has to be probed at the end, so that the end promises nothing.
    """
    why = f"left alone after: {fault.value.replace('_', ' ')}"
    return Rest(reason=fault.value, detail=why, waitable=fault in WAITABLE and not suspected)


def counts_against(refused: Refused) -> bool:
    """Tell whether a refusal counts against the candidate; a caller's own verdict never does."""
    return refused.fault in BREAKER_FAULTS and refused.scope is not FaultScope.REQUEST


def provider_wide(refused: Refused) -> bool:
    """Tell whether all the provider's accounts would most likely meet the same."""
    busy = refused.fault is Fault.OVERLOADED and refused.scope is FaultScope.PROVIDER
    return busy or refused.fault in PROVIDER_WIDE_FAULTS


def is_shared(refused: Refused) -> bool:
    """Tell whether at least the same model at other accounts would most likely meet the same."""
    return refused.fault is Fault.OVERLOADED or refused.fault in PROVIDER_WIDE_FAULTS
