"""Telling LangChain that somebody else had to answer.

The metadata of the answer always say it. Besides, each failover is told once: as a retry
of the run where there is one to speak to, else as a custom event of the run around it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
    adispatch_custom_event,
    dispatch_custom_event,
)

from freetier import RouteError, RouteReport
from freetier.values.reports import Attempt

if TYPE_CHECKING:
    from tenacity import RetryCallState

EVENT = "freetier_failover"


class FailedOver(Exception):
    """What a listener of retries sees as the reason: one candidate did not answer."""


@contextmanager
def failures_told(run_manager: CallbackManagerForLLMRun | None) -> Iterator[None]:
    """Tell the failovers of a call that got no answer at all."""
    try:
        yield
    except RouteError as error:
        tell(error.report, run_manager)
        raise


@asynccontextmanager
async def afailures_told(
    run_manager: AsyncCallbackManagerForLLMRun | None,
) -> AsyncIterator[None]:
    """Tell the failovers of a call that got no answer at all."""
    try:
        yield
    except RouteError as error:
        await atell(error.report, run_manager)
        raise


def tell(report: RouteReport, run_manager: CallbackManagerForLLMRun | None) -> None:
    """Tell each failover of a route."""
    for number, attempt in _failovers(report):
        if run_manager is not None:
            run_manager.on_retry(_state(number, attempt))
            continue
        try:
            dispatch_custom_event(EVENT, _data(report, number, attempt))
        except RuntimeError:
            return  # There is no run around this call that could be told.


async def atell(report: RouteReport, run_manager: AsyncCallbackManagerForLLMRun | None) -> None:
    """Tell each failover of a route."""
    for number, attempt in _failovers(report):
        if run_manager is not None:
            await run_manager.on_retry(_state(number, attempt))
            continue
        try:
            await adispatch_custom_event(EVENT, _data(report, number, attempt))
        except RuntimeError:
            return  # There is no run around this call that could be told.


def _failovers(report: RouteReport) -> Iterator[tuple[int, Attempt]]:
    """Yield the attempts after which there was another, counted from 1."""
    failed = [attempt for attempt in report.attempts if attempt.fault is not None]
    if report.provider is None:
        failed = failed[:-1]
    yield from enumerate(failed, 1)


def _state(number: int, attempt: Attempt) -> RetryCallState:
    from tenacity import Future, RetryCallState, Retrying  # noqa: PLC0415 - loads all of tornado

    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = number
    state.outcome = Future.construct(number, FailedOver(_words(attempt)), has_exception=True)
    return state


def _words(attempt: Attempt) -> str:
    detail = f": {attempt.detail}" if attempt.detail else ""
    return f"{attempt.candidate} {attempt.fault}{detail}"


def _data(report: RouteReport, number: int, attempt: Attempt) -> dict[str, Any]:
    return {
        "request_id": report.request_id,
        "alias": report.alias,
        "attempt": number,
        "candidate": attempt.candidate,
        "provider": attempt.provider,
        "account": attempt.account,
        "model": attempt.model,
        "fault": attempt.fault.value if attempt.fault else None,
        "status": attempt.status,
        "detail": attempt.detail,
    }
