"""Streams as callers hold them: iterators and context managers in both colours."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from freetier.values.chat import Event
from freetier.values.reports import Completion, RouteReport

if TYPE_CHECKING:
    from types import TracebackType

    from freetier.drivers.aio import AsyncRun
    from freetier.drivers.race import AsyncHedgedRun, HedgedRun
    from freetier.drivers.sync import Run

Report = Callable[[], RouteReport]


class _Stream:
    """What both colours share.

    A stream that is dropped without being closed still has to be settled; its finalizer
    only hands the run over, because nothing may be awaited or locked in one.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._completion: Completion | None = None

    @property
    def report(self) -> RouteReport:
        """Return the route so far; who answers is known from the first content on."""
        return self._completion.report if self._completion else self._report()

    @property
    def completion(self) -> Completion:
        """Return the whole answer; raises `RuntimeError` before the end of the stream."""
        if self._completion is None:
            raise RuntimeError("the stream has not come to its end")
        return self._completion


class ChatStream(_Stream):
    """The events of one answer, for a thread."""

    def __init__(
        self, run: Run[Completion] | HedgedRun[Completion], report: Report, left_open: list[object]
    ) -> None:
        super().__init__(report)
        self._run = run
        self._finalizer = weakref.finalize(self, left_open.append, run)
        self._finalizer.atexit = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self._run.step()
        if event is None:
            self._end()
            raise StopIteration
        return event

    def _end(self) -> None:
        self._finalizer.detach()
        if self._completion is None:
            self._completion = getattr(self._run, "result", None)

    def close(self) -> None:
        """Stop reading; the connection is let go and the quota settled now."""
        self._finalizer.detach()
        self._run.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncChatStream(_Stream):
    """The events of one answer, for a task."""

    def __init__(
        self,
        run: AsyncRun[Completion] | AsyncHedgedRun[Completion],
        report: Report,
        left_open: list[object],
    ) -> None:
        super().__init__(report)
        self._run = run
        self._finalizer = weakref.finalize(self, left_open.append, run)
        self._finalizer.atexit = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        ready = self._run.ready
        if ready:
            return ready.popleft()
        event = await self._run.step()
        if event is None:
            self._end()
            raise StopAsyncIteration
        return event

    def _end(self) -> None:
        self._finalizer.detach()
        if self._completion is None:
            self._completion = getattr(self._run, "result", None)

    async def aclose(self) -> None:
        """Stop reading; the connection is let go and the quota settled now."""
        self._finalizer.detach()
        await self._run.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
