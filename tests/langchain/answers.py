"""Answers as the core gives them, for tests of what becomes of them."""

from __future__ import annotations

from typing import Any

from freetier import Completion, Fault, FinishReason, RouteReport, Usage
from freetier.values.chat import Content
from freetier.values.reports import Attempt


def attempt(provider: str, fault: Fault | None = None, **told: Any) -> Attempt:
    """Return an attempt at the first account of a provider."""
    account = f"{provider}-1"
    return Attempt(
        candidate=f"{account}/m",
        provider=provider,
        account=account,
        model="m",
        started_at=0.0,
        ended_at=0.5,
        fault=fault,
        **told,
    )


def report(**told: Any) -> RouteReport:
    """Return a route: the first provider was busy, the second answered."""
    route = {
        "request_id": "r1",
        "alias": "fast",
        "provider": "south",
        "account": "south-1",
        "canonical": "m",
        "model": "m",
        "attempts": (attempt("north", Fault.OVERLOADED, status=503), attempt("south", status=200)),
        "duration": 1.5,
        "quota_left": 0.25,
    }
    return RouteReport(**{**route, **told})


def completion(*, route: dict[str, Any] | None = None, **said: Any) -> Completion:
    """Return a whole answer."""
    content: dict[str, Any] = {
        "text": "Hello.",
        "finish_reason": FinishReason.STOP,
        "usage": Usage(input_tokens=3, output_tokens=2, total_tokens=5),
        "id": "their-id",
        "upstream_model": "m-0301",
    }
    return Completion(content=Content(**{**content, **said}), report=report(**(route or {})))
