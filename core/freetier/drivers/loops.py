"""Connection pools that live and die with one event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any


class LoopPools:
    """The pools of one running loop; closed with the loop's asynchronous generators."""

    def __init__(self) -> None:
        self.pools: dict[Any, Any] = {}
        self._keeper = self._keep()

    async def start(self) -> None:
        """Register with the loop: `asyncio.run` closes asynchronous generators at its end."""
        await anext(self._keeper)

    async def _keep(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            for pool in self.pools.values():
                await pool.aclose()
            self.pools.clear()

    async def close(self) -> None:
        """Close every connection of this loop."""
        await self._keeper.aclose()
