"""The fake Gemini refuses what Google refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.testing import FakeProvider, Incoming
from tests.wire.samples import sample

HI = {"role": "user", "parts": [{"text": "hi"}]}
CALL = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]}
SIGNED = {"role": "model", "parts": [{**CALL["parts"][0], "thoughtSignature": "U0lHTkFUVVJF"}]}
TOLD = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}]}
PATH = "/v1beta/models/{}:generateContent"


def answer(model: str = "gemini-2.5-flash", key: str = "fake-key-of-gemini-1", **body: Any):
    """Return status and JSON of the answer to a request."""
    request = Incoming(
        method="POST",
        path=PATH.format(model),
        headers={"x-goog-api-key": key},
        body=json.dumps({"contents": [HI], **body}).encode(),
    )
    reply = FakeProvider("gemini").reply(request, 0.0)
    return reply.status, json.loads(reply.body)


def declared(**schema: Any) -> dict[str, Any]:
    """Return the tools of a request: one, with a property of this schema."""
    parameters = {"type": "OBJECT", "properties": {"a": schema}}
    return {"tools": [{"functionDeclarations": [{"name": "f", "parameters": parameters}]}]}


def test_an_unknown_field_is_refused_as_in_the_sample():
    """Message, status and details of the recorded answer, word for word."""
    parameters = {"type": "OBJECT", "properties": {"a": {"type": "STRING"}},
                  "additionalProperties": False}  # fmt: skip
    tools = [{"functionDeclarations": [{"name": "f", "parameters": parameters}]}]
    recorded = json.loads(sample("gemini/400_bad_request.json").body)
    assert answer(tools=tools) == (400, recorded)


@pytest.mark.parametrize(
    "body",
    [
        {"messages": []},
        {"contents": []},
        {"contents": [{"role": "system", "parts": [{"text": "a"}]}]},
        {"contents": [{"role": "user", "parts": []}]},
        {"contents": [{"role": "user", "parts": [{}]}]},
        {"contents": [{"role": "user", "parts": [{"text": "a", "inlineData": {}}]}]},
        {"contents": [{"role": "user", "parts": [{"inlineData": {"data": "QQ=="}}]}]},
        {"contents": [{"role": "user", "parts": [{"text": "a", "cache_control": {}}]}]},
        {"contents": [HI, CALL]},
        {"contents": [CALL, TOLD]},
        {"contents": [HI, CALL, TOLD, HI, TOLD]},
        {"contents": [HI, {"role": "model", "parts": [{"functionCall": {"args": {}}}]}]},
        {"generationConfig": {"max_tokens": 5}},
        {"generationConfig": {"maxOutputTokens": 0}},
        {"generationConfig": {"temperature": 3}},
        {"generationConfig": {"stopSequences": ["a"] * 6}},
        {"generationConfig": {"responseSchema": {"type": "STRING"}}},
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "huge"}}},
        {"generationConfig": {"responseMimeType": "application/json",
                              "responseSchema": {"type": "STRING", "minLength": 2}}},
        {"toolConfig": {"functionCallingConfig": {"mode": "SOME"}}},
        {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["x"]}}},
        {"tools": [{"functionDeclarations": [{"name": "2"}]}]},
        {"tools": [{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "strict": True}]}]},
        {"tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]},
        declared(type=["STRING", "NULL"]),
        declared(type="TEXT"),
        declared(),
        declared(type="STRING", format="email"),
        declared(type="INTEGER", enum=[1]),
        declared(type="STRING", enum=[""]),
        declared(type="ARRAY"),
        declared(type="STRING", const="a"),
        declared(type="OBJECT", required=["b"]),
        declared(anyOf=[{"type": "STRING"}], description="a"),
    ],
    ids=lambda body: json.dumps(body)[:60],
)  # fmt: skip
def test_what_google_refuses_is_refused(body):
    """400 with the status INVALID_ARGUMENT."""
    status, said = answer(**body)
    assert (status, said["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("turn", "model", "status"),
    [
        (CALL, "gemini-2.5-flash", 200),
        (CALL, "gemini-3.5-flash", 400),
        (SIGNED, "gemini-3.5-flash", 200),
    ],
)
def test_gemini_3_demands_the_signature_of_a_call(turn, model, status):
    """Older models do not; the words are those of the sample."""
    found, said = answer(model, contents=[HI, turn, TOLD])
    assert found == status
    if status == 400:
        recorded = json.loads(sample("gemini/400_missing_thought_signature.json").body)
        pattern = recorded["error"]["message"].partition("Additional")[0]
        assert said["error"]["message"].startswith(pattern)


def test_turns_before_the_users_last_words_need_no_signature():
    """Only the current turn is checked."""
    status, _ = answer("gemini-3.5-flash", contents=[HI, CALL, TOLD, HI])
    assert status == 200


def test_a_signature_of_somebody_else_is_refused():
    """Whatever the model."""
    foreign = {"role": "model", "parts": [{**CALL["parts"][0], "thoughtSignature": "QUJD"}]}
    status, said = answer(contents=[HI, foreign, TOLD])
    assert (status, said["error"]["message"]) == (400, "Corrupted thought signature.")


@pytest.mark.parametrize(
    ("file", "key"), [("400_bad_key.json", "AIza-wrong"), ("403_no_key.json", "")]
)
def test_keys_are_refused_as_in_the_samples(file, key):
    """A wrong one is 400, none at all 403."""
    recorded = sample(f"gemini/{file}")
    assert answer(key=key)[0] == recorded.status
    assert answer(key=key)[1]["error"]["message"] == json.loads(recorded.body)["error"]["message"]


def test_an_unknown_path_is_not_found_before_the_key_is_looked_at():
    """404 with an empty page."""
    request = Incoming(method="POST", path="/v1beta/chat/completions", headers={}, body=b"{}")
    reply = FakeProvider("gemini").reply(request, 0.0)
    assert (reply.status, reply.body) == (404, b"")
    assert ("content-type", "text/html") in reply.headers
