"""From what a model said to a reply: shape, faults, times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freetier.testing import faults
from freetier.testing.arrival import Call
from freetier.testing.breakage import (
    encode,
    spoil_body,
    spoil_events,
    spoil_pieces,
    spoil_said,
    spoil_vectors,
)
from freetier.testing.faults import Fault
from freetier.testing.forms import compact
from freetier.testing.jsons import Json
from freetier.testing.rates import cost_headers
from freetier.testing.replies import Piece, Reply
from freetier.testing.said import Said, Usage
from freetier.testing.shapes import Turn, usage_json
from freetier.testing.strict import inputs
from freetier.testing.styles.form import Style
from freetier.testing.tokens import tokens
from freetier.testing.tongues import TONGUES
from freetier.testing.vectors import packed, vector
from freetier.values.wire import Header

LETTERS_OF_A_TOKEN = 4
JSON: Header = ("content-type", "application/json")
EVENTS: Header = ("content-type", "text/event-stream; charset=utf-8")


@dataclass(slots=True, kw_only=True)
class Answering:
    """What an answer needs beside its words.

    Args:
        style: the vendor.
        call: the request.
        at: the provider's instant.
        headers: rate headers and constant ones.
        pause: seconds before the headers.
        token_rate: tokens a second; None = all at once.
    """

    style: Style
    call: Call
    at: float
    headers: tuple[Header, ...]
    pause: float
    token_rate: float | None

    def seconds(self, tokens: float) -> float:
        """Return how long so many tokens take."""
        return tokens / self.token_rate if self.token_rate else 0.0


def chat_reply(answering: Answering, said: Said, prompt: int, fault: Fault) -> tuple[Reply, Usage]:
    """Return a chat answer and what it used, whether the answer tells it or not.

    Args:
        answering: the request and its circumstances.
        said: what the model said.
        prompt: tokens of the prompt.
        fault: what goes wrong.
    """
    is_sound = isinstance(fault, faults.Ok)
    said = said if is_sound else spoil_said(fault, said)
    usage = said.usage or Usage(prompt=prompt, output=said.output, reasoning=tokens(said.reasoning))
    call = answering.call
    options = call.body.get("stream_options") or {}
    turn = Turn(
        style=answering.style,
        said=said,
        usage=usage,
        model=call.model,
        number=call.number,
        at=answering.at,
        asked_usage=options.get("include_usage") is True,
    )
    if call.stream:
        reply = _sent(answering, EVENTS, _streamed(answering, turn, fault), usage, fault)
    else:
        pause = answering.seconds(usage.output)
        body = TONGUES[turn.style.tongue].whole(turn)
        data = compact(body) if is_sound else spoil_body(fault, turn, body)
        reply = _sent(answering, JSON, [Piece(data)], usage, fault, pause)
    return reply, usage


def _streamed(answering: Answering, turn: Turn, fault: Fault) -> list[Piece]:
    events = spoil_events(fault, turn, TONGUES[turn.style.tongue].events(turn))
    return [
        Piece(encode(event), answering.seconds(event.weight / LETTERS_OF_A_TOKEN))
        for event in events
    ]


def vectors_reply(answering: Answering, usage: Usage, fault: Fault, dimensions: int) -> Reply:
    """Return the vectors of an embedding request.

    Args:
        answering: the request and its circumstances.
        usage: tokens of the texts.
        fault: what goes wrong; those of streams do nothing here.
        dimensions: the model's own.
    """
    answer = vectors_json(answering, usage, dimensions)
    answer = TONGUES[answering.style.tongue].vectors(answer)
    data = spoil_vectors(fault, answering.style, answering.call.facts, answer)
    return _sent(answering, JSON, [Piece(data)], usage, fault)


def vectors_json(answering: Answering, usage: Usage, dimensions: int) -> Json:
    """Return the body of an embedding answer, in OpenAI's shape."""
    body, style = answering.call.body, answering.style
    dimensions = body.get("dimensions") or dimensions
    is_packed = body.get("encoding_format") == "base64"
    data: list[Json] = []
    for index, text in enumerate(inputs(body)):
        values = vector(text, dimensions)
        told = packed(values) if is_packed else values
        data.append({"object": "embedding", "index": index, "embedding": told})
    answer: Json = {"object": "list", "data": data, "model": answering.call.model}
    if style.chat.embedding_usage:
        counted = usage_json(style, usage)
        answer["usage"] = {key: counted[key] for key in ("prompt_tokens", "total_tokens")}
    return answer


def _sent(
    answering: Answering,
    content: Header,
    pieces: Sequence[Piece],
    usage: Usage,
    fault: Fault,
    pause: float = 0.0,
) -> Reply:
    cost = cost_headers(answering.style, 200, usage.total)
    headers = (content, *answering.headers, *cost)
    if isinstance(fault, faults.Ok):
        return Reply(headers=headers, pieces=tuple(pieces), after=answering.pause + pause)
    stall = fault.seconds if isinstance(fault, faults.Stall) else 0.0
    return Reply(
        headers=headers,
        pieces=tuple(spoil_pieces(fault, pieces)),
        after=answering.pause + pause + stall,
        ending="cut" if isinstance(fault, faults.Cut) else "whole",
    )


def list_reply(style: Style, ids: Sequence[str], path: str) -> Reply:
    """Return the list of models, or the page of it that the path asks for."""
    body = compact(TONGUES[style.tongue].listing(style, ids, path))
    return Reply(headers=(JSON,), pieces=(Piece(body),))
