"""A request into one HTTP request in Gemini's words."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from freetier.dialects.gemini.contents import wire_contents
from freetier.dialects.gemini.settings import generation_config
from freetier.dialects.gemini.tools import tool_fields
from freetier.dialects.jsontext import write
from freetier.dialects.outgoing import post, refused_names
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest

PATH = "/models/{model}:generateContent"
_WHOLE, _STREAM = ":generateContent", ":streamGenerateContent?alt=sse"


def encode(request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
    """Write a request.

    Raises:
        ValueError: It cannot be said to this candidate; the text says what.
    """
    contents, system = wire_contents(request.messages, candidate)
    body: dict[str, Any] = {"contents": contents}
    if system:
        body["systemInstruction"] = {"parts": [{"text": system}]}
    body |= tool_fields(request)
    refused = refused_names(candidate)
    config, dropped = generation_config(request, candidate, refused)
    if config:
        body["generationConfig"] = config
    for name, value in candidate.quirks.body.items():
        body.setdefault(name, value)
    return Encoded(
        request=post(candidate, path_of(candidate, stream=stream), write(body), stream=stream),
        dropped=(*dropped, *request.extra),
    )


def path_of(candidate: Candidate, *, stream: bool) -> str:
    """Return the path of a model, below the base URL."""
    pattern = candidate.quirks.chat_path
    if "{model}" not in pattern:
        pattern = PATH
    if stream:
        pattern = pattern.replace(_WHOLE, _STREAM)
    return pattern.replace("{model}", name_of(candidate))


def name_of(candidate: Candidate) -> str:
    """Return a model's id as it stands in a path."""
    return quote(candidate.model.id.removeprefix("models/"), safe="")
