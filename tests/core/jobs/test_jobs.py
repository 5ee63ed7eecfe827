"""`map` and `amap`: bounded, in order, resumable, with errors kept."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from freetier import ChatRequest, ConfigError, QuotaExhausted, Router, UnknownModel
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, echo, faults
from freetier.values.jobs import JobProgress, JobResult


def _made(*limits: Limit, **more: Any) -> tuple[Router, Fleet, VirtualClock]:
    fleet, clock = Fleet(FakeProvider("own", "generic", limits=limits, answer=echo, **more)), None
    clock = VirtualClock()
    router = Router(fleet.config(limits=True), transport=fleet.transport(clock), clock=clock)
    return router, fleet, clock


async def _all(results: AsyncIterator[JobResult]) -> list[JobResult]:
    return [result async for result in results]


def test_every_item_is_answered_in_order_with_no_refusal() -> None:
    """A hundred at thirty a minute: the quota is waited for, and no 429 is met."""
    router, fleet, clock = _made(Limit(30, "minute"), latency=1.0)
    results = clock.run(_all(router.amap([f"item {i}" for i in range(100)], model="own/m")))
    assert [r.index for r in results] == list(range(100))
    assert all(f"item {r.index}" in r.text for r in results)
    assert not fleet.books.refused()
    assert 180 <= clock.monotonic() <= 190


def test_as_completed_the_fast_ones_come_first() -> None:
    """Whoever is done is given back."""
    router, fleet, clock = _made(latency=0.5)
    fleet.script("own", [faults.Stall(5.0)])
    results = clock.run(_all(router.amap(["a", "b", "c"], model="own/m", ordered=False)))
    assert sorted(r.index for r in results) == [0, 1, 2]
    assert results[-1].index == 0, "the slow one"


def test_items_are_taken_only_as_they_are_needed() -> None:
    """An endless iterable does; nothing runs far ahead of who reads."""
    router, _fleet, clock = _made()
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield f"item {taken}"

    async def some() -> None:
        results = router.amap(endless(), model="own/m", concurrency=4)
        for _ in range(10):
            await anext(results)
        await results.aclose()

    clock.run(some())
    assert taken <= 10 + 5 * 4
    assert not [row for row in router.quota_status() if row.reserved]


@pytest.mark.parametrize("ordered", [True, False])
def test_memory_does_not_grow_with_the_job(ordered: bool) -> None:
    """Ten times the items, the same memory: nothing of a finished item is kept."""
    router, _, clock = _made()

    async def run(n: int) -> int:
        async for _ in router.amap(
            (f"item {i}" for i in range(n)), model="own/m", ordered=ordered, concurrency=8
        ):
            pass
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    clock.run(run(50))
    tracemalloc.start()
    try:
        small, large = clock.run(run(100)), clock.run(run(600))
    finally:
        tracemalloc.stop()
    print(f"{small / 1e3:.0f} kB after 100 items, {large / 1e3:.0f} kB after 600 more")
    # What the fleet writes into its books is about a kilobyte a request.
    assert large - small < 600 * 6000


def test_an_item_that_fails_keeps_its_error_and_the_others_go_on() -> None:
    """Refused by the provider, unreadable, or broken by the user's own function."""
    router, fleet, clock = _made()
    fleet.script("own", [faults.Status(400)])

    def ask(item: Any) -> Any:
        if item == "mine":
            raise KeyError("column")
        return item

    items = ["refused", "fine", 7, "mine", "fine too"]
    results = clock.run(_all(router.amap(items, ask, model="own/m", concurrency=1)))
    assert [type(r.error).__name__ for r in results] == [
        "RequestRejected", "NoneType", "ConfigError", "KeyError", "NoneType",
    ]  # fmt: skip
    assert results[1].ok
    with pytest.raises(KeyError):
        _ = results[3].text


def test_items_may_be_whatever_complete_takes() -> None:
    """Texts, messages, requests, rows with fields of their own."""
    router, _fleet, clock = _made()
    items = [
        "text",
        [{"role": "user", "content": "messages"}],
        {"role": "user", "content": "one message"},
        {"messages": "fields", "max_tokens": 5},
        ChatRequest(model="own/m", messages=router_messages("a request")),
    ]
    results = clock.run(_all(router.amap(items, model="own/m")))
    assert all(r.ok for r in results), [r.error for r in results]
    assert "fields" in results[3].text


def router_messages(text: str) -> tuple[Any, ...]:
    """Return one message as a value."""
    from freetier import Message

    return (Message(role="user", content=text),)


def test_an_asynchronous_source_does() -> None:
    """Results come while the next item is awaited."""
    router, _, clock = _made()

    async def slow() -> AsyncIterator[str]:
        for i in range(3):
            yield f"item {i}"
            await asyncio.sleep(100)

    async def first() -> float:
        results = router.amap(slow(), model="own/m")
        await anext(results)
        at = clock.monotonic()
        await results.aclose()
        return at

    assert clock.run(first()) < 100


def test_whoever_will_not_wait_gets_the_error_of_each_item() -> None:
    """Three fit; the rest is refused at once and told when."""
    router, _, clock = _made(Limit(3, "minute"))
    results = clock.run(_all(router.amap(["x"] * 5, model="own/m", max_wait=0)))
    assert [r.ok for r in results] == [True] * 3 + [False] * 2
    assert all(isinstance(r.error, QuotaExhausted) for r in results[3:])


def test_a_job_goes_on_tomorrow(tmp_path: Path) -> None:
    """Stopped when the day's quota is gone; the next run asks for the rest only."""
    router, fleet, clock = _made(Limit(4, "day", kind="calendar"))
    items = [f"item {i}" for i in range(6)]
    given: dict[str, Any] = {"model": "own/m", "journal": tmp_path / "j", "max_wait": 0}
    today = clock.run(_all(router.amap(items, **given)))
    assert sum(r.ok for r in today) == 4
    clock.advance(86_400)
    tomorrow = clock.run(_all(router.amap(items, **given)))
    assert all(r.ok for r in tomorrow)
    assert [r.restored for r in tomorrow] == [True] * 4 + [False] * 2
    assert len(fleet.books.admitted()) == 6
    assert [r.text for r in tomorrow[:4]] == [r.text for r in today[:4]]


def test_a_job_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    """What was given back is not asked again."""
    router, fleet, clock = _made()
    items = [f"item {i}" for i in range(20)]

    async def some() -> None:
        results = router.amap(items, model="own/m", journal=tmp_path / "j", concurrency=2)
        for _ in range(7):
            await anext(results)
        await results.aclose()

    clock.run(some())
    before = len(fleet.books.admitted())
    results = clock.run(_all(router.amap(items, model="own/m", journal=tmp_path / "j")))
    assert all(r.ok for r in results)
    assert sum(r.restored for r in results) >= 7
    assert len(fleet.books.admitted()) - before == sum(not r.restored for r in results)


def test_progress_is_told_after_each_item() -> None:
    """Done, failed, in all."""
    router, fleet, clock = _made()
    fleet.script("own", [faults.Status(400)])
    told: list[JobProgress] = []
    clock.run(_all(router.amap(["x"] * 4, model="own/m", concurrency=1, progress=told.append)))
    assert [(p.done, p.failed, p.total) for p in told] == [
        (0, 1, 4), (1, 1, 4), (2, 1, 4), (3, 1, 4),
    ]  # fmt: skip
    assert told[-1].last is not None


def test_a_bar_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error; standard output is for answers."""
    router, _, clock = _made()
    clock.run(_all(router.amap(["x"] * 4, model="own/m", progress=True)))
    out, err = capsys.readouterr()
    assert "4/4" in err
    assert not out


@pytest.mark.parametrize(
    ("items", "given", "says"),
    [
        ("one text", {}, "items"),
        (7, {}, "items"),
        ({"a": 1}, {}, "items"),
        (["x"], {"concurrency": 0}, "concurrency"),
        (["x"], {"max_tokns": 5}, "max_tokens"),
        (["x"], {"messages": "x"}, "messages"),
        (["x"], {"ask": 5}, "ask"),
    ],
)
def test_bad_arguments_are_named_before_anything_is_asked(
    items: Any, given: dict[str, Any], says: str
) -> None:
    """At the call, not at the first result."""
    router, fleet, _ = _made()
    with pytest.raises(ConfigError, match=says):
        router.amap(items, **{"model": "own/m", **given})
    with pytest.raises(UnknownModel):
        router.amap(["x"], model="nobody/knows")
    assert not list(fleet.books.entries)


def test_threads_read_a_job_without_a_loop() -> None:
    """Over real connections; the thread of the job ends with it, and nothing is left open."""
    fleet = Fleet(FakeProvider("own", "generic", answer=echo))
    with fleet, warnings.catch_warnings():
        warnings.simplefilter("error")
        router = Router(fleet.config())
        results = list(router.map([f"item {i}" for i in range(30)], model="own/m"))
        assert [r.index for r in results] == list(range(30))
        left = router.map((f"more {i}" for i in range(10**9)), model="own/m", concurrency=3)
        assert next(left).ok
        left.close()  # type: ignore[attr-defined]
        gc.collect()
        assert not [t for t in threading.enumerate() if t.name == "freetier-job"]
        assert not [row for row in router.quota_status() if row.reserved]
        router.close()


async def test_a_job_is_read_within_a_running_loop() -> None:
    """As in a notebook: the job has a loop of its own."""
    fleet = Fleet(FakeProvider("own", "generic", answer=echo))
    with fleet:
        router = Router(fleet.config())
        assert len(list(router.map(["a", "b"], model="own/m"))) == 2
        await router.aclose()
