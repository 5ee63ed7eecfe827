"""Replies that are no answers: the vendor's errors, and what a script puts in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from freetier.testing import faults
from freetier.testing.arrival import Call
from freetier.testing.faults import Instead
from freetier.testing.forms import ErrorBody, compact, error_body, kind_of_status
from freetier.testing.ledger import Gauge, Hit
from freetier.testing.limits import SECONDS, Limit
from freetier.testing.rates import (
    constant_headers,
    rate_headers,
    refusal_facts,
    refusal_kind,
    retry_headers,
)
from freetier.testing.rejection import Rejection
from freetier.testing.replies import Piece, Reply
from freetier.testing.styles.form import Style
from freetier.values.wire import Header

TOO_MANY = 429
NONSENSE = b"\x00\xff\xfe\x80garbage\xc3\x28\x00"


def rejected(style: Style, call: Call, no: Rejection, after: float) -> Reply:
    """Return the vendor's error for a request it does not take."""
    error = error_body(style, no.kind, {**call.facts, **no.facts})
    return _reply(error.status, error.headers, error.body, after)


def refused(style: Style, call: Call, hit: Hit, gauges: Sequence[Gauge], at: float) -> Reply:
    """Return the vendor's refusal, naming the window that was hit.

    Args:
        style: the vendor.
        call: the request.
        hit: the limit that refused it.
        gauges: every limit it falls under.
        at: the provider's instant.
    """
    facts = {**call.facts, **refusal_facts(style, hit, at)}
    error = error_body(style, refusal_kind(style, hit), facts)
    headers = (
        *error.headers,
        *rate_headers(style, error.status, gauges, at, hit),
        *constant_headers(style, facts),
        *retry_headers(style, hit),
    )
    return _reply(error.status, headers, error.body)


def stand_in(style: Style, call: Call, fault: Instead, gauges: Sequence[Gauge], at: float) -> Reply:
    """Return what comes instead of an answer.

    Args:
        style: the vendor.
        call: the request.
        fault: what the script says.
        gauges: every limit the request falls under.
        at: the provider's instant.
    """
    match fault:
        case faults.Unreachable() | faults.Reset() | faults.Garbage() | faults.Html():
            return _no_json(fault)
        case faults.RateLimited():
            return refused(style, call, scripted_hit(fault), gauges, at)
        case faults.Status(status=429, body=None):
            reply = refused(style, call, scripted_hit(faults.RateLimited()), gauges, at)
            headers = (*reply.headers, *fault.headers.items())
            return _reply(reply.status, headers, reply.body, fault.after)
        case faults.VendorError(kind):
            error = error_body(style, kind, _facts(call))
            return _with_rates(style, call, error, gauges, at)
        case faults.Status():
            reply = _with_rates(style, call, _status_body(style, call, fault), gauges, at)
            headers = (*reply.headers, *fault.headers.items())
            return _reply(fault.status, headers, reply.body, fault.after)


def _no_json(fault: faults.Unreachable | faults.Reset | faults.Garbage | faults.Html) -> Reply:
    match fault:
        case faults.Unreachable():
            return Reply(status=0, broken="unreachable")
        case faults.Reset():
            return Reply(status=0, broken="reset")
        case faults.Garbage("wire"):
            return Reply(status=0, broken="garbage", pieces=(Piece(NONSENSE),))
        case faults.Garbage():
            return _reply(200, (("content-type", "application/json"),), NONSENSE)
        case faults.Html(status, text):
            return _reply(status, (("content-type", "text/html"),), text.encode())


def scripted_hit(fault: faults.RateLimited) -> Hit:
    """Return a limit that nobody counts, as if it had refused a request."""
    per = SECONDS.get(fault.window, 60.0)
    limit = Limit(fault.amount, per, fault.metric, "fixed", called=fault.window)  # type: ignore[arg-type]
    return Hit(Gauge(limit, fault.amount, 0, fault.wait), 1, fault.wait)


def _facts(call: Call) -> Mapping[str, Any]:
    neutral = {"detail": "refused by a script", "field": "messages", "context": 8192}
    return {**neutral, "tokens": 9000, "value": None, "location": ["body"], **call.facts}


def _status_body(style: Style, call: Call, fault: faults.Status) -> ErrorBody:
    if fault.body is None:
        facts = {**_facts(call), "status": fault.status}
        return error_body(style, kind_of_status(style, fault.status), facts)
    if isinstance(fault.body, bytes):
        return ErrorBody(fault.status, (("content-type", "application/octet-stream"),), fault.body)
    if isinstance(fault.body, str):
        plain = (("content-type", "text/plain; charset=utf-8"),)
        return ErrorBody(fault.status, plain, fault.body.encode())
    return ErrorBody(fault.status, (("content-type", "application/json"),), compact(fault.body))


def _with_rates(
    style: Style, call: Call, error: ErrorBody, gauges: Sequence[Gauge], at: float
) -> Reply:
    rates = rate_headers(style, error.status, gauges, at)
    constant = constant_headers(style, call.facts)
    return _reply(error.status, (*error.headers, *rates, *constant), error.body)


def _reply(status: int, headers: tuple[Header, ...], body: bytes, after: float = 0.0) -> Reply:
    return Reply(status=status, headers=headers, pieces=(Piece(body),) if body else (), after=after)
