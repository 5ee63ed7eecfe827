"""What the tests of the test kit share: requests, and reading what comes back."""

from __future__ import annotations

import json
from typing import Any

from freetier.testing import FakeProvider, Fleet, Incoming
from freetier.values.wire import Answer, Broken, HttpRequest

T0 = 1_795_219_200.0
"""2026-11-21 00:00:00 UTC."""

HELLO = [{"role": "user", "content": "Hello there my friend"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def chat_body(**members: Any) -> bytes:
    """Return the body of a chat request; a member given as None is left out."""
    body = {"model": "small", "messages": HELLO, **members}
    return json.dumps({k: v for k, v in body.items() if v is not None}).encode()


def incoming(provider: FakeProvider, account: str | None = None, **members: Any) -> Incoming:
    """Return a chat request of an account (by default the first) of a provider alone."""
    label = account or next(iter(provider.register.accounts))
    return Incoming(
        method="POST",
        path="/v1/chat/completions",
        headers={"authorization": f"Bearer {provider.register.accounts[label].key}"},
        body=chat_body(**members),
    )


def request(fleet: Fleet, account: str, **members: Any) -> HttpRequest:
    """Return a chat request of an account of a fleet."""
    entry = next(e for e in fleet.config()["accounts"] if e["id"] == account)
    key = entry["auth"]["api_key"]
    if fleet.providers[entry["provider"]].form.tongue == "gemini":
        return native_request(entry["base_url"], key, is_stream=bool(members.get("stream")))
    return HttpRequest(
        method="POST",
        url=entry["base_url"] + "/chat/completions",
        headers=(
            ("Authorization", f"Bearer {key}"),
            ("Content-Type", "application/json"),
        ),
        body=chat_body(**members),
    )


def native_request(base_url: str, key: str, *, is_stream: bool = False) -> HttpRequest:
    """Return a chat request in Gemini's own language."""
    method = "streamGenerateContent?alt=sse" if is_stream else "generateContent"
    contents = [{"role": "user", "parts": [{"text": HELLO[0]["content"]}]}]
    return HttpRequest(
        method="POST",
        url=f"{base_url}/models/small:{method}",
        headers=(("x-goog-api-key", key), ("Content-Type", "application/json")),
        body=json.dumps({"contents": contents}).encode(),
    )


def read(answer: Answer | Broken) -> tuple[int, bytes, Broken | None]:
    """Return status and body of an answer read by a thread, and how it broke."""
    if isinstance(answer, Broken):
        return 0, b"", answer
    data = b""
    while part := answer.body.read(None):
        if isinstance(part, Broken):
            return answer.status, data, part
        data += part
    answer.body.close()
    return answer.status, data, None


async def aread(answer: Answer | Broken) -> tuple[int, bytes, Broken | None]:
    """Return the same of an answer read by a task."""
    if isinstance(answer, Broken):
        return 0, b"", answer
    data = b""
    while part := await answer.body.read(None):
        if isinstance(part, Broken):
            return answer.status, data, part
        data += part
    await answer.body.close()
    return answer.status, data, None


def events(stream: bytes) -> list[Any]:
    """Return the events of a stream: JSON where it is JSON, else text."""
    found: list[Any] = []
    for block in stream.decode().replace("\r\n", "\n").split("\n\n"):
        text = block.removeprefix("data: ")
        if text:
            found.append(json.loads(text) if text.startswith(("{", "[{")) else text)
    return found


def told_text(stream: bytes) -> str:
    """Return the text of a streamed answer."""
    deltas = (c["choices"][0]["delta"] for c in events(stream) if chunk_with_choice(c))
    return "".join(delta.get("content") or "" for delta in deltas)


def chunk_with_choice(event: Any) -> bool:
    """Return whether an event is a chunk with a choice."""
    return isinstance(event, dict) and bool(event.get("choices"))
