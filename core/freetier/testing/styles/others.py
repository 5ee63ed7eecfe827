"""Vendors that differ from the generic server in a few things each: errors, and what they refuse.

Written from the vendors' documentation and from recorded answers (`tests/wire`); what nobody
saw refused is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from freetier.testing.jsons import JsonValue
from freetier.testing.styles.form import ErrorForm, FieldRules, Style
from freetier.testing.styles.generic import MESSAGE_FIELDS, REQUEST_FIELDS
from freetier.testing.styles.generic import STYLE as GENERIC

_OPENAI_ROLES = frozenset({"system", "user", "assistant", "tool"})
_WORDS = frozenset({"auto", "none", "required"})
_FLAT = {"error": "{message}"}
_THINKING = {
    **MESSAGE_FIELDS,
    "assistant": MESSAGE_FIELDS["assistant"] | {"reasoning_content"},
}


def _rules(*refused: str, more: frozenset[str] = frozenset(), **rules: Any) -> FieldRules:
    known = REQUEST_FIELDS.difference(refused) | more
    return replace(FieldRules(known=known, message=MESSAGE_FIELDS, roles=_OPENAI_ROLES), **rules)


def _style(
    name: str,
    fields: FieldRules,
    envelope: JsonValue = GENERIC.envelope,
    **errors: ErrorForm,
) -> Style:
    every = {**GENERIC.errors, **errors}
    return replace(GENERIC, name=name, envelope=envelope, errors=every, fields=fields)


_OLLAMA = _rules(
    "tool_choice", "logit_bias", "user", "n", "logprobs", choices=frozenset(), image_urls=False
)

_ALL = (
    _style(
        "cohere",
        _rules(
            "store",
            "metadata",
            "logit_bias",
            "top_logprobs",
            "n",
            "modalities",
            "prediction",
            "audio",
            "service_tier",
            "parallel_tool_calls",
            "stream_options",
            "max_completion_tokens",
            tool_keywords=frozenset({"additionalProperties", "$schema"}),
            choices=frozenset({"none", "required"}) | {"auto"},
            efforts={"*": frozenset({"none", "high"})},
            apart=frozenset({"frequency_penalty", "presence_penalty"}),
        ),
        {"id": "{request_id}", "message": "{message}"},
        no_key=ErrorForm(status=401, message="no api key supplied"),
        bad_key=ErrorForm(status=401, message="invalid api token"),
        no_model=ErrorForm(
            status=404,
            message="model '{model}' not found, make sure the correct model ID was used and"
            " that you have access to the model.",
        ),
        bad_request=ErrorForm(status=400, message="invalid request: {detail}"),
        extra_field=ErrorForm(status=422, message="unknown field: parameter '{field}'"),
    ),
    _style(
        "cloudflare",
        _rules(null_content=False, text_arrays=False),
        {
            "result": None,
            "success": False,
            "errors": [{"code": "{code}", "message": "{message}"}],
            "messages": [],
        },
        bad_key=ErrorForm(status=401, message="Authentication error", code=10_000),
        bad_request=ErrorForm(status=400, message="AiError: Bad input: Error: {detail}", code=5006),
        extra_field=ErrorForm(
            status=400, message="AiError: Bad input: Error: oneOf at / not met", code=5006
        ),
    ),
    _style(
        "sambanova",
        _rules(
            "logprobs",
            "top_logprobs",
            "n",
            "presence_penalty",
            "frequency_penalty",
            "logit_bias",
            "seed",
            "user",
            "store",
        ),
    ),
    _style("zai", _rules(more=frozenset({"thinking"}), choices=frozenset({"auto"}))),
    _style(
        "siliconflow",
        _rules(),
        {"code": "{code}", "message": "{message}", "data": None},
        bad_key=ErrorForm(status=401, message="Token is invalid.", code=30_014),
    ),
    _style(
        "huggingface",
        _rules(),
        bad_key=ErrorForm(status=401, body={"error": "Invalid username or password."}),
    ),
    _style("ollama-cloud", _OLLAMA, _FLAT, bad_key=ErrorForm(status=401, message="unauthorized")),
    _style("ollama", _OLLAMA),
    _style(
        "lmstudio",
        _rules(more=frozenset({"top_k", "repeat_penalty"}), choices=_WORDS),
        _FLAT,
    ),
    _style("llamacpp", _rules("store", "reasoning_effort", choices=_WORDS)),
    _style("vllm", _rules(more=frozenset({"chat_template_kwargs"}))),
    _style(
        "xai",
        _rules(
            "stop",
            "presence_penalty",
            "frequency_penalty",
            root_keywords=frozenset({"anyOf", "oneOf"}),
        ),
        {"code": "{code}", "error": "{message}"},
        bad_key=ErrorForm(
            status=400, message="Incorrect API key provided.", code="invalid-argument"
        ),
    ),
    _style(
        "together",
        _rules(),
        {"error": {"message": "{message}", "type": "{type}"}},
        bad_key=ErrorForm(status=401, body={"error": {"message": "Unauthorized"}}),
    ),
    _style("fireworks", _rules()),
    _style("nebius", _rules()),
    _style("hyperbolic", _rules()),
    _style("chutes", _rules()),
    _style(
        "deepseek",
        _rules("max_completion_tokens", choices=frozenset({"auto", "none"}), message=_THINKING),
    ),
    _style("kilo", _rules()),
    _style("ovh", _rules()),
    _style("llm7", _rules()),
    _style("github-models", _rules()),
)

STYLES: Mapping[str, Style] = {style.name: style for style in _ALL}
"""By the catalog's names."""
