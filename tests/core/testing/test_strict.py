"""A request is checked as the vendor would: the common rules always, its own if strict."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.testing import STYLES
from freetier.testing.rejection import Rejection
from freetier.testing.strict import check_chat, check_embeddings, keyword_in
from tests.core.testing.kit import HELLO, WEATHER

OPENAI = STYLES["openai"].fields
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}

ARRAY = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]
PICTURE = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ],
    }
]
CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
NULL = [
    *HELLO,
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "a", "content": "x"},
]


def rejection(style: str = "openai", *, strict: bool = True, **members: Any) -> Rejection | None:
    """Return why a chat request is not taken; None if it is."""
    try:
        check_chat(
            {"model": "m", "messages": HELLO, **members}, STYLES[style].fields, strict=strict
        )
    except Rejection as no:
        return no
    return None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"stream": True, "stream_options": {"include_usage": True}},
        {"temperature": 0, "top_p": 1, "max_tokens": 1, "n": 1, "stop": ["a", "b"]},
        {"tools": [WEATHER], "tool_choice": "auto", "parallel_tool_calls": False},
        {
            "tools": [WEATHER],
            "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
        },
        {"response_format": {"type": "json_object"}},
        {"response_format": SCHEMA},
        {"tool_choice": "none"},
    ],
)
def test_sound_requests_are_taken(members: dict[str, Any]) -> None:
    """What clients really send passes the strict check."""
    assert rejection(**members) is None


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"temperature": 3}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": "0"}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": 2}, "n"),
        ({"stream": 1}, "stream"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"stop": [1]}, "stop"),
        ({"stop": {"a": 1}}, "stop"),
        ({"tools": []}, "tools"),
        ({"tools": [{"type": "retrieval"}]}, "tools.0"),
        (
            {"tools": [{"type": "function", "function": {"name": "no spaces"}}]},
            "tools.0.function.name",
        ),
        ({"tools": [WEATHER, WEATHER]}, "tools"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}] * 1},
            None,
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": "x"}}]},
            "tools.0.function.parameters",
        ),
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {"name": "f", "parameters": {"type": "string"}},
                    }
                ]
            },
            "tools.0.function.parameters",
        ),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "tool_choice"),
        ({"tools": [WEATHER], "tool_choice": "sometimes"}, "tool_choice"),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "f"}}},
            "tool_choice",
        ),
        ({"response_format": {"type": "xml"}}, "response_format"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ],
)
def test_unsound_requests_are_not(members: dict[str, Any], field: str | None) -> None:
    """The error names the member; strictness does not matter."""
    for strict in (True, False):
        no = rejection(strict=strict, **members)
        if field is None:
            assert no is None
        else:
            assert no is not None
            assert (no.kind, no.facts["field"]) == ("bad_request", field)


@pytest.mark.parametrize(
    ("style", "member", "is_taken"),
    [
        ("openai", "frobnicate", False),
        ("groq", "store", False),
        ("groq", "logprobs", False),
        ("groq", "reasoning_format", True),
        ("cerebras", "logit_bias", False),
        ("mistral", "stream_options", False),
        ("mistral", "seed", False),
        ("mistral", "random_seed", True),
        ("nvidia", "store", False),
        ("gemini-openai", "seed", False),
        ("openrouter", "frobnicate", True),
        ("generic", "frobnicate", False),
    ],
)
def test_each_vendor_knows_its_own_members(style: str, member: str, is_taken: bool) -> None:
    """Strictly, an unknown member is refused where that vendor refuses it; else it is ignored."""
    stream = {"stream": True} if member == "stream_options" else {}
    value = True if member in {"logprobs", "store"} else {}
    no = rejection(style, **{member: value, **stream})
    assert (no is None) == is_taken
    assert no is None or (no.kind, no.facts["field"]) == ("extra_field", member)
    assert rejection(style, strict=False, **{member: value, **stream}) is None


@pytest.mark.parametrize(
    ("style", "member", "value", "is_taken"),
    [
        ("mistral", "reasoning_effort", "low", False),
        ("mistral", "reasoning_effort", "high", True),
        ("openai", "reasoning_effort", "low", True),
        ("cohere", "reasoning_effort", "low", False),
        ("cohere", "presence_penalty", 0.5, True),
        ("groq", "reasoning_effort", "none", True),
        ("cloudflare", "messages", ARRAY, False),
        ("cloudflare", "messages", NULL, False),
        ("cloudflare", "messages", PICTURE, True),
        ("openai", "messages", ARRAY + NULL, True),
    ],
)
def test_each_vendor_takes_its_own_words(
    style: str, member: str, value: object, is_taken: bool
) -> None:
    """Strictly; a lax one takes them all."""
    no = rejection(style, **{member: value})
    assert (no is None) == is_taken
    assert no is None or (no.kind, no.facts["field"].split(".")[0]) == ("bad_request", member)
    assert rejection(style, strict=False, **{member: value}) is None


def test_groq_cannot_keep_one_family_from_thinking() -> None:
    """Other models may be told not to think."""
    no = rejection("groq", model="openai/gpt-oss-20b", reasoning_effort="none")
    assert no is not None
    assert no.facts["field"] == "reasoning_effort"
    assert rejection("groq", model="openai/gpt-oss-20b", reasoning_effort="low") is None


def test_cohere_takes_one_penalty_at_a_time() -> None:
    """Others take both."""
    both = {"presence_penalty": 0.5, "frequency_penalty": 0.5}
    no = rejection("cohere", **both)
    assert no is not None
    assert no.why == "frequency_penalty: cannot be used together with presence_penalty"
    assert rejection("openai", **both) is None


def test_gemini_refuses_keywords_of_schemas() -> None:
    """At any depth, in tools and in answers; names of properties are no keywords."""
    inner = {"type": "object", "properties": {"minimum": {"type": "integer", "minimum": 1}}}
    shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": inner}}
    no = rejection("gemini-openai", response_format=shape)
    assert no is not None
    assert no.facts["field"].endswith("minimum")
    closed = {
        "type": "function",
        "function": {"name": "f", "parameters": {"additionalProperties": False}},
    }
    no = rejection("gemini-openai", tools=[closed])
    assert no is not None
    assert "additionalProperties" in no.why
    assert rejection("openai", tools=[closed], response_format=shape) is None


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"minimum": 1}, "minimum"),
        ({"properties": {"minimum": {}}}, None),
        ({"properties": {"a": {"minimum": 1}}}, "minimum"),
        ({"items": {"anyOf": [{}, {"minimum": 1}]}}, "minimum"),
        ({"$defs": {"a": {"minimum": 1}}}, "minimum"),
        ({"default": {"minimum": 1}, "enum": [{"minimum": 1}]}, None),
        (True, None),
    ],
)
def test_a_keyword_is_found_where_it_is_one(schema: object, found: str | None) -> None:
    """Values that only look like schemas are left alone."""
    assert keyword_in(schema, {"minimum"}) == found
    assert keyword_in(schema, set()) is None


@pytest.mark.parametrize("given", ["text", ["a", "b"], [1, 2, 3], [[1], [2]]])
def test_texts_and_tokens_can_be_embedded(given: object) -> None:
    """All four shapes of `input`."""
    check_embeddings({"model": "m", "input": given})


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"input": ""},
        {"input": []},
        {"input": [""]},
        {"input": {"text": "x"}},
        {"input": [1.5]},
        {"input": "x", "encoding_format": "hex"},
        {"input": "x", "dimensions": 0},
        {"input": "x", "dimensions": "8"},
    ],
)
def test_what_is_no_text_cannot(members: dict[str, Any]) -> None:
    """Empty texts, unknown encodings, dimensions of nothing."""
    with pytest.raises(Rejection):
        check_embeddings({"model": "m", **members})
