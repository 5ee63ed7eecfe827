"""Gemini's OpenAI-compatible endpoint: errors in an array, no rate headers, usage at the end."""

from __future__ import annotations

from freetier.testing.styles.form import ABSENT, ChatForm, ErrorForm, FieldRules, StreamForm, Style
from freetier.testing.styles.generic import MESSAGE_FIELDS, REQUEST_FIELDS

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


def _refused(value: object) -> ErrorForm:
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
    return ErrorForm(status=429, body=[{"error": error}])


def _words(metric: str, quota: str) -> dict[str, str]:
    return {"quota_metric": metric, "quota_id": quota + "-FreeTier"}


_REQUESTS = "generate_content_free_tier_requests"
_INPUT = "generate_content_free_tier_input_token_count"
_UNUSED = {"store", "logit_bias", "service_tier", "metadata", "seed", "user", "parallel_tool_calls"}
_KEY_INFO = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}

STYLE = Style(
    name="gemini-openai",
    base_path="/v1beta/openai",
    model_prefix="models/",
    envelope=[
        {
            "error": {
                "code": "{status}",
                "message": "{message}",
                "status": "{type}",
                "details": "{details}",
            }
        }
    ],
    defaults={"type": "INVALID_ARGUMENT"},
    errors={
        "no_key": ErrorForm(
            status=403,
            message="Method doesn't allow unregistered callers. Please use API Key or other"
            " form of API consumer identity.",
            type="PERMISSION_DENIED",
        ),
        "bad_key": ErrorForm(
            status=400,
            body=[
                {
                    "error": {
                        "code": 400,
                        "message": "Please pass a valid API key. API key not valid.",
                        "status": "INVALID_ARGUMENT",
                        "details": [_KEY_INFO],
                    }
                }
            ],
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
        "extra_field": ErrorForm(
            status=400,
            message='Invalid JSON payload received. Unknown name "{field}": Cannot find field.',
        ),
        "context": ErrorForm(
            status=400,
            message="The input token count ({tokens}) exceeds the maximum number of tokens"
            " allowed ({context}).",
        ),
        "refused": _refused("{limit_text}"),
        "never": _refused(ABSENT),
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
    },
    words={
        ("requests", "minute"): _words(_REQUESTS, "GenerateRequestsPerMinutePerProjectPerModel"),
        ("requests", "day"): _words(_REQUESTS, "GenerateRequestsPerDayPerProjectPerModel"),
        ("input_tokens", "minute"): _words(_INPUT, "GenerateContentInputTokensPerModelPerMinute"),
        ("input_tokens", "day"): _words(_INPUT, "GenerateContentInputTokensPerModelPerDay"),
    },
    chat=ChatForm(
        finish_with_calls="stop",
        call_prefix="function-call-",
        first_call={"extra_content": {"google": {"thought_signature": "U0lHTkFUVVJF"}}},
        embedding_usage=False,
    ),
    stream=StreamForm(
        opening=None,
        delta={"role": "assistant"},
        joined=True,
        usage_with_finish=True,
        usage_chunk="never",
        split_calls=False,
        one_index=True,
    ),
    fields=FieldRules(
        known=REQUEST_FIELDS - _UNUSED | {"extra_body"},
        message=MESSAGE_FIELDS,
        tool_keywords=frozenset({"additionalProperties", "$schema"}),
        schema_keywords=frozenset(
            {"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
        ),
    ),
)
