"""Waiting by booking: what happens on waking, and to whom a hole goes."""

from __future__ import annotations

import asyncio

import pytest

from freetier import QuotaExhausted
from freetier.testing import Limit
from freetier.values.faults import Fault
from tests.core.routing.stage import Stage

ONE = {"limits": [Limit(1, "minute", "requests", "rolling")]}


def _keys(stage: Stage, account: str) -> tuple[str, str, str]:
    board = stage.router._engine.board
    found = [c for c in board.candidates() if c.account.id == account]
    return board.keys(found[0]).blocks


def test_who_is_blocked_while_he_waits_books_elsewhere() -> None:
    """One cheap look on waking; the start is given back and another one is taken."""
    stage = Stage(fake=ONE)

    async def story() -> tuple[str | None, float]:
        for _ in range(2):
            await stage.router.acomplete("Hi", model="any")
            await asyncio.sleep(1)
        waiter = asyncio.create_task(stage.router.acomplete("Hi", model="any", max_wait=None))
        await asyncio.sleep(5)
        stage.store.block(_keys(stage, "alpha-1")[0], 600_000, Fault.QUOTA_GONE)
        answer = await waiter
        return answer.report.account, answer.report.waited

    account, waited = stage.clock.run(story())
    assert account == "beta-1"
    assert waited == pytest.approx(60, abs=2)
    rows = {row.account: (row.used, row.reserved) for row in stage.router.quota_status()}
    assert rows["alpha-1"] == (0, 0)  # the booked start was given back


def test_a_hole_goes_to_the_next_newcomer_and_booked_starts_do_not_move() -> None:
    """Who walks away gives his start back."""
    stage = Stage(providers={"alpha": 1}, fake=ONE)
    ended: dict[str, float] = {}

    async def one(name: str) -> None:
        await stage.router.acomplete("Hi", model="any", max_wait=None)
        ended[name] = stage.clock.monotonic()

    async def story() -> None:
        tasks = {name: asyncio.create_task(one(name)) for name in ("a", "b", "c", "d")}
        await asyncio.sleep(5)
        tasks["b"].cancel()
        await asyncio.sleep(5)
        tasks["e"] = asyncio.create_task(one("e"))
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    stage.clock.run(story())
    assert sorted(ended, key=ended.__getitem__) == ["a", "e", "c", "d"]
    minutes = {name: round(at / 60) for name, at in ended.items()}
    assert minutes == {"a": 0, "e": 1, "c": 2, "d": 3}


def test_who_cannot_be_served_in_time_is_told_at_once() -> None:
    """With the moment at which it could be, per candidate."""
    stage = Stage(fake=ONE)
    for _ in range(2):
        stage.ask()
    before = stage.clock.monotonic()
    with pytest.raises(QuotaExhausted) as caught:
        stage.router.complete("Hi", model="any", max_wait=30)
    assert stage.clock.monotonic() == before
    assert caught.value.retry_after == pytest.approx(60, abs=2)
    assert set(caught.value.by_candidate) == {"alpha-1/m", "beta-1/m"}
