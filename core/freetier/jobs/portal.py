"""An event loop in a thread of its own, for those who read a job without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


def read(results: AsyncGenerator[T, None], leave: Callable[[], Awaitable[Any]]) -> Iterator[T]:
    """Yield what an asynchronous generator yields.

    It goes on working between two reads. Whoever stops reading, or is interrupted, ends it:
    what is under way is cancelled and settled before the thread is gone.

    Args:
        results: The generator.
        leave: Awaited at the end, in the same loop.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="freetier-job", daemon=True)
    thread.start()
    reader = _Reader(results)

    def within(call: Coroutine[Any, Any, U]) -> U:
        return asyncio.run_coroutine_threadsafe(call, loop).result()

    try:
        while True:
            try:
                yield within(reader.next())
            except StopAsyncIteration:
                return
    finally:
        try:
            within(reader.end(leave))
            within(loop.shutdown_asyncgens())
            within(loop.shutdown_default_executor())
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


class _Reader(Generic[T]):
    """Reads a generator, and ends it also while it is being read."""

    def __init__(self, results: AsyncGenerator[T, None]) -> None:
        self._results = results
        self._reading: asyncio.Task[Any] | None = None

    async def next(self) -> T:
        self._reading = asyncio.current_task()
        return await anext(self._results)

    async def end(self, leave: Callable[[], Awaitable[Any]]) -> None:
        # Whoever was interrupted in a read has left it running.
        if self._reading is not None and not self._reading.done():
            self._reading.cancel()
            await asyncio.wait([self._reading])
        await self._results.aclose()
        await leave()
