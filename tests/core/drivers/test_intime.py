"""Store calls end with the caller's deadline, and what came too late is given back."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from freetier import Router
from freetier.errors import DeadlineExceeded
from freetier.stores import MemoryStore
from freetier.stores.threaded import Threaded
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock

LIMIT = Limit(9, "minute", "requests", "rolling")
BOUND = 30.0
"""Seconds after which a test that hangs has failed."""


class Stuck(MemoryStore):
    """A store whose calls of one kind get stuck until they are let go."""

    blocking = True

    def __init__(self, kind: str) -> None:
        super().__init__(VirtualClock())
        self.go = threading.Event()
        self.done = threading.Event()
        inner = getattr(self, kind)

        def stuck(*given: Any, **named: Any) -> Any:
            self.go.wait(BOUND)
            try:
                return inner(*given, **named)
            finally:
                self.done.set()

        setattr(self, kind, stuck)


class Stage:
    """One account, a store that gets stuck, and no virtual time: a thread waits for real."""

    def __init__(self, kind: str) -> None:
        self.fleet = Fleet(FakeProvider("own", "generic", limits=[LIMIT]))
        self.store = Stuck(kind)
        self.clock = VirtualClock()

    def router(self, *, tasks: bool) -> Router:
        """Return a router over the store in one colour."""
        store = Threaded(self.store) if tasks else self.store
        config = self.fleet.config(limits=True)
        return Router(config, transport=self.fleet.transport(self.clock), store=store)


def _ask(stage: Stage, *, tasks: bool, deadline: float) -> Any:
    router = stage.router(tasks=tasks)
    if not tasks:
        return router.complete("Hello", model="own/m", deadline=deadline)

    async def ask() -> Any:
        try:
            return await router.acomplete("Hello", model="own/m", deadline=deadline)
        finally:
            stage.store.go.set()
            mine = asyncio.current_task()
            behind = [task for task in asyncio.all_tasks() if task is not mine]
            await asyncio.gather(*behind, return_exceptions=True)
            await asyncio.sleep(0)  # so that what was late is seen
            await asyncio.gather(*(asyncio.all_tasks() - {mine}), return_exceptions=True)

    return asyncio.run(ask())


@pytest.mark.parametrize("tasks", [False, True], ids=["threads", "tasks"])
@pytest.mark.parametrize("kind", ["survey", "reserve"])
def test_a_store_that_hangs_ends_with_the_deadline(kind: str, tasks: bool) -> None:
    """The error says so; nothing is sent; what is granted too late is given back."""
    stage = Stage(kind)
    with pytest.raises(DeadlineExceeded, match="the store did not answer before the deadline"):
        _ask(stage, tasks=tasks, deadline=0.05)
    assert not stage.fleet.books.entries
    stage.store.go.set()
    assert stage.store.done.wait(BOUND)
    fresh = Router(
        stage.fleet.config(limits=True),
        transport=stage.fleet.transport(stage.clock),
        store=stage.store,
    )
    for _ in range(1000):  # the thread that undoes it needs a moment
        row = fresh.quota_status()[0]
        if (row.used, row.reserved) == (0, 0):
            break
        threading.Event().wait(0.005)
    assert (row.used, row.reserved) == (0, 0)


@pytest.mark.parametrize("tasks", [False, True], ids=["threads", "tasks"])
def test_an_answer_does_not_wait_for_its_book_keeping(tasks: bool) -> None:
    """It is settled behind the caller's back."""
    stage = Stage("settle")
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_ask, stage, tasks=tasks, deadline=0.5).result(BOUND)
    assert answer.report.account == "own-1"
    stage.store.go.set()
    assert stage.store.done.wait(BOUND)


def test_with_time_enough_the_store_s_own_bound_holds() -> None:
    """No thread is spent on a caller that is in no hurry."""
    stage = Stage("survey")
    stage.store.go.set()
    before = threading.active_count()
    seen: list[int] = []
    survey = stage.store.survey

    def watched(*given: Any) -> Any:
        seen.append(threading.active_count())
        return survey(*given)

    stage.store.survey = watched  # type: ignore[method-assign]
    stage.router(tasks=False).complete("Hello", model="own/m", deadline=600)
    stage.router(tasks=False).complete("Hello", model="own/m")
    assert set(seen) == {before}
