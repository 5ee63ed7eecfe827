"""One attempt and its endings, whatever happens at which moment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from freetier import Router
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.values.chat import TextDelta
from freetier.values.faults import Fault
from freetier.values.wire import Answer
from tests.core.routing.stage import Stage


class SlowToClose:
    """A body whose connection takes a second to let go."""

    def __init__(self, body: Any) -> None:
        self._body = body

    async def read(self, timeout: float | None) -> Any:
        """Read on."""
        return await self._body.read(timeout)

    async def close(self) -> None:
        """Take a second."""
        await asyncio.sleep(1)
        await self._body.close()


@pytest.mark.parametrize("leaves_after", [0.1, 0.5, 1.4, 1.6])
def test_who_leaves_at_any_moment_leaves_no_reservation_behind(leaves_after: float) -> None:
    """Also while the connection is being closed, after the whole answer has come."""
    limit = Limit(9, "minute", "requests", "rolling")
    fleet = Fleet(FakeProvider("own", "generic", limits=[limit], latency=0.5))
    clock = VirtualClock()
    transport = fleet.transport(clock)
    send = transport.asend

    async def slow(request: Any, timeouts: Any) -> Any:
        answer = await send(request, timeouts)
        assert isinstance(answer, Answer)
        return Answer(status=answer.status, headers=answer.headers, body=SlowToClose(answer.body))

    transport.asend = slow  # type: ignore[method-assign]
    router = Router(fleet.config(limits=True), transport=transport, clock=clock)

    async def story() -> None:
        call = asyncio.create_task(router.acomplete("Hi", model="own/m"))
        await asyncio.sleep(leaves_after)
        call.cancel()
        await asyncio.wait([call])

    clock.run(story())
    row = router.quota_status()[0]
    assert (row.used, row.reserved) == (1, 0)


def test_who_leaves_in_the_middle_is_told_of_the_attempt() -> None:
    """A listener hears of each HTTP request once, also of one that nobody waited for."""
    stage = Stage(fake={"latency": 3.0})

    async def story() -> None:
        call = asyncio.create_task(stage.router.acomplete("Hi", model="any"))
        await asyncio.sleep(1)
        call.cancel()
        await asyncio.wait([call])

    stage.clock.run(story())
    assert [(e.kind, e.fault) for e in stage.told] == [
        ("attempt", Fault.CANCELLED),
        ("cancelled", None),
    ]


@pytest.mark.parametrize("held_back", [False, True])
def test_who_leaves_at_the_very_end_has_made_one_attempt(*, held_back: bool) -> None:
    """The answer was whole and is counted so; what is left of the stream is no second attempt."""
    stage = Stage(fake={"latency": 0.5})

    async def story() -> None:
        async with stage.router.astream("Hi", model="any", buffer_structured=held_back) as stream:
            async for event in stream:
                if held_back or not isinstance(event, TextDelta):
                    return

    stage.clock.run(story())
    assert [(e.kind, e.fault) for e in stage.told] == [("attempt", None), ("cancelled", None)]
    report = stage.told[-1].report
    assert report is not None
    assert [a.fault for a in report.attempts] == [None]


def test_an_attempt_that_an_error_of_ours_ended_is_in_the_report() -> None:
    """A transport or dialect of the user's own may raise anything."""
    stage = Stage()

    class Broken:
        async def asend(self, request: Any, timeouts: Any) -> Any:
            raise OSError("no such thing")

        async def aclose(self) -> None:
            pass

    stage.router = stage.another(through=Broken())
    with pytest.raises(OSError, match="no such thing"):
        stage.clock.run(stage.router.acomplete("Hi", model="any"))
    assert [e.kind for e in stage.told] == ["attempt", "give_up"]
    made = stage.told[0].attempt
    assert made is not None
    assert made.detail == "ended by OSError"


class SlowToSettle:
    """A store for tasks that takes a second to settle."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def reserve(self, *asked: Any) -> Any:
        """Pass on."""
        return self._store.reserve(*asked)

    def __getattr__(self, name: str) -> Any:
        """Pass on, slowly if it is a settlement."""

        async def call(*asked: Any, **more: Any) -> Any:
            if name == "settle":
                await asyncio.sleep(1)
            return getattr(self._store, name)(*asked, **more)

        return call


@pytest.mark.parametrize("leaves_after", [0.2, 1.0])
def test_who_leaves_while_it_is_settled_is_not_under_way_for_ever(leaves_after: float) -> None:
    """Strategies count what is under way; also of one who is cancelled twice."""
    stage = Stage(fake={"latency": 0.5})
    stage.store = SlowToSettle(stage.store)  # type: ignore[assignment]
    router = stage.another()

    async def story() -> None:
        call = asyncio.create_task(router.acomplete("Hi", model="any"))
        for after in (leaves_after, 0.2):
            await asyncio.sleep(after)
            call.cancel()
        await asyncio.wait([call])

    stage.clock.run(story())
    assert [entry.in_flight for entry in router._engine.board.entries()] == [0, 0]
