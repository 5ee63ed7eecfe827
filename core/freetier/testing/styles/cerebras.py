"""Cerebras: flat errors, the full set of windows in headers, reserves the output bound."""

from __future__ import annotations

from freetier.testing.styles.form import (
    ChatForm,
    ErrorForm,
    FieldRules,
    RateForm,
    RateRow,
    StreamForm,
    Style,
)
from freetier.testing.styles.generic import BAD, MESSAGE_FIELDS, REQUEST_FIELDS

_TIMES = {
    "queue_time": 0.0004,
    "prompt_time": 0.0021,
    "completion_time": 0.0145,
    "total_time": 0.0191,
    "created": "{created}",
}
_FINGERPRINT = {"system_fingerprint": "fp_fake"}
_METRICS = (("requests", "requests"), ("tokens", "total_tokens"))
_WINDOWS = ("minute", "hour", "day")
_REQUESTS = {
    "unit": "Requests",
    "type": "too_many_requests_error",
    "code": "request_quota_exceeded",
}
_TOKENS = {"unit": "Tokens", "type": "too_many_tokens_error", "code": "token_quota_exceeded"}

STYLE = Style(
    name="cerebras",
    envelope={"message": "{message}", "type": "{type}", "param": "{param}", "code": "{code}"},
    defaults={"param": None, "code": None, "type": "error"},
    errors={
        "no_key": ErrorForm(status=403, body={"detail": "Not authenticated"}),
        "bad_key": ErrorForm(
            status=401, message="Wrong API Key", type=BAD, param="api_key", code="wrong_api_key"
        ),
        "payment": ErrorForm(
            status=402,
            message="Payment required to access this resource.",
            type="payment_required_error",
            code="payment_required",
        ),
        "no_route": ErrorForm(status=404, body="", content="text/plain"),
        "no_model": ErrorForm(
            status=404,
            message="Model {model} does not exist or you do not have access to it.",
            type="not_found_error",
            param="model",
            code="model_not_found",
        ),
        "bad_request": ErrorForm(
            status=400, message="{detail}", type=BAD, param="{field}", code="wrong_api_format"
        ),
        "extra_field": ErrorForm(
            status=400,
            message="Property {field} is not supported by this model.",
            type=BAD,
            param="{field}",
            code="wrong_api_format",
        ),
        "context": ErrorForm(
            status=400,
            message="Please reduce the length of the messages or completion."
            " Current length is {tokens} while limit is {context}",
            type=BAD,
            param="messages",
            code="context_length_exceeded",
        ),
        "refused": ErrorForm(
            status=429,
            message="{unit} per {window} limit exceeded - too many {lower} processed.",
            type="{type}",
            param="quota",
            code="{code}",
        ),
        "queue": ErrorForm(
            status=429,
            message="We're experiencing high traffic right now! Please try again soon.",
            type="too_many_requests_error",
            param="queue",
            code="queue_exceeded",
            headers={"x-should-retry": "false"},
        ),
        "server": ErrorForm(
            status=500,
            message="Internal server error.",
            type="server_error",
            code="internal_server_error",
        ),
    },
    words={
        (metric, window): {**(_REQUESTS if name == "requests" else _TOKENS), "lower": name}
        for name, metric in _METRICS
        for window in _WINDOWS
    },
    rates=RateForm(
        rows=(
            *(
                RateRow(f"x-ratelimit-{part}-{name}-{window}", metric, window, part)
                for name, metric in _METRICS
                for window in _WINDOWS
                for part in ("limit", "remaining")
            ),
            *(
                RateRow(f"x-ratelimit-reset-{name}-{window}", metric, window, "reset", "seconds")
                for name, metric in _METRICS
                for window in _WINDOWS
            ),
        ),
        on=frozenset({200, 429}),
        retry_after=True,
    ),
    chat=ChatForm(top={**_FINGERPRINT, "time_info": _TIMES}, reasoning="reasoning"),
    stream=StreamForm(
        top=_FINGERPRINT,
        opening={"role": "assistant"},
        finish={"time_info": _TIMES},
        usage_with_finish=True,
        usage_chunk="never",
    ),
    fields=FieldRules(
        known=REQUEST_FIELDS - {"logit_bias", "store", "metadata"},
        message={**MESSAGE_FIELDS, "assistant": MESSAGE_FIELDS["assistant"] | {"reasoning"}},
        roles=frozenset({"system", "user", "assistant", "tool"}),
        strict_mixed=False,
        closed=True,
    ),
)
