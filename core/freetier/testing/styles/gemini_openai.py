"""Gemini's OpenAI-compatible endpoint: errors in an array, no rate headers, usage at the end."""

from __future__ import annotations

from freetier.testing.styles.form import ABSENT, ChatForm, ErrorForm, FieldRules, StreamForm, Style
from freetier.testing.styles.gemini import (
    ENVELOPE,
    ERRORS,
    SIGNATURE,
    WORDS,
    key_body,
    refusal_body,
)
from freetier.testing.styles.generic import MESSAGE_FIELDS, REQUEST_FIELDS

_UNUSED = {"store", "logit_bias", "service_tier", "metadata", "seed", "user", "parallel_tool_calls"}

STYLE = Style(
    name="gemini-openai",
    base_path="/v1beta/openai",
    model_prefix="models/",
    envelope=[ENVELOPE],
    defaults={"type": "INVALID_ARGUMENT"},
    errors={
        **ERRORS,
        "bad_key": ErrorForm(
            status=400, body=[key_body("Please pass a valid API key. API key not valid.")]
        ),
        "extra_field": ErrorForm(
            status=400,
            message='Invalid JSON payload received. Unknown name "{field}": Cannot find field.',
        ),
        "refused": ErrorForm(status=429, body=[refusal_body("{limit_text}")]),
        "never": ErrorForm(status=429, body=[refusal_body(ABSENT)]),
    },
    words=WORDS,
    chat=ChatForm(
        finish_with_calls="stop",
        call_prefix="function-call-",
        first_call={"extra_content": {"google": {"thought_signature": SIGNATURE}}},
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
