"""Gemini in its own language: no rate headers, errors as Google writes them everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freetier.testing.styles.form import ABSENT, ChatForm, ErrorForm, Style

_METRIC = "generativelanguage.googleapis.com/{quota_metric}"
_HELP = {
    "@type": "type.googleapis.com/google.rpc.Help",
    "links": [
        {
            "description": "Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
        }
    ],
}


ENVELOPE: Mapping[str, Any] = {
    "error": {
        "code": "{status}",
        "message": "{message}",
        "status": "{type}",
        "details": "{details}",
    }
}
"""An error of Google's; the OpenAI endpoint puts it into an array."""


def refusal_body(value: object) -> dict[str, Any]:
    """Return the body of a 429; `value` is what its violation says of the limit."""
    violation = {
        "quotaMetric": _METRIC,
        "quotaId": "{quota_id}",
        "quotaDimensions": {"location": "global", "model": "{model}"},
        "quotaValue": value,
    }
    details = [
        _HELP,
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "{delay}"},
    ]
    message = (
        "You exceeded your current quota.\n"
        "* Quota exceeded for metric: " + _METRIC + ", limit: {limit}, model: {model}\n"
        "Please retry in {delay}."
    )
    error = {
        "code": 429,
        "message": message,
        "status": "RESOURCE_EXHAUSTED",
        "details": details,
    }
    return {"error": error}


def key_body(message: str) -> dict[str, Any]:
    """Return the body of the error for a wrong key."""
    return {
        "error": {
            "code": 400,
            "message": message,
            "status": "INVALID_ARGUMENT",
            "details": [_KEY_INFO],
        }
    }


def _words(metric: str, quota: str) -> dict[str, str]:
    return {"quota_metric": metric, "quota_id": quota + "-FreeTier"}


_REQUESTS = "generate_content_free_tier_requests"
_INPUT = "generate_content_free_tier_input_token_count"
_KEY_INFO = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}
_FIELD_INFO = {
    "@type": "type.googleapis.com/google.rpc.BadRequest",
    "fieldViolations": [{"field": "{place}", "description": "{found}"}],
}
_NO_FIELD = (
    "Invalid JSON payload received. Unknown name \"{field}\" at '{place}': Cannot find field."
)

ERRORS: Mapping[str, ErrorForm] = {
    "no_key": ErrorForm(
        status=403,
        message="Method doesn't allow unregistered callers. Please use API Key or other"
        " form of API consumer identity.",
        type="PERMISSION_DENIED",
    ),
    "forbidden": ErrorForm(
        status=403,
        message="The caller does not have permission",
        type="PERMISSION_DENIED",
    ),
    "no_route": ErrorForm(status=404, body="", content="text/html"),
    "no_model": ErrorForm(
        status=404,
        message="models/{model} is not found for API version v1main, or is not supported.",
        type="NOT_FOUND",
    ),
    "gone": ErrorForm(
        status=404,
        message="This model models/{model} is no longer available to new users.",
        type="NOT_FOUND",
    ),
    "bad_request": ErrorForm(status=400, message="Invalid value at '{field}': {detail}"),
    "context": ErrorForm(
        status=400,
        message="The input token count ({tokens}) exceeds the maximum number of tokens"
        " allowed ({context}).",
    ),
    "payment": ErrorForm(
        status=402, message="Your prepaid credit is spent.", type="RESOURCE_EXHAUSTED"
    ),
    "server": ErrorForm(status=500, message="Internal error encountered.", type="INTERNAL"),
    "busy": ErrorForm(
        status=503,
        message="This model is currently experiencing high demand.",
        type="UNAVAILABLE",
    ),
    "timeout": ErrorForm(
        status=504,
        message="Deadline expired before operation could complete.",
        type="DEADLINE_EXCEEDED",
    ),
}
"""What both endpoints say, but for the envelope."""

WORDS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("requests", "minute"): _words(_REQUESTS, "GenerateRequestsPerMinutePerProjectPerModel"),
    ("requests", "day"): _words(_REQUESTS, "GenerateRequestsPerDayPerProjectPerModel"),
    ("input_tokens", "minute"): _words(_INPUT, "GenerateContentInputTokensPerModelPerMinute"),
    ("input_tokens", "day"): _words(_INPUT, "GenerateContentInputTokensPerModelPerDay"),
}

SIGNATURE = "U0lHTkFUVVJF"
"""What the fake signs the first call of a turn with."""

STYLE = Style(
    name="gemini",
    tongue="gemini",
    base_path="/v1beta",
    model_prefix="models/",
    envelope=ENVELOPE,
    defaults={"type": "INVALID_ARGUMENT"},
    errors={
        **ERRORS,
        "bad_key": ErrorForm(
            status=400, body=key_body("API key not valid. Please pass a valid API key.")
        ),
        "extra_field": ErrorForm(
            status=400,
            body={
                "error": {
                    "code": 400,
                    "message": _NO_FIELD,
                    "status": "INVALID_ARGUMENT",
                    "details": [_FIELD_INFO],
                }
            },
        ),
        "no_signature": ErrorForm(
            status=400,
            message="Function call is missing a thought_signature in functionCall parts."
            " Additional data, function call `default_api:{name}` , position {position}.",
        ),
        "bad_signature": ErrorForm(status=400, message="Corrupted thought signature."),
        "refused": ErrorForm(status=429, body=refusal_body("{limit_text}")),
        "never": ErrorForm(status=429, body=refusal_body(ABSENT)),
    },
    words=WORDS,
    chat=ChatForm(id="s{number:08d}", call_prefix="fc_"),
)
