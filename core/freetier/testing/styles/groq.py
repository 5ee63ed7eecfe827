"""Groq: requests headers are of the day, tokens headers of the minute, resets mean "full"."""

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

_PAUSES = {"queue_time": 0.0039, "prompt_time": 0.0008, "completion_time": 0.041}
_WHERE = "for model `{model}` in organization `org_fake` service tier `on_demand` on"
_LOGPROBS = {"logprobs": None}
_UNSUPPORTED = {"store", "metadata", "prediction", "logit_bias", "logprobs", "top_logprobs"}


def _rows(name: str, metric: str, window: str) -> tuple[RateRow, RateRow, RateRow]:
    prefix = "x-ratelimit"
    return (
        RateRow(f"{prefix}-limit-{name}", metric, window, "limit"),
        RateRow(f"{prefix}-remaining-{name}", metric, window, "remaining"),
        RateRow(f"{prefix}-reset-{name}", metric, window, "reset", "go"),
    )


STYLE = Style(
    name="groq",
    base_path="/openai/v1",
    envelope={
        "error": {
            "message": "{message}",
            "type": "{type}",
            "param": "{param}",
            "code": "{code}",
        }
    },
    errors={
        "no_key": ErrorForm(
            status=401, message="Invalid API Key", type=BAD, code="invalid_api_key"
        ),
        "bad_key": ErrorForm(
            status=401, message="Invalid API Key", type=BAD, code="invalid_api_key"
        ),
        "no_route": ErrorForm(
            status=404,
            message="Unknown request URL: {method} {path}. Please check the URL for typos.",
            type=BAD,
            code="unknown_url",
        ),
        "no_model": ErrorForm(
            status=404,
            message="The model `{model}` does not exist or you do not have access to it.",
            type=BAD,
            code="model_not_found",
        ),
        "gone": ErrorForm(
            status=400,
            message="The model `{model}` has been decommissioned and is no longer supported.",
            type=BAD,
            code="model_decommissioned",
        ),
        "bad_request": ErrorForm(status=400, message="'{field}' : {detail}", type=BAD),
        "extra_field": ErrorForm(status=400, message="property '{field}' is unsupported", type=BAD),
        "tool_failed": ErrorForm(
            status=400,
            type=BAD,
            body={
                "error": {
                    "message": "Failed to call a function. Adjust your prompt."
                    " See failed_generation for details.",
                    "type": BAD,
                    "code": "tool_use_failed",
                    "failed_generation": '<function=get_weather>{{"city": "Oslo"</function>',
                }
            },
        ),
        "context": ErrorForm(
            status=400,
            message="Please reduce the length of the messages or completion.",
            type=BAD,
            param="messages",
            code="context_length_exceeded",
        ),
        "too_large": ErrorForm(
            status=413,
            message="Request too large " + _WHERE + " {what}: Limit {limit},"
            " Requested {requested}, please reduce your message size and try again.",
            type="{unit}",
            code="rate_limit_exceeded",
        ),
        "refused": ErrorForm(
            status=429,
            message="Rate limit reached " + _WHERE + " {what}: Limit {limit}, Used {used},"
            " Requested {requested}. Please try again in {again}.",
            type="{unit}",
            code="rate_limit_exceeded",
        ),
        "server": ErrorForm(
            status=500, message="Internal Server Error", type="internal_server_error"
        ),
        "busy": ErrorForm(
            status=503,
            message="Service unavailable. Visit the status page.",
            type="service_unavailable_error",
        ),
        "capacity": ErrorForm(
            status=498,
            message="Flex tier capacity exceeded.",
            type="internal_server_error",
            code="capacity_exceeded",
        ),
    },
    words={
        ("requests", "minute"): {"what": "requests per minute (RPM)", "unit": "requests"},
        ("requests", "day"): {"what": "requests per day (RPD)", "unit": "requests"},
        ("total_tokens", "minute"): {"what": "tokens per minute (TPM)", "unit": "tokens"},
        ("total_tokens", "day"): {"what": "tokens per day (TPD)", "unit": "tokens"},
        ("input_tokens", "minute"): {"what": "input tokens per minute (ITPM)", "unit": "tokens"},
    },
    rates=RateForm(
        rows=tuple(
            row
            for pair in zip(
                _rows("requests", "requests", "day"),
                _rows("tokens", "total_tokens", "minute"),
                strict=True,
            )
            for row in pair
        ),
        also=(("x-groq-region", "dls"), ("x-request-id", "{request_id}")),
        retry_after=True,
    ),
    chat=ChatForm(
        top={
            "system_fingerprint": "fp_fake",
            "x_groq": {"id": "{request_id}"},
            "service_tier": "on_demand",
        },
        choice=_LOGPROBS,
        usage={
            **_PAUSES,
            "total_time": 0.042,
            "completion_tokens_details": {"reasoning_tokens": "{reasoning_tokens}"},
        },
        reasoning="reasoning",
    ),
    stream=StreamForm(
        first={"x_groq": {"id": "{request_id}"}},
        choice=_LOGPROBS,
        opening_with_calls={"role": "assistant", "content": None},
        thought={"channel": "analysis"},
        finish={"x_groq": {"id": "{request_id}", "usage": "{usage}"}},
        usage_with_finish=True,
        usage_chunk_top={"service_tier": "on_demand"},
        split_calls=False,
    ),
    fields=FieldRules(
        known=(REQUEST_FIELDS - _UNSUPPORTED) | {"reasoning_format", "include_reasoning"},
        message={
            "system": frozenset({"role", "content"}),
            "user": frozenset({"role", "content"}),
            "assistant": frozenset({"role", "content", "tool_calls", "reasoning"}),
            "tool": MESSAGE_FIELDS["tool"],
        },
        roles=frozenset({"system", "user", "assistant", "tool"}),
        efforts={"openai/gpt-oss-*": frozenset({"low", "medium", "high"})},
    ),
)
