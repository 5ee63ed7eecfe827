"""Structured logs: one JSON object a line.

    from freetier.observe import logs

    logs.watch(router)                      # to the standard error
    logs.watch(router, open("route.jsonl", "a"))

To have the same in a logging configuration of your own, give `JsonLines` to a handler and
`freetier.hooks.log_route` to the router.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from freetier.hooks import LEVELS, sentence
from freetier.values.reports import Attempt, RouteEvent, RouteReport

if TYPE_CHECKING:
    from freetier.overview import Overview


class JsonLines(logging.Formatter):
    """Formats log records as JSON; those about a route carry its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON."""
        event = getattr(record, "freetier", None)
        told = fields(event) if isinstance(event, RouteEvent) else {"at": _at(record.created)}
        told |= {"level": record.levelname.lower(), "logger": record.name}
        told["message"] = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = record.exc_info[0].__name__
        return json.dumps(told, ensure_ascii=False)


def watch(router: Overview, stream: TextIO | None = None) -> Callable[[], None]:
    """Write a line of JSON for each step of each route.

    Args:
        router: Whose routes.
        stream: Where to; `None` is the standard error.

    Returns:
        What ends it.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())

    def write(event: RouteEvent) -> None:
        level = LEVELS.get(event.kind, logging.DEBUG)
        record = logging.LogRecord("freetier.route", level, "", 0, sentence(event), None, None)
        record.freetier = event
        handler.handle(record)

    return router.listen(write)


def fields(event: RouteEvent) -> dict[str, Any]:
    """Return what a log needs of an event: plain values, without what is empty."""
    told = {
        "at": _at(event.at),
        "kind": event.kind,
        "request_id": event.request_id,
        "alias": event.alias,
        "operation": event.operation,
        "candidate": event.candidate,
        "fault": event.fault,
        "seconds": event.seconds,
        "detail": event.detail,
        "tags": list(event.tags),
        **(_of_attempt(event.attempt) if event.attempt is not None else {}),
        **(_of_report(event.report) if event.report is not None else {}),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def _of_attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "provider": attempt.provider,
        "account": attempt.account,
        "model": attempt.model,
        "seconds": round(attempt.duration, 6),
        "status": attempt.status or None,
    }


def _of_report(report: RouteReport) -> dict[str, Any]:
    usage = report.usage
    return {
        "provider": report.provider,
        "account": report.account,
        "model": report.model,
        "seconds": round(report.duration, 6),
        "waited": round(report.waited, 6) or None,
        "attempts": len(report.attempts),
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "cost": report.cost or None,
        "free": report.free,
        "quota_left": report.quota_left,
        "finish_reason": report.finish_reason,
    }


def _at(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds")
