"""Mistral: refuses every unknown member, ids of nine letters, no reset headers."""

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

BAD = "invalid_request_error"
_ROWS = (
    ("req-minute", "requests", "minute"),
    ("tokens-minute", "total_tokens", "minute"),
    ("tokens-month", "total_tokens", "month"),
)
_FIELDS = frozenset(
    {
        "frequency_penalty",
        "guardrails",
        "max_tokens",
        "messages",
        "metadata",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "prompt_mode",
        "random_seed",
        "reasoning_effort",
        "response_format",
        "safe_prompt",
        "stop",
        "stream",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    }
)

STYLE = Style(
    name="mistral",
    envelope={
        "object": "error",
        "message": "{message}",
        "type": "{type}",
        "param": None,
        "code": "{code}",
        "raw_status_code": "{status}",
    },
    defaults={"type": "error", "code": "1000"},
    errors={
        "no_key": ErrorForm(status=401, body={"detail": "Unauthorized"}),
        "bad_key": ErrorForm(status=401, body={"detail": "Unauthorized"}),
        "forbidden": ErrorForm(
            status=403,
            message="This model is not available in your subscription tier",
            type="tier_not_allowed",
            code="1910",
        ),
        "no_route": ErrorForm(
            status=404,
            body={"message": "no Route matched with those values", "request_id": "{request_id}"},
        ),
        "no_model": ErrorForm(
            status=400, message="Invalid model: {model}", type="invalid_model", code="1500"
        ),
        "bad_request": ErrorForm(status=400, message="{detail}", type=BAD, code="1500"),
        "bad_call_id": ErrorForm(
            status=400,
            message="Tool call id was {value} but must be a-z, A-Z, 0-9, with a length of 9.",
            type="invalid_function_call",
            code="3280",
        ),
        "extra_field": ErrorForm(
            status=422,
            body={
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": "{location}",
                        "msg": "Extra inputs are not permitted",
                        "input": "{value}",
                    }
                ]
            },
        ),
        "context": ErrorForm(
            status=400,
            message="Prompt contains {tokens} tokens and 0 draft tokens,"
            " too large for model with {context} maximum context length",
            type="invalid_request_message_error",
            code="3051",
        ),
        "refused": ErrorForm(
            status=429, message="Rate limit exceeded", type="rate_limited", code="1300"
        ),
        "capacity": ErrorForm(
            status=429,
            message="Service tier capacity exceeded for this model.",
            type="service_tier_capacity_exceeded",
            code="3505",
        ),
        "server": ErrorForm(
            status=500,
            message="Service unavailable.",
            type="internal_server_error",
            code="1000",
        ),
    },
    rates=RateForm(
        rows=tuple(
            RateRow(f"x-ratelimit-{part}-{name}", metric, window, part)
            for name, metric, window in _ROWS
            for part in ("limit", "remaining")
        ),
        cost=("x-ratelimit-tokens-query-cost",),
        on=frozenset({200, 429}),
    ),
    chat=ChatForm(
        id="{number:032x}",
        message={"tool_calls": None, "prefix": False},
        usage={"num_cached_tokens": 0},
        call_prefix="",
        call_index=True,
        text_with_calls="",
        reasoning="parts",
    ),
    stream=StreamForm(
        closing={"content": ""}, usage_with_finish=True, usage_chunk="never", split_calls=False
    ),
    fields=FieldRules(
        known=_FIELDS,
        message={
            "system": frozenset({"role", "content"}),
            "user": frozenset({"role", "content"}),
            "assistant": frozenset({"role", "content", "tool_calls", "prefix"}),
            "tool": frozenset({"role", "content", "tool_call_id", "name"}),
        },
        roles=frozenset({"system", "user", "assistant", "tool"}),
        call_id="[a-zA-Z0-9]{9}",
        user_after_tool=False,
        efforts={"*": frozenset({"none", "high"})},
    ),
)
