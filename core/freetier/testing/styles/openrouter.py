"""OpenRouter: rate headers only on its own 429, numeric codes, comment lines in streams."""

from __future__ import annotations

from freetier.testing.styles.form import ChatForm, ErrorForm, RateForm, RateRow, StreamForm, Style

_PROVIDER = {"provider": "Fake"}
_DAY = " Add 10 credits to unlock 1000 free model requests per day"
_HEADERS = {
    "X-RateLimit-Limit": "{limit_text}",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": "{reset_ms}",
}

STYLE = Style(
    name="openrouter",
    base_path="/api/v1",
    envelope={"error": {"message": "{message}", "code": "{status}", "metadata": "{metadata}"}},
    errors={
        "no_key": ErrorForm(status=401, message="No auth credentials found"),
        "bad_key": ErrorForm(status=401, message="User not found."),
        "payment": ErrorForm(
            status=402,
            message="This request requires more credits, or fewer max_tokens."
            " You requested up to 4096 tokens, but can only afford 1183.",
        ),
        "no_model": ErrorForm(
            status=404,
            body={
                "error": {
                    "message": "No endpoints found for {model}.",
                    "code": 404,
                    "metadata": {"error_type": "not_found"},
                    "availability": {"code": "free_variant_ended", "retryable": False},
                }
            },
        ),
        "bad_request": ErrorForm(status=400, message="{detail}"),
        "context": ErrorForm(
            status=400,
            body={
                "error": {
                    "message": "This endpoint's maximum context length is {context} tokens."
                    " However, you requested about {tokens} tokens.",
                    "code": 400,
                    "metadata": {"error_type": "context_length_exceeded"},
                }
            },
        ),
        "refused": ErrorForm(
            status=429,
            body={
                "error": {
                    "message": "Rate limit exceeded: free-models-per-{short}.{hint}",
                    "code": 429,
                    "metadata": {"headers": _HEADERS, "provider_name": None},
                },
                "user_id": "user_fake",
            },
        ),
        "upstream": ErrorForm(
            status=429,
            body={
                "error": {
                    "message": "Provider returned error",
                    "code": 429,
                    "metadata": {
                        "raw": "{model} is temporarily rate-limited upstream."
                        " Please retry shortly.",
                        "provider_name": "Fake",
                        "is_byok": False,
                        "provider_error_code": "429",
                        "limit_source": "upstream_provider_shared_pool",
                        "remedy_hint": "Retry shortly.",
                    },
                },
                "user_id": "user_fake",
            },
        ),
        "server": ErrorForm(status=500, message="Internal Server Error"),
        "gateway": ErrorForm(
            status=502,
            body={
                "error": {
                    "message": "Provider returned error",
                    "code": 502,
                    "metadata": {"provider_name": "Fake", "error_type": "provider_unavailable"},
                }
            },
        ),
        "busy": ErrorForm(
            status=503,
            message="No available providers for this model",
            headers={"Retry-After": "30"},
        ),
    },
    words={
        ("requests", "minute"): {"short": "min", "hint": " "},
        ("requests", "day"): {"short": "day", "hint": _DAY},
    },
    event_error={
        "provider": "Fake",
        "error": "{error}",
        "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}],
    },
    rates=RateForm(
        rows=(
            RateRow("X-RateLimit-Limit", "hit", "", "limit"),
            RateRow("X-RateLimit-Remaining", "hit", "", "remaining"),
            RateRow("X-RateLimit-Reset", "hit", "", "reset", "epoch_ms"),
        ),
        on=frozenset({429}),
    ),
    chat=ChatForm(
        id="gen-{number:08d}",
        top=_PROVIDER,
        choice={"native_finish_reason": "{finish}", "logprobs": None},
        message={"refusal": None, "reasoning": None},
        usage={"cost": 0, "is_byok": False},
        reasoning="reasoning",
    ),
    stream=StreamForm(
        top=_PROVIDER,
        choice={"native_finish_reason": "{finish}", "logprobs": None},
        closing={"content": ""},
        usage_chunk="always",
        comments=2,
    ),
)
