"""A model's answer in Google's words: a whole body, the chunks of a stream, a list of models."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from freetier.testing.jsons import Json
from freetier.testing.said import Call
from freetier.testing.shapes import Event, Turn, call_id, pieces
from freetier.testing.styles.form import Style
from freetier.testing.styles.gemini import SIGNATURE
from freetier.testing.tokens import tokens

FINISHES = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "content_filter": "SAFETY",
}
WITH_IDS = re.compile(r"gemini-(3\.[89]|[4-9])")
"""Models whose calls have ids; those of older ones are matched by name and order."""

RATING = {
    "category": "HARM_CATEGORY_DANGEROUS_CONTENT",
    "probability": "HIGH",
    "blocked": True,
}
PAGE = 50
METHODS = ("generateContent", "countTokens")


def whole_json(turn: Turn) -> Json:
    """Return the body of a whole answer; a prompt that is blocked has no candidates."""
    if turn.said.finish == "blocked":
        block = {"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": [RATING]}}
        return {**block, "usageMetadata": usage_json(turn, 0), **frame(turn)}
    parts = [*thought_parts(turn.said.reasoning), *text_parts(turn.said.text), *call_parts(turn)]
    return chunk(turn, parts, turn.usage.output, last=True)


def stream_events(turn: Turn) -> list[Event]:
    """Return the events of a streamed answer; there is no `[DONE]`."""
    if turn.said.finish == "blocked":
        return [Event("finish", whole_json(turn))]
    said, told, events = turn.said, 0, []
    steps = [
        *(("text", thought_parts(piece), piece) for piece in pieces(said.reasoning)),
        *(("text", text_parts(piece), piece) for piece in pieces(said.text)),
    ]
    for _, parts, piece in steps:
        told += tokens(piece)
        events.append(Event("text", chunk(turn, parts, told), len(piece)))
    if said.calls:
        size = sum(len(call.text) for call in said.calls)
        events.append(Event("call", chunk(turn, call_parts(turn), turn.usage.output), size))
    if events and events[-1].part == "text":
        parts, weight = steps[-1][1], events.pop().weight
        return [*events, Event("finish", chunk(turn, parts, turn.usage.output, last=True), weight)]
    closing = chunk(turn, [{"text": ""}], turn.usage.output, last=True)
    return [*events, Event("finish", closing)]


def usage_chunk(turn: Turn) -> Json:
    """Return a chunk that only tells usage."""
    return {"usageMetadata": usage_json(turn, turn.usage.output), **frame(turn)}


def chunk(turn: Turn, parts: list[Json], told: int, *, last: bool = False) -> Json:
    """Return one chunk; usage is that of all chunks so far."""
    candidate: Json = {"content": {"role": "model"}, "index": 0}
    if parts:
        candidate["content"]["parts"] = parts
    if last:
        finish = turn.said.finish or "stop"
        candidate["finishReason"] = FINISHES.get(finish, finish)
    return {"candidates": [candidate], "usageMetadata": usage_json(turn, told), **frame(turn)}


def usage_json(turn: Turn, told: int) -> Json:
    """Return usage; thoughts come on top of the candidates' tokens."""
    usage = turn.usage
    thoughts = min(usage.reasoning, told)
    counts: Json = {"promptTokenCount": usage.prompt}
    if told:
        counts["candidatesTokenCount"] = told - thoughts
    if thoughts:
        counts["thoughtsTokenCount"] = thoughts
    details = [{"modality": "TEXT", "tokenCount": usage.prompt}]
    return {**counts, "totalTokenCount": usage.prompt + told, "promptTokensDetails": details}


def frame(turn: Turn) -> Json:
    """Return what all chunks of an answer share."""
    return {"modelVersion": turn.model, "responseId": turn.id}


def text_parts(text: str) -> list[Json]:
    """Return a text as parts."""
    return [{"text": text}] if text else []


def thought_parts(text: str) -> list[Json]:
    """Return thoughts as parts."""
    return [{"text": text, "thought": True}] if text else []


def call_parts(turn: Turn) -> list[Json]:
    """Return calls as parts; only the first is signed."""
    parts = [call_part(turn, call, place) for place, call in enumerate(turn.said.calls)]
    return [{**parts[0], "thoughtSignature": SIGNATURE}, *parts[1:]] if parts else []


def call_part(turn: Turn, call: Call, place: int) -> Json:
    """Return one call; arguments are an object, whatever the model wrote."""
    arguments = json.loads(call.text) if isinstance(call.arguments, str) else call.arguments
    function: Json = {"name": call.name, "args": dict(arguments)}
    if WITH_IDS.match(turn.model):
        function["id"] = call_id(turn.style, turn.number, place)
    return {"functionCall": function}


def list_json(style: Style, ids: Sequence[str], path: str) -> Json:
    """Return a page of the list of models, as `pageSize` and `pageToken` ask for."""
    asked = parse_qs(urlsplit(path).query)
    start, size = (int(asked.get(n, [d])[0]) for n, d in (("pageToken", "0"), ("pageSize", PAGE)))
    models = [
        {
            "name": style.model_prefix + name,
            "displayName": name,
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": list(METHODS),
        }
        for name in ids[start : start + size]
    ]
    more = {"nextPageToken": str(start + size)} if start + size < len(ids) else {}
    return {"models": models, **more}
