"""The fake Gemini answers as the recorded one does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier.testing import Call, FakeProvider, Incoming, Limit, Said, Upstream
from tests.core.testing.test_styles import missing, shape, skeleton
from tests.wire.samples import sample

OSLO, BERGEN = (Call("get_weather", {"city": city}) for city in ("Oslo", "Bergen"))
TEXT = "Oslo is cold and clear today."
HEADERS = {"x-goog-api-key": "fake-key-of-gemini-1"}


def reply(said: Said | str, *, is_stream: bool = False, model: str = "gemini-3.8-flash"):
    """Return the answer of a fake that says this."""
    method = "streamGenerateContent?alt=sse" if is_stream else "generateContent"
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}).encode()
    path = f"/v1beta/models/{model}:{method}"
    request = Incoming(method="POST", path=path, headers=HEADERS, body=body)
    return FakeProvider("gemini", answer=said).reply(request, 0.0)


def chunks(body: bytes) -> list[dict[str, Any]]:
    """Return the JSON of each event."""
    return [json.loads(line[6:]) for line in body.split(b"\n\n") if line]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("success.json", Said(text=TEXT)),
        ("tool_call.json", Said(calls=(OSLO,))),
        ("blocked_prompt.json", Said(finish="blocked")),
    ],
)
def test_a_whole_answer_has_everything_the_vendor_sends(file, said):
    """Every member of the sample, of its kind."""
    recorded, made = json.loads(sample(f"gemini/{file}").body), json.loads(reply(said).body)
    assert missing(shape(recorded), shape(made)) == []
    if "candidates" in recorded:
        assert made["candidates"][0]["finishReason"] == recorded["candidates"][0]["finishReason"]


@pytest.mark.parametrize(
    ("file", "said", "model"),
    [
        ("success.sse", Said(text=TEXT, reasoning="Well then."), "gemini-3.5-flash-lite"),
        ("tool_call.sse", Said(calls=(OSLO, BERGEN)), "gemini-3.5-flash-lite"),
    ],
)
def test_a_stream_has_everything_the_vendor_sends(file, said, model):
    """Its first and its last chunk; no `[DONE]`; only the first call is signed."""
    recorded = chunks(sample(f"gemini/{file}").body)
    made = chunks(reply(said, is_stream=True, model=model).body)
    assert missing(shape(recorded[0]), shape(made[-2])) == []
    assert missing(shape(recorded[-1]), shape(made[-1])) == []
    totals = [chunk["usageMetadata"]["totalTokenCount"] for chunk in made]
    assert totals == sorted(totals)


def test_ids_of_calls_are_there_in_newer_models_only():
    """Since 3.8."""
    for model, has_id in (("gemini-3.5-flash", False), ("gemini-3.8-flash", True)):
        said = json.loads(reply(Said(calls=(OSLO,)), model=model).body)
        call = said["candidates"][0]["content"]["parts"][0]["functionCall"]
        assert ("id" in call) == has_id


def test_models_come_in_pages():
    """50 each unless the request says otherwise; the last has no token."""
    provider = FakeProvider("gemini", models=[f"m{n}" for n in range(70)])
    found, token, pages = [], "", 0
    while pages == 0 or token:
        path = f"/v1beta/models?pageSize=30&pageToken={token}" if token else "/v1beta/models"
        request = Incoming(method="GET", path=path, headers=HEADERS)
        page = json.loads(provider.reply(request, 0.0).body)
        found += [model["name"] for model in page["models"]]
        token, pages = page.get("nextPageToken", ""), pages + 1
    assert found == [f"models/m{n}" for n in range(70)]
    assert pages == 2


@pytest.mark.parametrize(
    ("file", "limit"),
    [
        ("429_requests_minute.json", Limit(1, "minute")),
        ("429_tokens_minute.json", Limit(3, "minute", "input_tokens")),
    ],
)
def test_a_refusal_names_the_window_as_the_vendor_does(file, limit):
    """The body of the sample, its numbers and names aside."""
    provider = FakeProvider("gemini", limits=[limit])
    body = json.dumps({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}).encode()
    path = "/v1beta/models/gemini-3.5-flash-lite:generateContent"
    request = Incoming(method="POST", path=path, headers=HEADERS, body=body)
    made = [provider.reply(request, 0.0) for _ in range(2)][-1]
    recorded = sample(f"gemini/{file}")
    assert made.status == 429
    text = recorded.body.replace(b"gemma-4-31b", b"gemini-3.5-flash-lite")
    assert skeleton(made.body) == skeleton(text)


def test_a_server_upstream_cannot_answer_for_gemini():
    """It speaks another language."""
    with pytest.raises(ValueError, match="OpenAI's language only"):
        FakeProvider("gemini", upstream=Upstream(url="http://127.0.0.1:1/v1"))
