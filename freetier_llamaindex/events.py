"""Who answered, who failed and how long it took: as events, and as a list.

A query engine hands on neither provider nor model. LlamaIndex's instrumentation does, on
every path; and `collect_routes` gathers the routes of all calls made within it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.span import active_span_id

from freetier import errors
from freetier.values.reports import RouteReport
from freetier_llamaindex._responses import plain

_dispatcher = get_dispatcher(__name__)


class FreeTierRouteEvent(BaseEvent):
    """A call was answered.

    Attributes:
        request_id: Made by the router; the same on all events of a call.
        alias: What was asked for.
        provider, account, model: Who answered; `model` is the provider's own id.
        canonical: The name that all providers' copies of the model share.
        free: Whether it cost nothing.
        cost: US dollars.
        failovers: How many attempts failed before.
        waited: Seconds spent waiting for quota.
        duration: Seconds from the call to the end of the answer.
        report: Everything about the route, as plain values.
    """

    request_id: str
    alias: str
    provider: str | None
    account: str | None
    model: str | None
    canonical: str | None
    free: bool
    cost: float
    failovers: int
    waited: float
    duration: float
    report: dict[str, Any]

    @classmethod
    def class_name(cls) -> str:
        """Return the event's name."""
        return "FreeTierRouteEvent"


class FreeTierFailoverEvent(BaseEvent):
    """An attempt failed and another candidate took over.

    Attributes:
        request_id, alias: Of the call.
        candidate: Who failed, `account/model`; `provider`, `account` and `model` are its parts.
        fault: Why, in one word.
        status: The HTTP status; 0 if there was none.
        detail: The provider's words, bounded.
        duration: Seconds the attempt took.
        successor: Who took over, `account/model`.
    """

    request_id: str
    alias: str
    candidate: str
    provider: str
    account: str
    model: str
    fault: str
    status: int
    detail: str
    duration: float
    successor: str

    @classmethod
    def class_name(cls) -> str:
        """Return the event's name."""
        return "FreeTierFailoverEvent"


class FreeTierWaitEvent(BaseEvent):
    """A call waited for quota to come back; told once it went on.

    Attributes:
        request_id, alias: Of the call.
        seconds: How long.
    """

    request_id: str
    alias: str
    seconds: float

    @classmethod
    def class_name(cls) -> str:
        """Return the event's name."""
        return "FreeTierWaitEvent"


# Fields of a report that an event takes over by name.
_ANSWER = ("provider", "account", "model", "canonical", "free", "cost", "waited", "duration")

_COLLECTORS: ContextVar[tuple[list[RouteReport], ...]] = ContextVar("routes", default=())


@contextmanager
def collect_routes() -> Iterator[list[RouteReport]]:
    """Gather the route of every call that is made within, however deep inside LlamaIndex.

    A streamed answer joins when it ends. Read it within: some engines ask the model only
    when the first piece is read.

    Example:
        with collect_routes() as routes:
            query_engine.query("...")
        print([route.served_by for route in routes])
    """
    routes: list[RouteReport] = []
    token = _COLLECTORS.set((*_COLLECTORS.get(), routes))
    try:
        yield routes
    finally:
        _COLLECTORS.reset(token)


class Telling:
    """Tells of one call, once each; made where the call is made.

    The span and the collectors are those of the caller: a stream may be read elsewhere.
    """

    def __init__(self) -> None:
        self._span = active_span_id.get()
        self._collectors = _COLLECTORS.get()
        self._switches = 0
        self._waited = 0.0

    def progress(self, report: RouteReport, *, is_over: bool = False) -> None:
        """Tell what has happened on the way and was not told before.

        Args:
            report: The route so far.
            is_over: Whether whoever the route names has failed, too.
        """
        if report.waited > self._waited:
            self._tell(FreeTierWaitEvent, report, {"seconds": report.waited - self._waited})
            self._waited = report.waited
        switches = list(_switches(report, is_over=is_over))
        for switch in switches[self._switches :]:
            self._tell(FreeTierFailoverEvent, report, switch)
        self._switches = max(self._switches, len(switches))

    def answered(self, report: RouteReport) -> None:
        """Tell who answered."""
        self.progress(report)
        told = {name: getattr(report, name) for name in _ANSWER}
        told["failovers"] = len(list(_switches(report, is_over=False)))
        told["report"] = plain(report.as_dict())
        self._tell(FreeTierRouteEvent, report, told)
        for routes in self._collectors:
            routes.append(report)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Tell what happened on the way to an error as well."""
        try:
            yield
        except (errors.RouteError, errors.StreamInterrupted) as error:
            self.progress(error.report, is_over=True)
            raise

    def _tell(self, kind: type[BaseEvent], report: RouteReport, facts: dict[str, Any]) -> None:
        named = {"request_id": report.request_id, "alias": report.alias, "span_id": self._span}
        _dispatcher.event(kind(**named, **facts))


def _switches(report: RouteReport, *, is_over: bool) -> Iterator[dict[str, Any]]:
    """Yield each failed attempt that another followed, with who followed it."""
    followers = [attempt.candidate for attempt in report.attempts[1:]]
    if not is_over and report.provider and report.attempts and report.attempts[-1].fault:
        followers.append(f"{report.account}/{report.model}")
    for attempt, successor in zip(report.attempts, followers, strict=False):
        if attempt.fault is not None:
            yield {
                "candidate": attempt.candidate,
                "provider": attempt.provider,
                "account": attempt.account,
                "model": attempt.model,
                "fault": attempt.fault.value,
                "status": attempt.status,
                "detail": attempt.detail,
                "duration": attempt.duration,
                "successor": successor,
            }
