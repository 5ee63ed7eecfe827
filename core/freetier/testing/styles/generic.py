"""An OpenAI-like server of nobody in particular; also what other styles fall back on."""

from __future__ import annotations

from freetier.testing.styles.form import ErrorForm, FieldRules, RateForm, RateRow, Style

REQUEST_FIELDS = frozenset(
    {
        "audio",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "metadata",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    }
)
_TURN = frozenset({"role", "content", "name"})
MESSAGE_FIELDS = {
    "system": _TURN,
    "developer": _TURN,
    "user": _TURN,
    "assistant": _TURN | {"tool_calls", "refusal", "audio", "function_call", "annotations"},
    "tool": _TURN | {"tool_call_id"},
}

BAD = "invalid_request_error"

STYLE = Style(
    name="generic",
    envelope={
        "error": {
            "message": "{message}",
            "type": "{type}",
            "param": "{param}",
            "code": "{code}",
        }
    },
    defaults={"param": None, "code": None, "type": "error"},
    errors={
        "no_key": ErrorForm(status=401, message="Missing API key", type=BAD, code="no_api_key"),
        "bad_key": ErrorForm(
            status=401, message="Invalid API key", type=BAD, code="invalid_api_key"
        ),
        "forbidden": ErrorForm(
            status=403, message="This key may not do that", type="permission_error"
        ),
        "payment": ErrorForm(status=402, message="Payment required", type="payment_required"),
        "no_route": ErrorForm(status=404, message="Unknown request URL: {path}", type=BAD),
        "no_model": ErrorForm(
            status=404,
            message="The model `{model}` does not exist",
            type=BAD,
            code="model_not_found",
        ),
        "bad_request": ErrorForm(status=400, message="{detail}", type=BAD, param="{field}"),
        "extra_field": ErrorForm(
            status=400, message="Unknown member: {field}", type=BAD, param="{field}"
        ),
        "context": ErrorForm(
            status=400,
            message="This model's maximum context length is {context} tokens."
            " However, you requested {tokens} tokens.",
            type=BAD,
            code="context_length_exceeded",
        ),
        "blocked": ErrorForm(
            status=400, message="The prompt was filtered", type=BAD, code="content_filter"
        ),
        "refused": ErrorForm(
            status=429,
            message="Rate limit reached: {limit} {metric} per {window}, {used} used,"
            " {requested} requested. Please try again in {again}.",
            type="{metric}",
            code="rate_limit_exceeded",
        ),
        "server": ErrorForm(status=500, message="Internal server error", type="server_error"),
        "gateway": ErrorForm(status=502, message="Bad gateway", type="server_error"),
        "busy": ErrorForm(status=503, message="The model is overloaded", type="overloaded_error"),
        "timeout": ErrorForm(status=504, message="Gateway timeout", type="server_error"),
        "other": ErrorForm(status=500, message="Status {status}", type="error"),
    },
    rates=RateForm(
        rows=(
            RateRow("x-ratelimit-limit-requests", "requests", "minute", "limit"),
            RateRow("x-ratelimit-remaining-requests", "requests", "minute", "remaining"),
            RateRow("x-ratelimit-reset-requests", "requests", "minute", "reset", "go"),
            RateRow("x-ratelimit-limit-tokens", "total_tokens", "minute", "limit"),
            RateRow("x-ratelimit-remaining-tokens", "total_tokens", "minute", "remaining"),
            RateRow("x-ratelimit-reset-tokens", "total_tokens", "minute", "reset", "go"),
        ),
        retry_after=True,
    ),
    fields=FieldRules(known=REQUEST_FIELDS, message=MESSAGE_FIELDS),
)
