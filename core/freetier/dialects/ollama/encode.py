"""A request in Ollama's words."""

from __future__ import annotations

from typing import Any

from freetier.dialects.jsontext import Unreadable, read, write
from freetier.dialects.media import content_of
from freetier.dialects.openai.encode import written
from freetier.dialects.openai.messages import WireMessage
from freetier.dialects.outgoing import post
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, MediaPart

OPTIONS = (
    "temperature", "top_p", "top_k", "seed", "stop", "presence_penalty", "frequency_penalty",
    "num_predict",
)  # fmt: skip
"""Members that stand in `options`, by the names that the quirks give them."""


def encode(request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
    """Write a request.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    said = written(request, candidate, stream=stream)
    body = {**said.body, "stream": stream}
    options = {name: body.pop(name) for name in OPTIONS if name in body}
    if candidate.model.context:
        options["num_ctx"] = candidate.model.context
    if options:
        body["options"] = options
    body["messages"] = _messages(body["messages"])
    shape = body.pop("response_format", None)
    if shape is not None:
        body["format"] = shape.get("json_schema", {}).get("schema") or "json"
    effort = body.pop("reasoning_effort", None)
    if effort is not None:
        body["think"] = effort != "none"
    return Encoded(
        request=post(candidate, candidate.quirks.chat_path, write(body), stream=stream),
        dropped=said.dropped,
        passed_on=said.passed_on,
    )


def _messages(messages: list[WireMessage]) -> list[WireMessage]:
    """Return a conversation whose calls hold values, whose answers go by name, and whose
    pictures stand beside the words.
    """  # noqa: D205 - one sentence
    names: dict[str, str] = {}
    out = []
    for message in messages:
        for call in message.get("tool_calls", ()):
            names[call["id"]] = call["function"]["name"]
        out.append(_message(message, names))
    return out


def _message(message: WireMessage, names: dict[str, str]) -> WireMessage:
    wire: dict[str, Any] = {"role": message["role"], "content": message.get("content") or ""}
    if message["role"] == "tool":
        wire["tool_name"] = names.get(message["tool_call_id"], "")
    if "tool_calls" in message:
        wire["tool_calls"] = [
            {"function": {"name": f["name"], "arguments": _values(f["arguments"])}}
            for f in (call["function"] for call in message["tool_calls"])
        ]
    if "thinking" in message:
        wire["thinking"] = message["thinking"]
    if not isinstance(wire["content"], list):
        return wire
    parts = wire["content"]
    wire["content"] = "\n".join(part["text"] for part in parts if part["type"] == "text")
    wire["images"] = [_image(part) for part in parts if part["type"] != "text"]
    return wire


def _image(part: dict[str, Any]) -> str:
    if part["type"] != "image_url":
        raise ValueError("this dialect takes text and images only")
    return content_of(MediaPart(kind="image", url=part["image_url"]["url"]))[1]


def _values(arguments: str) -> Any:  # noqa: ANN401 - any JSON object
    try:
        found = read(arguments.encode("utf-8", "replace"))
    except Unreadable:
        return {}
    return found if isinstance(found, dict) else {}
