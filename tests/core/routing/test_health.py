"""What a fault means for later requests: tables of cases."""

from __future__ import annotations

import pytest

from freetier.routing import health
from freetier.routing.health import Verdict
from freetier.values.accounts import Secret
from freetier.values.faults import KEY_FAULTS, Fault, FaultScope, Refused
from tests.core.routing.setups import candidate

KEYS = health.keys(candidate(id="a", secret=Secret("sk-1")))
DAY = 86_400.0


def _no(fault: Fault, scope: FaultScope = FaultScope.CANDIDATE, **more: object) -> Refused:
    return Refused(fault=fault, scope=scope, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refused", "calendar", "which", "seconds"),
    [
        (_no(Fault.RATE_LIMITED, retry_in=7.0), None, 0, 7.0),
        (_no(Fault.RATE_LIMITED), None, 0, health.RATE_BLOCK),
        (_no(Fault.RATE_LIMITED, FaultScope.ACCOUNT, retry_in=7.0), None, 1, 7.0),
        (_no(Fault.QUOTA_GONE), 3600.0, 0, 3600.0),
        (_no(Fault.QUOTA_GONE, retry_in=60.0), 3600.0, 0, 60.0),
        (_no(Fault.QUOTA_GONE, retry_in=60.0, retry_is_calendar=True), 3600.0, 0, 3600.0),
        (_no(Fault.QUOTA_GONE), None, 0, health.QUOTA_BLOCK),
        (_no(Fault.MODEL_GONE), None, 0, DAY),
        (_no(Fault.OVERLOADED, retry_in=5.0), None, 0, 5.0),
        (_no(Fault.OVERLOADED, retry_in=9e9), None, 0, 600.0),
        (_no(Fault.SERVER, FaultScope.PROVIDER, retry_in=5.0), None, 0, 5.0),
    ],
)
def test_some_refusals_tell_for_how_long_to_leave_whom_alone(
    refused: Refused, calendar: float | None, which: int, seconds: float
) -> None:
    """The told moment, else the calendar's, else a short one; bounded where it is a guess."""
    assert health.leave(refused, KEYS, calendar) == health.Leave(KEYS.blocks[which], seconds)


@pytest.mark.parametrize(
    "fault",
    [Fault.OVERLOADED, Fault.SERVER, Fault.BAD_REQUEST, Fault.CONTENT_REFUSED, Fault.CANCELLED,
     Fault.CONTEXT_TOO_LONG, Fault.TOO_LARGE, Fault.UNAUTHORISED],
)  # fmt: skip
def test_others_block_nothing_by_themselves(fault: Fault) -> None:
    """They are counted, or are the caller's own."""
    assert health.leave(_no(fault), KEYS, None) is None


@pytest.mark.parametrize(
    ("suspected", "met", "provider", "verdict"),
    [
        (Fault.SERVER, None, False, Verdict.CLEAR),
        (Fault.SERVER, None, True, Verdict.CLEAR),
        (Fault.SERVER, _no(Fault.SERVER), False, Verdict.SHUT),
        (Fault.SERVER, _no(Fault.SERVER), True, Verdict.SHUT),
        (Fault.SERVER, _no(Fault.EMPTY), False, Verdict.SHUT),
        (Fault.SERVER, _no(Fault.EMPTY), True, Verdict.NOTHING),
        (Fault.SERVER, _no(Fault.RATE_LIMITED), False, Verdict.CLEAR),
        (Fault.SERVER, _no(Fault.QUOTA_GONE), True, Verdict.CLEAR),
        (Fault.SERVER, _no(Fault.BAD_REQUEST), False, Verdict.NOTHING),
        (Fault.SERVER, _no(Fault.UNAUTHORISED), True, Verdict.NOTHING),
        (Fault.SERVER, _no(Fault.MALFORMED, FaultScope.REQUEST), False, Verdict.NOTHING),
        (Fault.UNAUTHORISED, None, False, Verdict.CLEAR),
        (Fault.UNAUTHORISED, _no(Fault.PAYMENT), False, Verdict.SHUT),
        (Fault.UNAUTHORISED, _no(Fault.RATE_LIMITED), False, Verdict.NOTHING),
        (Fault.UNAUTHORISED, _no(Fault.SERVER), False, Verdict.NOTHING),
    ],
)
def test_a_probe_clears_shuts_or_says_nothing(
    suspected: Fault, met: Refused | None, provider: bool, verdict: Verdict
) -> None:
    """An answer or a count clears; the same kind of fault shuts; the rest is no verdict."""
    assert health.verdict(suspected, met, provider=provider) is verdict


def test_what_is_shut_again_and_again_is_shut_for_longer_up_to_a_bound() -> None:
    """It doubles; a long row does not overflow."""
    pace = health.BREAKER_PACE
    assert [pace.seconds(n) for n in range(1, 7)] == [30, 60, 120, 240, 480, 600]
    assert health.KEY_PACE.seconds(10_000) == 6 * 3600


@pytest.mark.parametrize("fault", sorted(KEY_FAULTS))
def test_a_refused_key_shuts_the_account_or_one_model_in_it(fault: Fault) -> None:
    """As the answer says."""
    whole = health.key_level(_no(fault, FaultScope.ACCOUNT), KEYS)
    one = health.key_level(_no(fault), KEYS)
    assert (whole.block, one.block) == (KEYS.blocks[1], KEYS.blocks[0])


def test_keys_change_with_the_account_s_key_and_hold_nothing_of_it() -> None:
    """Equal keys of different accounts look different, too."""
    other = health.keys(candidate(id="a", secret=Secret("sk-2")))
    twin = health.keys(candidate(id="b", secret=Secret("sk-1")))
    assert health.keys(candidate(id="a", secret=Secret("sk-1"))) == KEYS
    assert KEYS.blocks[2] == other.blocks[2]
    marks = {keys.blocks[1].split("|")[2] for keys in (KEYS, other, twin)}
    assert len(marks) == 3
    assert not any("sk-" in key for key in KEYS.all)


def test_a_suspicion_promises_nothing() -> None:
    """The end of a told pause is worth waiting for, the end of a breaker is not."""
    assert health.resting(Fault.OVERLOADED).waitable
    assert not health.resting(Fault.OVERLOADED, suspected=True).waitable
    assert health.resting(Fault.SERVER).waitable  # its `retry-after`
    assert not health.resting(Fault.UNREACHABLE).waitable
