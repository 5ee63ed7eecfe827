"""A request in Google's language: read from its path, and put into the shape models read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from freetier.testing.arrival import Call, Heard, Route, json_object
from freetier.testing.gemini.strict import check
from freetier.testing.jsons import Json
from freetier.testing.replies import Incoming
from freetier.testing.styles.form import FieldRules

_PATH = re.compile(r"/v1(?:beta|alpha)?/models(?:/([^/:]+):(\w+))?")
_MODES = {"AUTO": "auto", "NONE": "none", "ANY": "required", "VALIDATED": "auto"}
_SETTINGS = {
    "maxOutputTokens": "max_tokens",
    "temperature": "temperature",
    "topP": "top_p",
    "seed": "seed",
    "stopSequences": "stop",
}


def hear(incoming: Incoming) -> Heard:
    """Read a request; nothing is refused yet."""
    url = urlsplit(incoming.path)
    found = _PATH.fullmatch(url.path)
    model, method = (found[1], found[2]) if found else (None, "none")
    route: Route = "none"
    if incoming.method == "POST" and method in {"generateContent", "streamGenerateContent"}:
        route = "chat"
    elif incoming.method == "POST" and method == "batchEmbedContents":
        route = "embeddings"
    elif incoming.method == "GET" and method is None:
        route = "models"
    shown = incoming.headers.get("x-goog-api-key") or parse_qs(url.query).get("key", [""])[0]
    return Heard(
        route=route,
        key=shown,
        body=json_object(incoming.body),
        model=unquote(model or ""),
        streams=method == "streamGenerateContent",
    )


def checked(call: Call, rules: FieldRules, *, strict: bool) -> Json:  # noqa: ARG001 - its rules are its own
    """Return a request in the shape that fake models read.

    Raises:
        Rejection: Google would not take it.
    """
    check(call.body, call.model, strict=strict)
    body = call.body
    messages = [message for content in body["contents"] for message in _messages(content)]
    system = _text(body.get("systemInstruction", {}).get("parts", []))
    if system:
        messages.insert(0, {"role": "system", "content": system})
    asked: Json = {"model": call.model, "messages": _numbered(messages), **_tools(body)}
    config = body.get("generationConfig", {})
    asked |= {name: config[theirs] for theirs, name in _SETTINGS.items() if theirs in config}
    if config.get("responseMimeType") == "application/json":
        asked["response_format"] = _format(config)
    return {**asked, "stream": True} if call.streams else asked


def _messages(content: Json) -> list[Json]:
    parts = content["parts"]
    if content.get("role") == "model":
        calls = [_call(part["functionCall"]) for part in parts if "functionCall" in part]
        said: Json = {"role": "assistant", "content": _text(parts)}
        return [{**said, "tool_calls": calls} if calls else said]
    answers = [
        {"role": "tool", "content": _shown(part["functionResponse"]["response"])}
        for part in parts
        if "functionResponse" in part
    ]
    words = [_part(part) for part in parts if "functionResponse" not in part]
    return [*answers, *([{"role": "user", "content": words}] if words else [])]


def _part(part: Json) -> Json:
    if "text" in part:
        return {"type": "text", "text": part["text"]}
    return {"type": "file", "file": part}


def _call(call: Json) -> Json:
    function = {"name": call["name"], "arguments": json.dumps(call.get("args", {}))}
    return {"type": "function", "function": function}


def _numbered(messages: list[Json]) -> list[Json]:
    """Give calls ids, and each answer the id of its call: they come in the same order."""
    waiting: list[str] = []
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            message["tool_call_id"] = waiting.pop(0)
            continue
        calls = message.get("tool_calls", ())
        waiting = [f"c{place}-{number}" for number in range(len(calls))]
        for call, name in zip(calls, waiting, strict=True):
            call["id"] = name
    return messages


def _tools(body: Json) -> Json:
    declared = [f for tool in body.get("tools", ()) for f in tool.get("functionDeclarations", ())]
    if not declared:
        return {}
    config = body.get("toolConfig", {}).get("functionCallingConfig", {})
    names = config.get("allowedFunctionNames")
    tools = [
        {
            "type": "function",
            "function": {**f, "parameters": as_json_schema(f.get("parameters", {}))},
        }
        for f in declared
        if not names or f["name"] in names
    ]
    return {"tools": tools, "tool_choice": _MODES[config.get("mode", "AUTO")]}


def _format(config: Json) -> Json:
    if "responseSchema" not in config:
        return {"type": "json_object"}
    schema = {"name": "answer", "schema": as_json_schema(config["responseSchema"])}
    return {"type": "json_schema", "json_schema": schema}


def as_json_schema(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return Google's schema as a JSON schema: its types are written in capitals."""
    if isinstance(schema, Mapping):
        return {
            key: value.lower()
            if key == "type" and isinstance(value, str)
            else value
            if key == "enum"
            else as_json_schema(value)
            for key, value in schema.items()
        }
    return [as_json_schema(item) for item in schema] if isinstance(schema, list) else schema


def _text(parts: list[Json]) -> str:
    return "\n".join(p["text"] for p in parts if p.get("text") and not p.get("thought"))


def _shown(response: Json) -> str:
    inner = response.get("result") if set(response) == {"result"} else response
    return inner if isinstance(inner, str) else json.dumps(inner)
