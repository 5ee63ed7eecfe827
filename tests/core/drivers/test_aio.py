"""What only tasks can do: be thrown away."""

from __future__ import annotations

import asyncio

from freetier import Router


class _Silent:
    """A transport that never answers."""

    async def asend(self, request: object, timeouts: object) -> object:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def aclose(self) -> None:
        """Nothing to close."""


async def test_a_task_that_is_thrown_away_is_settled_all_the_same() -> None:
    """Its coroutine is closed, as when a loop ends: nothing is awaited, nothing stays reserved."""
    config = {
        "accounts": [{"provider": "own", "base_url": "http://127.0.0.1:9/v1", "limits": {"rpm": 5}}]
    }
    router = Router(config, transport=_Silent())  # type: ignore[arg-type]
    coroutine = router.acomplete("Hello", model="own/m")
    coroutine.send(None)
    assert router.quota_status()[0].reserved == 1
    coroutine.close()
    row = router.quota_status()[0]
    assert (row.used, row.reserved) == (1, 0)
