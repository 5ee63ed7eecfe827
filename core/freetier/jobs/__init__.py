"""Jobs: many requests, from an iterable to an iterator, at the pool's own pace."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from freetier.late import Late

if TYPE_CHECKING:
    from freetier import overrides
    from freetier.engine import Engine
    from freetier.values.jobs import JobProgress, JobResult
    from freetier.values.options import RouteOptions
    from freetier.values.reports import Completion
else:
    overrides = Late("freetier.overrides")

Progress: TypeAlias = "bool | Callable[[JobProgress], None] | None"


class Jobs:
    """The part of a router that answers many requests."""

    _engine: Engine
    _options: RouteOptions
    acomplete: Callable[..., Awaitable[Completion]]

    def map(
        self,
        items: Iterable[Any],
        ask: Callable[[Any], Any] | None = None,
        *,
        journal: str | os.PathLike[str] | None = None,
        ordered: bool = True,
        concurrency: int | None = None,
        progress: Progress = None,
        **given: Any,
    ) -> Iterator[JobResult]:
        """Answer every item of an iterable, as fast as the quota allows and no faster.

        Items are taken as they are needed, so that an endless iterable does; memory is
        bounded by `concurrency`. An item that cannot be answered keeps its error and the
        others go on. Quota that is used up is waited for, until tomorrow if need be, unless
        `max_wait` or `deadline` (of each item) say otherwise.

        Args:
            items: Texts, messages, `ChatRequest`s, mappings of request fields, or anything
                that `ask` makes one of these of.
            ask: From an item to what is asked.
            journal: A file that keeps what is done. The same job run again, after a crash or
                tomorrow, asks only for what is missing; failed items are tried again unless
                the request itself was refused.
            ordered: Whether results come in the order of the items, or as they are done.
            concurrency: Requests under way at most; by default what the pool can carry.
            progress: True for a bar, or a callable that is told after each item.
            **given: As for `complete`.

        Raises:
            ConfigError: An argument cannot be used, or the journal is of another job.
        """
        from freetier.jobs.portal import read  # noqa: PLC0415 - with the first job

        job = self._job(items, Wishes(ask, journal, ordered, concurrency, progress), given)
        return read(job, self._engine.leave_loop)

    def amap(
        self,
        items: Iterable[Any] | AsyncIterable[Any],
        ask: Callable[[Any], Any] | None = None,
        *,
        journal: str | os.PathLike[str] | None = None,
        ordered: bool = True,
        concurrency: int | None = None,
        progress: Progress = None,
        **given: Any,
    ) -> AsyncGenerator[JobResult, None]:
        """Answer every item of an iterable; see `map`."""
        return self._job(items, Wishes(ask, journal, ordered, concurrency, progress), given)

    def _job(
        self, items: Iterable[Any] | AsyncIterable[Any], wishes: Wishes, given: dict[str, Any]
    ) -> AsyncGenerator[JobResult, None]:
        from freetier.jobs.running import begin  # noqa: PLC0415 - with the first job

        routing = {name: given.pop(name) for name in list(given) if name in overrides.NAMES}
        options = overrides.overridden(self._options, {"max_wait": None, **routing})
        return begin(self, items, wishes, given, options)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a job is to be done; see `Jobs.map`."""

    ask: Callable[[Any], Any] | None
    journal: str | os.PathLike[str] | None
    ordered: bool
    concurrency: int | None
    progress: Progress
