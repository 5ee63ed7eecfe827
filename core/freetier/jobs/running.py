"""From what a caller wishes to a job under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sized
from functools import partial
from typing import TYPE_CHECKING, Any

from freetier.errors import ConfigError
from freetier.jobs.crew import crew
from freetier.jobs.items import request_of
from freetier.jobs.journal import Journal
from freetier.jobs.progress import Bar
from freetier.jobs.work import Job, Work
from freetier.overrides import unknown
from freetier.shapes.asked import FIELDS, RENAMED
from freetier.values.jobs import JobResult
from freetier.values.options import RouteOptions

if TYPE_CHECKING:
    from freetier.jobs import Jobs, Wishes


def begin(
    router: Jobs,
    items: Iterable[Any] | AsyncIterable[Any],
    wishes: Wishes,
    given: Mapping[str, Any],
    options: RouteOptions,
) -> AsyncGenerator[JobResult, None]:
    """Check what was asked for and return the job's results.

    Raises:
        ConfigError: An argument cannot be used, or the journal is of another job.
    """
    _check(items, wishes, given)
    engine = router._engine  # noqa: SLF001 - a part of the router
    found = engine.resolve(str(given.get("model") or "")).candidates
    journal = None
    if wishes.journal is not None:
        journal = Journal(wishes.journal, {"asked": given})
    told = Bar(_total(items)) if wishes.progress is True else wishes.progress or None
    job = Job(
        items=items,
        request=partial(request_of, ask=wishes.ask, given=given),
        answer=partial(router.acomplete, options=options),
        crew=wishes.concurrency or crew(found),
        ordered=wishes.ordered,
        journal=journal,
        told=told,
        total=_total(items),
        now=engine.clock.monotonic,
    )
    return _results(Work(job), told)


async def _results(work: Work, told: object) -> AsyncGenerator[JobResult, None]:
    results = work.results()
    try:
        async for result in results:
            yield result
    finally:
        await results.aclose()
        if isinstance(told, Bar):
            told.close()


def _total(items: object) -> int | None:
    return len(items) if isinstance(items, Sized) else None


def _check(items: object, wishes: Wishes, given: Mapping[str, Any]) -> None:
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable | AsyncIterable):
        raise ConfigError(
            f"give a list or another iterable of items, not {type(items).__name__}", where="items"
        )
    strange = given.keys() - FIELDS - RENAMED.keys()
    if strange or "messages" in given:
        raise unknown(min(strange, default="messages"), FIELDS - {"messages"})
    number: object = wishes.concurrency
    if number is not None and not (isinstance(number, int) and number >= 1):
        raise ConfigError(f"give a whole number above 0, not {number!r}", where="concurrency")
    if wishes.ask is not None and not callable(wishes.ask):
        raise ConfigError("give a callable from an item to what is asked", where="ask")
