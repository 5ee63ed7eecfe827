"""Requests in Gemini's words: address, settings, what is left out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from freetier.values.chat import ChatRequest, ResponseFormat
from tests.core.dialects.build import KEY
from tests.core.dialects.build import candidate as elsewhere
from tests.core.dialects.gemini.cases import DIALECT, USER, candidate

ALL = ChatRequest(
    messages=(USER,),
    max_tokens=9,
    temperature=0.5,
    top_p=0.9,
    stop=("END",),
    seed=7,
    presence_penalty=0.1,
    frequency_penalty=0.2,
    extra={"top_k": 3, "user": "u"},
    parallel_tool_calls=False,
)


def encoded(request: ChatRequest = ALL, model: str = "gemini-3.5-flash", *, stream: bool = False):
    """Return what is sent, and its body."""
    made = DIALECT.encode(request, candidate(model), stream=stream)
    return made, json.loads(made.request.body)


def test_every_setting_has_its_own_name():
    """Those of `generationConfig`; what has no word is told as dropped."""
    made, body = encoded()
    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "stopSequences": ["END"],
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
    }
    assert made.dropped == ("parallel_tool_calls", "top_k", "user")


def test_newer_models_are_sent_no_sampling():
    """Gemini 3.6 and later refuse it."""
    made, body = encoded(model="gemini-3.7-flash")
    assert not {"temperature", "topP"} & set(body["generationConfig"])
    assert made.dropped[:2] == ("temperature", "top_p")


@pytest.mark.parametrize(
    ("model", "stream", "path"),
    [
        ("gemini-3.5-flash", False, "/models/gemini-3.5-flash:generateContent"),
        ("gemini-3.5-flash", True, "/models/gemini-3.5-flash:streamGenerateContent?alt=sse"),
        ("models/m", False, "/models/m:generateContent"),
        ("a/b?c d", False, "/models/a%2Fb%3Fc%20d:generateContent"),
    ],
)
def test_the_model_stands_in_the_path(model, stream, path):
    """Quoted, so that no name can lead elsewhere."""
    made, _ = encoded(model=model, stream=stream)
    assert made.request.url == "https://generativelanguage.googleapis.com/v1beta" + path
    assert made.request.stream is stream


def test_the_key_stands_in_a_header_only():
    """An address may be logged by anybody on the way."""
    request = encoded()[0].request
    assert dict(request.headers)["x-goog-api-key"] == KEY
    assert KEY not in request.url
    assert KEY.encode() not in request.body


def test_a_provider_of_the_users_own_needs_no_path():
    """The language has one of its own."""
    request = DIALECT.encode(ALL, elsewhere(), stream=True).request
    assert request.url.endswith("/v1/models/m-1:streamGenerateContent?alt=sse")


@pytest.mark.parametrize(
    ("model", "effort", "thinking"),
    [
        ("gemini-3.5-flash", "high", {"thinkingLevel": "high", "includeThoughts": True}),
        ("gemini-3.5-flash", "xhigh", {"thinkingLevel": "high", "includeThoughts": True}),
        ("gemini-3.5-flash", "none", {"thinkingLevel": "minimal"}),
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-flash", "low", {"thinkingBudget": 1024, "includeThoughts": True}),
    ],
)
def test_effort_is_a_level_or_a_budget(model, effort, thinking):
    """By the model."""
    request = ChatRequest(messages=(USER,), reasoning_effort=effort)
    assert encoded(request, model)[1]["generationConfig"] == {"thinkingConfig": thinking}


def test_what_gemini_complained_of_is_left_out_by_its_name():
    """An unknown field is named in Google's words, which a candidate then carries."""
    whom = candidate()
    quirks = replace(whom.quirks, drop=frozenset({"presencePenalty", "thinkingConfig"}))
    refusing = replace(whom, provider=replace(whom.provider, quirks=quirks))
    request = replace(ALL, extra={}, parallel_tool_calls=None, reasoning_effort="low")
    made = DIALECT.encode(request, refusing, stream=False)
    assert made.dropped == ("presence_penalty", "reasoning_effort")
    assert b"presencePenalty" not in made.request.body


def test_more_stops_than_gemini_takes_cannot_be_said():
    """Leaving some out would change the answer."""
    with pytest.raises(ValueError, match="at most 5 stop sequences"):
        encoded(ChatRequest(messages=(USER,), stop=tuple("abcdef")))


def test_an_unknown_effort_is_told_as_dropped():
    """Nothing is guessed."""
    made, body = encoded(ChatRequest(messages=(USER,), reasoning_effort="heroic"))
    assert made.dropped == ("reasoning_effort",)
    assert "generationConfig" not in body


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (ResponseFormat(kind="json_object"), {}),
        (ResponseFormat(kind="json_schema"), {}),
        (
            ResponseFormat(kind="json_schema", schema={"type": "array", "items": {"const": "a"}}),
            {"responseSchema": {
                "type": "ARRAY", "items": {"type": "STRING", "format": "enum", "enum": ["a"]}}},
        ),
    ],
)  # fmt: skip
def test_an_answer_in_json_has_a_type_and_maybe_a_schema(wanted, fields):
    """A schema that allows anything is not sent."""
    body = encoded(ChatRequest(messages=(USER,), response_format=wanted))[1]
    assert body["generationConfig"] == {"responseMimeType": "application/json", **fields}


def test_a_schema_that_cannot_be_said_names_its_place():
    """The router goes on to a candidate that can say it."""
    wanted = ResponseFormat(kind="json_schema", schema={"properties": {"a": {"$ref": "#"}}})
    with pytest.raises(ValueError, match=r"response_format\.schema\.properties\.a"):
        encoded(ChatRequest(messages=(USER,), response_format=wanted))
