"""`quota_status()`: what its rows say while requests are under way and after."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from freetier import Router
from freetier.testing import FakeAccount, FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.listing import QuotaRow

ASKED: dict[str, Any] = {"model": "own/m", "max_tokens": 40, "max_wait": 0}
OSLO = ZoneInfo("Europe/Oslo")


def _made(
    *limits: Limit, accounts: Any = 1, start: datetime | None = None, **more: Any
) -> tuple[Router, Fleet, VirtualClock]:
    answer = more.pop("answer", "four words of text")
    fake = FakeProvider(
        "own", "generic", accounts=accounts, limits=limits, latency=2.0, answer=answer
    )
    clock = VirtualClock(start.timestamp()) if start else VirtualClock()
    fleet = Fleet(fake)
    config = fleet.config(limits=True)
    for account in config["accounts"]:
        account.update(more)
    return Router(config, transport=fleet.transport(clock), clock=clock), fleet, clock


def _rows(router: Router) -> dict[tuple[str, str], QuotaRow]:
    return {(row.account, row.metric): row for row in router.quota_status()}


def test_a_row_follows_a_request_from_reserved_to_used() -> None:
    """Estimates are reserved while it is under way; the true figures are used afterwards."""
    router, fleet, clock = _made(
        Limit(9, "minute"),
        Limit(1000, "day", "total_tokens", "calendar"),
        Limit(3, metric="concurrent"),
    )

    async def watched() -> tuple[dict[tuple[str, str], QuotaRow], dict[tuple[str, str], QuotaRow]]:
        asked = asyncio.ensure_future(router.acomplete("Hello", **ASKED))
        await asyncio.sleep(1)
        during = _rows(router)
        await asked
        return during, _rows(router)

    during, after = clock.run(watched())
    estimate = during["own-1", "total_tokens"].reserved
    spent = sum(fleet.books.tokens())
    assert [(r.used, r.reserved, r.left) for r in during.values()] == [
        (0, 1, 8),
        (0, estimate, 1000 - estimate),
        (0, 1, 2),
    ]
    assert spent < estimate
    assert [(r.used, r.reserved, r.left) for r in after.values()] == [
        (1, 0, 8),
        (spent, 0, 1000 - spent),
        (0, 0, 3),
    ]


def test_a_booked_start_is_reserved() -> None:
    """Who waits for a window holds it, and gives it back when he walks away."""
    router, _, clock = _made(Limit(1, "minute"))

    async def waits() -> list[tuple[int, int, int]]:
        await router.acomplete("Hello", **ASKED)
        waiting = asyncio.ensure_future(router.acomplete("Hello", **ASKED | {"max_wait": 100}))
        await asyncio.sleep(1)
        during = _rows(router)["own-1", "requests"]
        waiting.cancel()
        await asyncio.wait([waiting])
        after = _rows(router)["own-1", "requests"]
        return [(row.used, row.reserved, row.left) for row in (during, after)]

    assert clock.run(waits()) == [(1, 1, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=OSLO), 12),
        (datetime(2026, 3, 29, 0, tzinfo=OSLO), 23),
        (datetime(2026, 3, 29, 12, tzinfo=OSLO), 12),
        (datetime(2026, 10, 25, 0, tzinfo=OSLO), 25),
        (datetime(2026, 10, 25, 23, tzinfo=OSLO), 1),
    ],
    ids=str,
)
def test_a_calendar_day_ends_at_midnight_of_its_zone(now: datetime, hours: int) -> None:
    """Also on the days that have 23 or 25 hours; a second later nothing is used."""
    router, _, clock = _made(Limit(9, "day", "requests", "calendar", zone="Europe/Oslo"), start=now)
    router.complete("Hello", **ASKED)
    row = _rows(router)["own-1", "requests"]
    assert row.window == "day@Europe/Oslo"
    assert row.resets_at == pytest.approx(now.timestamp() + hours * 3600, abs=0.01)
    midnight = datetime.fromtimestamp(row.resets_at or 0, OSLO)
    assert (midnight.hour, midnight.minute) == (0, 0)
    clock.advance(hours * 3600 - 3)
    assert _rows(router)["own-1", "requests"].used == 1
    clock.advance(2)
    assert _rows(router)["own-1", "requests"].used == 0


def test_two_accounts_of_one_pool_show_one_quota() -> None:
    """What one used is missing in the other's row as well; both go to the last request."""
    accounts = [FakeAccount(label=f"key-{n}", pool="x") for n in (1, 2)]
    router, fleet, _ = _made(Limit(4, "minute", scope="pool"), accounts=accounts)
    for account in ("key-1", "key-1", "key-2", "key-2"):
        router.complete("Hello", **ASKED, only=[account])
    rows = _rows(router)
    assert [(r.account, r.used, r.left) for r in rows.values()] == [
        ("key-1", 4, 0),
        ("key-2", 4, 0),
    ]
    assert not fleet.books.refused()


def test_a_written_pool_shares_what_the_catalogue_counts_by_account() -> None:
    """`pool: x` on two keys is enough: account limits are counted over both."""
    accounts = [FakeAccount(label=f"key-{n}", pool="x") for n in (1, 2)]
    router, _, _ = _made(Limit(4, "minute"), accounts=accounts, pool="x")
    for account in ("key-1", "key-2", "key-2"):
        router.complete("Hello", **ASKED, only=[account])
    assert [(r.used, r.left) for r in _rows(router).values()] == [(3, 1), (3, 1)]


def test_a_block_has_its_end_and_its_reason() -> None:
    """Until when and why, in every row of what is blocked; gone when it is over."""
    router, fleet, clock = _made(Limit(9, "minute"), accounts=2)
    fleet.script("own-1", [faults.RateLimited(wait=30)])
    answer = router.complete("Hello", **ASKED)
    assert [a.account for a in answer.report.attempts] == ["own-1", "own-2"]
    row = _rows(router)["own-1", "requests"]
    assert row.blocked_why == "rate_limited"
    assert row.blocked_until == pytest.approx(clock.now() + 28, abs=0.1)
    clock.advance(28.1)
    assert _rows(router)["own-1", "requests"].blocked_until is None


def test_the_source_of_a_limit_is_told() -> None:
    """The user's own figures are his, and have no date."""
    router, _, _ = _made(Limit(9, "minute"))
    row = _rows(router)["own-1", "requests"]
    assert (row.source, row.as_of, row.resets_at) == ("user", None, None)
    assert row.model is None


def test_what_counts_over_an_account_names_no_model() -> None:
    """A spend cap and the account's own places are the account's, a model's places the model's."""
    asked = {
        "allow_paid": True,
        "accounts": [
            {"provider": "openai", "auth": {"api_key": "k"}, "paid_enabled": True,
             "max_daily_spend": 0.5},
            {"provider": "zai", "auth": {"api_key": "k"}, "max_concurrency": 3},
        ],
    }  # fmt: skip
    rows = Router(asked, environ={}).quota_status()
    assert [(r.model, r.metric, r.limit) for r in rows if r.account == "openai"] == [
        (None, "money", 500_000_000)
    ]
    places = {(r.model, r.limit) for r in rows if r.account == "zai"}
    assert (None, 3) in places
    assert ("glm-4.7-flash", 1) in places


def test_explaining_says_nothing_of_what_was_sent() -> None:
    """A bound that a spend cap asks for is told as what it would be."""
    paid = {
        "provider": "openai", "auth": {"api_key": "k"}, "paid_enabled": True, "max_daily_spend": 0.5
    }  # fmt: skip
    router = Router({"allow_paid": True, "accounts": [paid]}, environ={})
    notes = router.explain("Hi", model="gpt-4.1").notes
    assert notes == ("the answer of openai/gpt-4.1 is bounded to 2048 tokens",)
