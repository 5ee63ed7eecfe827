"""An event loop in a thread of its own, for those who read a job without one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any, TypeVar

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

    def within(call: Awaitable[U]) -> U:
        return asyncio.run_coroutine_threadsafe(_awaited(call), loop).result()

    try:
        while True:
            try:
                yield within(anext(results))
            except StopAsyncIteration:
                return
    finally:
        try:
            within(results.aclose())
            within(leave())
            within(loop.shutdown_asyncgens())
            within(loop.shutdown_default_executor())
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _awaited(call: Awaitable[U]) -> U:
    return await call
