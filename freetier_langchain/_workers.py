"""Many calls with few under way: as threads or as tasks, results as they come.

Who may be sent what, and when, is the router's affair: a call that finds all quota used up
waits there for a start of its own. So all that is bounded here is how many wait at once.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import Future
from contextvars import ContextVar
from itertools import islice
from typing import Any, TypeVar

from langchain_core.runnables.config import ContextThreadPoolExecutor

T = TypeVar("T")

AT_ONCE = 128
"""Calls under way unless `max_concurrency` says otherwise.

Enough that answers of 20 seconds keep up with 380 a minute, and few enough that somebody
who asks in between at the usual free 30 a minute of five accounts has his turn in one.
"""

PATIENT: ContextVar[dict[str, Any] | None] = ContextVar("freetier_batch", default=None)
"""Routing options of the calls of a batch, where neither model nor call says otherwise."""


async def in_tasks(
    count: int, call: Callable[[int], Awaitable[T]], at_once: int
) -> AsyncGenerator[tuple[int, T]]:
    """Await calls by number; when one raises or nobody reads on, the others are cancelled.

    Args:
        count: How many there are.
        call: Makes one.
        at_once: How many may be under way.
    """

    async def numbered(number: int) -> tuple[int, T]:
        PATIENT.set({"max_wait": None})
        return number, await call(number)

    left = iter(range(count))
    ended: asyncio.Queue[asyncio.Task[tuple[int, T]]] = asyncio.Queue()
    running: set[asyncio.Task[tuple[int, T]]] = set()
    try:
        while True:
            for number in islice(left, at_once - len(running)):
                task = asyncio.ensure_future(numbered(number))
                running.add(task)
                task.add_done_callback(ended.put_nowait)
            if not running:
                return
            task = await ended.get()
            running.discard(task)
            yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def in_threads(count: int, call: Callable[[int], T], at_once: int) -> Generator[tuple[int, T]]:
    """Make calls by number; when one raises or nobody reads on, those that wait for quota stop.

    Those that a provider is answering just then are waited for: a thread cannot be stopped.

    Args:
        count: How many there are.
        call: Makes one.
        at_once: How many may be under way.
    """
    cancel = threading.Event()

    def numbered(number: int) -> tuple[int, T]:
        PATIENT.set({"max_wait": None, "cancel": cancel})
        return number, call(number)

    left = iter(range(count))
    ended: queue.SimpleQueue[Future[tuple[int, T]]] = queue.SimpleQueue()
    running = 0
    with ContextThreadPoolExecutor(max_workers=max(1, min(at_once, count))) as pool:
        try:
            while True:
                for number in islice(left, at_once - running):
                    running += 1
                    pool.submit(numbered, number).add_done_callback(ended.put)
                if not running:
                    return
                yield ended.get().result()
                running -= 1
        finally:
            cancel.set()
