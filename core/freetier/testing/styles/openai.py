"""OpenAI itself: the reference of the shape."""

from __future__ import annotations

from freetier.testing.styles.form import (
    ChatForm,
    ErrorForm,
    FieldRules,
    RateForm,
    StreamForm,
    Style,
)
from freetier.testing.styles.generic import BAD, MESSAGE_FIELDS, REQUEST_FIELDS
from freetier.testing.styles.generic import STYLE as GENERIC

STYLE = Style(
    name="openai",
    envelope=GENERIC.envelope,
    defaults=GENERIC.defaults,
    errors={
        "no_key": ErrorForm(
            status=401, message="You didn't provide an API key.", type=BAD, code=None
        ),
        "bad_key": ErrorForm(
            status=401,
            message="Incorrect API key provided: {masked}.",
            type=BAD,
            code="invalid_api_key",
        ),
        "payment": ErrorForm(
            status=429,
            message="You exceeded your current quota, please check your plan and billing details.",
            type="insufficient_quota",
            code="insufficient_quota",
        ),
        "no_model": ErrorForm(
            status=404,
            message="The model `{model}` does not exist or you do not have access to it.",
            type=BAD,
            code="model_not_found",
        ),
        "extra_field": ErrorForm(
            status=400,
            message="Unknown parameter: '{field}'.",
            type=BAD,
            param="{field}",
            code="unknown_parameter",
        ),
        "context": ErrorForm(
            status=400,
            message="This model's maximum context length is {context} tokens."
            " However, your messages resulted in {tokens} tokens.",
            type=BAD,
            param="messages",
            code="context_length_exceeded",
        ),
        "refused": ErrorForm(
            status=429,
            message="Rate limit reached for {model} in organization org-fake on {what}:"
            " Limit {limit}, Used {used}, Requested {requested}. Please try again in {again}.",
            type="{unit}",
            code="rate_limit_exceeded",
        ),
        "server": ErrorForm(
            status=500,
            message="The server had an error while processing your request.",
            type="server_error",
        ),
    },
    words={
        ("requests", "minute"): {"what": "requests per min (RPM)", "unit": "requests"},
        ("requests", "day"): {"what": "requests per day (RPD)", "unit": "requests"},
        ("total_tokens", "minute"): {"what": "tokens per min (TPM)", "unit": "tokens"},
        ("total_tokens", "day"): {"what": "tokens per day (TPD)", "unit": "tokens"},
    },
    rates=RateForm(
        rows=GENERIC.rates.rows,
        also=(("x-request-id", "{request_id}"),),
        retry_after=True,
        retry_after_ms=True,
    ),
    chat=ChatForm(
        top={"system_fingerprint": "fp_fake", "service_tier": "default"},
        message={"refusal": None, "annotations": []},
        usage={
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": "{reasoning_tokens}"},
        },
    ),
    stream=StreamForm(
        opening={"role": "assistant", "content": "", "refusal": None},
        opening_with_calls={"role": "assistant", "content": None, "refusal": None},
        null_usage=True,
    ),
    fields=FieldRules(known=REQUEST_FIELDS, message=MESSAGE_FIELDS),
)
