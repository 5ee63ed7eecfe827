"""Why an attempt failed, from one closed list, and what the failure is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why an answer did not come; the whole list (decisions, section 8)."""

    RATE_LIMITED = "rate_limited"  # a second, a minute, or too many at once
    QUOTA_GONE = "quota_gone"  # an hour, a day, a month, a window of a plan
    TOO_LARGE = "too_large"  # for a limit of the provider, or too many bytes
    CONTEXT_TOO_LONG = "context_too_long"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    REGION = "region"
    PAYMENT = "payment"
    NOT_FREE = "not_free"
    MODEL_GONE = "model_gone"
    OVERLOADED = "overloaded"  # busy, loading, transient
    SERVER = "server"  # 5xx
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    MALFORMED = "malformed"  # including a rejected or cut answer
    EMPTY = "empty"
    CONTENT_REFUSED = "content_refused"
    BAD_REQUEST = "bad_request"
    CANCELLED = "cancelled"


class FaultScope(StrEnum):
    """What a fault says something about."""

    REQUEST = "request"
    CANDIDATE = "candidate"  # this model in this account
    ACCOUNT = "account"
    PROVIDER = "provider"


QUOTA_FAULTS = frozenset({Fault.RATE_LIMITED, Fault.QUOTA_GONE})
"""The provider's no for quota."""

KEY_FAULTS = frozenset(
    {Fault.UNAUTHORISED, Fault.FORBIDDEN, Fault.REGION, Fault.PAYMENT, Fault.NOT_FREE}
)
"""The account may not: the next account may."""

PROVIDER_WIDE_FAULTS = frozenset({Fault.SERVER, Fault.UNREACHABLE, Fault.TIMED_OUT})
"""Faults that another key of the same provider would most likely meet as well."""

BREAKER_FAULTS = PROVIDER_WIDE_FAULTS | {Fault.OVERLOADED, Fault.MALFORMED, Fault.EMPTY}
"""Faults that count against a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider's no, classified.

    Attributes:
        fault: From the closed list.
        scope: What it is about.
        detail: The provider's words, one bounded line without secrets.
        status: The HTTP status, 0 if there was none.
        retry_in: Seconds until the provider would take the request, if it said so.
        retry_is_calendar: The told moment is unusable: wait for the calendar's reset.
        span: Length in seconds of the window that was named, if one was.
        metric: Name of the metric that was named, if one was.
        amount: The limit that was told in the text, if one was.
        rescued: Tool calls saved from the body of a `tool_use_failed` answer, as JSON text.
        parameter: The request parameter that the provider does not take, if it named one.
    """

    fault: Fault
    scope: FaultScope
    detail: str = ""
    status: int = 0
    retry_in: float | None = None
    retry_is_calendar: bool = False
    span: float | None = None
    metric: str | None = None
    amount: int | None = None
    rescued: str | None = None
    parameter: str | None = None
