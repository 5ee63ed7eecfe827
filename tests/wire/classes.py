"""What each class of the recorded errors is in the closed list of faults."""

from __future__ import annotations

from freetier.values.faults import Fault

FAULTS = {
    "auth": {Fault.UNAUTHORISED},
    "forbidden": {Fault.FORBIDDEN},
    "payment": {Fault.PAYMENT},
    "not_in_free_tier": {Fault.NOT_FREE},
    "rate_limit": {Fault.RATE_LIMITED, Fault.QUOTA_GONE},  # the window tells which
    "rate_limit_minute": {Fault.RATE_LIMITED},
    "rate_limit_day": {Fault.QUOTA_GONE},
    "rate_limit_month": {Fault.QUOTA_GONE},
    "rate_limit_window": {Fault.QUOTA_GONE},
    "concurrency": {Fault.RATE_LIMITED},
    "too_large_for_limit": {Fault.TOO_LARGE},
    "model_busy": {Fault.OVERLOADED},
    "model_loading": {Fault.OVERLOADED},
    "transient": {Fault.OVERLOADED},
    "model_gone": {Fault.MODEL_GONE},
    "server": {Fault.SERVER},
    "timeout": {Fault.TIMED_OUT},
    "bad_generation": {Fault.MALFORMED},
    "context_length": {Fault.CONTEXT_TOO_LONG},
    "content_filter": {Fault.CONTENT_REFUSED},
    "bad_request": {Fault.BAD_REQUEST},
}
