"""One job under way: items in, results out, bounded by a crew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from freetier.errors import FreetierError
from freetier.jobs.journal import Journal
from freetier.jobs.ordering import Ordering
from freetier.jobs.progress import Told
from freetier.values.chat import ChatRequest
from freetier.values.jobs import JobProgress, JobResult
from freetier.values.reports import Completion

AHEAD = 4
"""Times the crew that may be begun beyond the first item that is not given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a job is made of.

    Attributes:
        items: What is to be answered, one after another.
        request: Makes a request of an item.
        answer: Answers a request.
        crew: How many requests are under way at most.
        ordered: Whether results come in the order of the items.
        journal: What is done already, or `None`.
        told: Is told after each item, or `None`.
        total: Items in all, if that is known.
        now: Monotonic seconds.
    """

    items: Iterable[Any] | AsyncIterable[Any]
    request: Callable[[Any], ChatRequest]
    answer: Callable[[ChatRequest], Awaitable[Completion]]
    crew: int
    ordered: bool
    journal: Journal | None
    told: Told | None
    total: int | None
    now: Callable[[], float]


@dataclass(frozen=True, slots=True)
class _Pulled:
    """One more item, or the end of them."""

    item: Any = None
    end: bool = False


class Work:
    """A job's state in one event loop."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._order = Ordering(ordered=job.ordered, room=AHEAD * job.crew)
        self._items = _iterator(job.items)
        self._more = True
        self._pulling: asyncio.Task[None] | None = None
        self._running: dict[int, asyncio.Task[None]] = {}
        self._news: asyncio.Queue[JobResult | _Pulled | Exception] = asyncio.Queue()
        self._state = JobProgress(total=job.total)
        self._began = job.now()

    async def results(self) -> AsyncGenerator[JobResult, None]:
        """Yield results; ends when every item has one. Whoever stops reading ends the job."""
        try:
            while self._goes_on():
                news = await self._news.get()
                if isinstance(news, Exception):
                    raise news
                if isinstance(news, _Pulled):
                    self._take(news)
                    continue
                self._note(news)
                for result in self._order.put(news):
                    yield result
        finally:
            await self._stop()

    def _goes_on(self) -> bool:
        """Reach for the next item if there is room, and tell whether news will come."""
        busy = len(self._running) + self._news.qsize() >= self._job.crew
        if self._more and self._pulling is None and not busy and self._order.may_take:
            self._pulling = asyncio.create_task(self._pull())
        return self._pulling is not None or bool(self._running) or not self._news.empty()

    async def _pull(self) -> None:
        try:
            news: _Pulled | Exception = _Pulled(await anext(self._items))
        except StopAsyncIteration:
            news = _Pulled(end=True)
        except Exception as error:  # noqa: BLE001 - raised where the results are read
            news = error
        self._pulling = None
        self._news.put_nowait(news)

    def _take(self, pulled: _Pulled) -> None:
        if pulled.end:
            self._more = False
        else:
            self._begin(self._order.take(), pulled.item)

    def _begin(self, index: int, item: Any) -> None:
        result = JobResult(index=index, item=item)
        journal = self._job.journal
        try:
            request = self._job.request(item)
        except Exception as error:  # noqa: BLE001 - of this item alone; it is told there
            self._news.put_nowait(replace(result, error=error))
            return
        key = "" if journal is None else journal.key(request)
        known = None if journal is None else journal.find(key)
        if isinstance(known, Completion):
            self._news.put_nowait(replace(result, completion=known, restored=True))
        elif known is not None:
            self._news.put_nowait(replace(result, error=known, restored=True))
        else:
            self._running[index] = asyncio.create_task(self._ask(result, request, key))

    async def _ask(self, result: JobResult, request: ChatRequest, key: str) -> None:
        news: JobResult | Exception
        try:
            news = await self._outcome(result, request, key)
        except Exception as error:  # noqa: BLE001 - raised where the results are read
            news = error
        # Now, and not when the task is done: whoever reads the news counts who is left.
        del self._running[result.index]
        self._news.put_nowait(news)

    async def _outcome(self, result: JobResult, request: ChatRequest, key: str) -> JobResult:
        journal = self._job.journal
        try:
            outcome: Completion | FreetierError = await self._job.answer(request)
        except FreetierError as error:
            outcome = error
        if journal is not None:
            journal.note(key, outcome)
        if isinstance(outcome, Completion):
            return replace(result, completion=outcome)
        return replace(result, error=outcome)

    def _note(self, finished: JobResult) -> None:
        before = self._state
        self._state = replace(
            before,
            done=before.done + finished.ok,
            failed=before.failed + (not finished.ok),
            restored=before.restored + finished.restored,
            running=len(self._running),
            elapsed=self._job.now() - self._began,
            last=finished,
        )
        if self._job.told is not None:
            self._job.told(self._state)

    async def _stop(self) -> None:
        """Let go of what is under way; each gives back its quota or settles it."""
        tasks = [*self._running.values(), *([self._pulling] if self._pulling else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._items.aclose()
        if self._job.journal is not None:
            self._job.journal.close()


async def _iterator(items: Iterable[Any] | AsyncIterable[Any]) -> AsyncGenerator[Any, None]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
