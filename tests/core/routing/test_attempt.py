"""One attempt and its endings, whatever happens at which moment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.values.wire import Answer


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
