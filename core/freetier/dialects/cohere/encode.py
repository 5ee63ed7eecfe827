"""A request in Cohere's words: OpenAI's members, of which some are said otherwise."""

from __future__ import annotations

from typing import Any

from freetier.dialects.jsontext import write
from freetier.dialects.openai.encode import written
from freetier.dialects.outgoing import post
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest

_CHOICES = {"required": "REQUIRED", "none": "NONE"}
"""Their words for a choice; `auto` is what holds without one."""


def encode(request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
    """Write a request.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    said = written(request, candidate, stream=stream)
    body = said.body
    body["stream"] = stream
    choice = _CHOICES.get(body.pop("tool_choice", ""))
    if choice is not None:
        body["tool_choice"] = choice
    if "response_format" in body:
        body["response_format"] = _format(body["response_format"])
    effort = body.pop("reasoning_effort", None)
    if effort is not None:
        body["thinking"] = {"type": "disabled" if effort == "none" else "enabled"}
    return Encoded(
        request=post(candidate, candidate.quirks.chat_path, write(body), stream=stream),
        dropped=said.dropped,
        passed_on=said.passed_on,
    )


def _format(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of an answer: a schema stands beside the word for any object."""
    schema = wanted.get("json_schema", {}).get("schema")
    return {"type": "json_object", "json_schema": schema} if schema else {"type": "json_object"}
