"""Who answered, who failed and who waits: as events, and as a list.

A query engine hands on neither provider nor model. LlamaIndex's instrumentation does, on
every path; and `collect_routes` gathers the routes of all calls made within it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.instrumentation.span import active_span_id

from freetier.values.reports import Attempt, RouteEvent, RouteReport
from freetier_llamaindex._responses import plain

_dispatcher = get_dispatcher(__name__)


Kind = Literal["chat", "embedding"]


class FreeTierRouteEvent(BaseEvent):
    """A call was answered; many texts are embedded in several, one after the other.

    Attributes:
        request_id: Made by the router; the same on all events of a call.
        alias: What was asked for.
        kind: `chat`, also for completions, or `embedding`.
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
    kind: Kind
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
    """An attempt failed and another candidate took over; told once it did.

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
    """A call begins to wait for quota to come back; its route tells how long it was.

    Attributes:
        request_id, alias: Of the call.
        seconds: How long it will be: to the start that is booked, or at least, in a line.
        candidate: Whose start is booked, `account/model`; `None` in a line.
    """

    request_id: str
    alias: str
    seconds: float
    candidate: str | None

    @classmethod
    def class_name(cls) -> str:
        """Return the event's name."""
        return "FreeTierWaitEvent"


# Fields of a report that an event takes over by name.
_ANSWER = ("provider", "account", "model", "canonical", "free", "cost", "waited", "duration")

_COLLECTORS: ContextVar[tuple[list[RouteReport], ...]] = ContextVar("collectors", default=())


@contextmanager
def collect_routes() -> Iterator[list[RouteReport]]:
    """Gather the routes of all answers to calls that are made within.

    Yields:
        The reports, in the order of the answers, those of embeddings among them; also those
        of tasks and threads that LlamaIndex starts for the calls.

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
    """Tells of one call as it goes, each thing once; made where the call is made.

    The span and the collectors are those of the caller: a stream may be read elsewhere.

    Args:
        kind: What is asked for.

    Attributes:
        other: A listener of the caller's own.
    """

    def __init__(self, kind: Kind = "chat") -> None:
        self.other: Callable[[RouteEvent], None] | None = None
        self._kind = kind
        self._span = active_span_id.get()
        self._collectors = _COLLECTORS.get()
        self._failed: Attempt | None = None

    def __call__(self, event: RouteEvent) -> None:
        """Take one event of the router."""
        if event.kind == "wait":
            facts = {"seconds": event.seconds or 0.0, "candidate": event.candidate}
            self._tell(FreeTierWaitEvent, event, facts)
        elif event.kind == "attempt" and event.attempt is not None:
            self._took_over(event, event.attempt.candidate)
            self._failed = event.attempt if event.fault is not None else None
        elif event.kind == "answer" and event.report is not None:
            self.answered(event.report)
        if self.other is not None:
            self.other(event)

    def began(self, report: RouteReport) -> None:
        """Tell that a stream has begun, which is when it is known who took over."""
        self._took_over(report, f"{report.account}/{report.model}")

    def answered(self, report: RouteReport) -> None:
        """Tell who answered, or who was still answering when nobody read on."""
        told = {name: getattr(report, name) for name in _ANSWER}
        told["kind"] = self._kind
        told["failovers"] = sum(attempt.fault is not None for attempt in report.attempts)
        told["report"] = plain(report.as_dict())
        self._failed = None
        self._tell(FreeTierRouteEvent, report, told)
        for routes in self._collectors:
            routes.append(report)

    def _took_over(self, of: RouteEvent | RouteReport, successor: str) -> None:
        failed, self._failed = self._failed, None
        if failed is None or failed.fault is None:
            return
        facts = {
            "candidate": failed.candidate,
            "provider": failed.provider,
            "account": failed.account,
            "model": failed.model,
            "fault": failed.fault.value,
            "status": failed.status,
            "detail": failed.detail,
            "duration": failed.duration,
            "successor": successor,
        }
        self._tell(FreeTierFailoverEvent, of, facts)

    def _tell(
        self, kind: type[BaseEvent], of: RouteEvent | RouteReport, facts: dict[str, Any]
    ) -> None:
        named = {"request_id": of.request_id, "alias": of.alias, "span_id": self._span}
        _dispatcher.event(kind(**named, **facts))
