"""Who answered, where LangChain and its users look for it.

`model_provider` is always `freetier`: summaries compare it with what the model calls
itself, and an unknown name keeps LangChain from reading our content as one vendor's. Who
really answered stands in `provider` and `model_name`, and the tracer is told by the
`lc_gateway_metadata` of the generation. Everything is said once per answer: in a stream
the identity on the first chunk and the outcome on the last, because chunks that say the
same thing twice are added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from freetier import Completion, RouteReport
from freetier_langchain._usage import usage_metadata

PROVIDER = "freetier"

_ANSWERS = 200

# The name is the contract between integrations and LangChain's tracer.
GATEWAY = "lc_gateway_metadata"


def identity(report: RouteReport) -> dict[str, Any]:
    """Return who answers and what was tried before, known from the first content on."""
    return {
        "model_provider": PROVIDER,
        "model_name": report.model or report.alias,
        "provider": report.provider or "",
        "freetier": {
            "request_id": report.request_id,
            "alias": report.alias,
            "provider": report.provider,
            "account": report.account,
            "model": report.model,
            "canonical": report.canonical,
            "free": report.free,
            "failovers": sum(attempt.fault is not None for attempt in report.attempts),
            "attempts": list(_attempts(report)),
            "skipped": {skipped.candidate: skipped.reason for skipped in report.skipped},
            "waited": report.waited,
        },
    }


def outcome(completion: Completion) -> dict[str, Any]:
    """Return how the answer ended, known at its end."""
    content, report = completion.content, completion.report
    usage = content.usage
    return {
        "finish_reason": content.finish_reason.value,
        "freetier_final": {
            "duration": report.duration,
            "cost": report.cost,
            "left": report.quota_left,
            "continued": report.continued,
            "usage_estimated": usage is None or usage.estimated,
            "upstream_model": content.upstream_model,
            "upstream_id": content.id,
            "dropped": list(report.dropped),
            "passed_on": list(report.passed_on),
            "notes": list(report.notes),
        },
    }


def gateway(report: RouteReport) -> dict[str, Any]:
    """Return what makes LangChain's tracer name the provider and model that answered."""
    return {GATEWAY: {"provider": report.provider, "model": report.model}}


def passport(completion: Completion) -> dict[str, Any]:
    """Return what the provider wants back with this turn, under its name and family."""
    content, report = completion.content, completion.report
    if not content.vendor:
        return {}
    return {f"{report.provider}/{report.family or ''}": dict(content.vendor)}


def _attempts(report: RouteReport) -> Iterator[dict[str, Any]]:
    """Yield what was tried; the last one answers, also while its stream still runs."""
    for attempt in report.attempts:
        yield {
            "provider": attempt.provider,
            "account": attempt.account,
            "model": attempt.model,
            "fault": attempt.fault.value if attempt.fault else None,
            "status": attempt.status,
            "detail": attempt.detail,
            "seconds": attempt.duration,
            "usage": usage_metadata(attempt.usage),
        }
    if not report.attempts or report.attempts[-1].fault is not None:
        yield {
            "provider": report.provider,
            "account": report.account,
            "model": report.model,
            "fault": None,
            "status": _ANSWERS,
            "detail": "",
            "seconds": None,
            "usage": None,
        }
