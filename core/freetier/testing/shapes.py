"""A model's answer in a vendor's shape: a whole body, or the chunks of a stream."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from freetier.testing.forms import fill
from freetier.testing.jsons import Json
from freetier.testing.said import Call, Said, Usage
from freetier.testing.styles.form import Style

WORDS_IN_A_PIECE = 3
FRAGMENT = 12
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

Part = Literal["comment", "open", "text", "call", "finish", "usage", "done", "error", "bad"]


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: what part of the answer it is, its JSON, its tokens."""

    part: Part
    data: Json | str
    weight: int = 0


@dataclass(slots=True, kw_only=True)
class Turn:
    """One answer with everything its shape needs.

    Args:
        style: the vendor.
        said: the answer.
        usage: what is reported.
        model: what the request called the model.
        number: of the request at this provider; ids come from it.
        at: the provider's instant.
        asked_usage: whether the request asked for usage in the stream.
    """

    style: Style
    said: Said
    usage: Usage
    model: str
    number: int
    at: float
    asked_usage: bool = False

    @property
    def id(self) -> str:
        """The answer's id."""
        return self.style.chat.id.format(number=self.number)

    @property
    def finish(self) -> str:
        """The finish reason."""
        if self.said.finish is not None:
            return self.said.finish
        return self.style.chat.finish_with_calls if self.said.calls else "stop"

    def facts(self, **more: object) -> Json:
        """Return what templates of the style may name."""
        return {
            "request_id": f"req_{self.number:08d}",
            "created": int(self.at),
            "finish": None,
            **more,
        }


def usage_json(style: Style, usage: Usage) -> Json:
    """Return usage in a vendor's shape."""
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        **fill(style.chat.usage, {"reasoning_tokens": usage.reasoning}),
    }


def call_id(style: Style, number: int, place: int) -> str:
    """Return the id of a tool call: nine letters or digits after the vendor's prefix."""
    digest = hashlib.blake2b(f"{number}/{place}".encode(), digest_size=9).digest()
    return style.chat.call_prefix + "".join(LETTERS[byte % len(LETTERS)] for byte in digest)


def whole_json(turn: Turn) -> Json:
    """Return the body of a whole answer."""
    style = turn.style
    choice = {
        "index": 0,
        "message": message_json(turn),
        "finish_reason": turn.finish,
        **fill(style.chat.choice, {"finish": turn.finish}),
    }
    return {
        "id": turn.id,
        "object": "chat.completion",
        "created": int(turn.at),
        "model": turn.model,
        "choices": [choice],
        "usage": usage_json(style, turn.usage),
        **fill(style.chat.top, turn.facts()),
    }


def message_json(turn: Turn) -> Json:
    """Return the message of a whole answer."""
    form, said = turn.style.chat, turn.said
    content: Any = said.text
    if said.calls and not said.text:
        content = form.text_with_calls
    message: Json = {"role": "assistant", "content": content, **form.message}
    if said.reasoning:
        message |= reasoning_json(turn.style, said.reasoning, said.text)
    if said.calls:
        message["tool_calls"] = [
            call_json(turn, call, place, indexed=form.call_index)
            for place, call in enumerate(said.calls)
        ]
    return message


def reasoning_json(style: Style, reasoning: str, text: str) -> Json:
    """Return the members that show reasoning."""
    if style.chat.reasoning != "parts":
        return {style.chat.reasoning: reasoning}
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": reasoning}]}
    return {"content": [thinking, *([{"type": "text", "text": text}] if text else [])]}


def call_json(turn: Turn, call: Call, place: int, *, indexed: bool) -> Json:
    """Return one tool call as a whole."""
    shape: Json = {
        "id": call_id(turn.style, turn.number, place),
        "type": "function",
        "function": {"name": call.name, "arguments": call.text},
    }
    if place == 0:
        shape |= turn.style.chat.first_call
    return {**shape, "index": place} if indexed else shape


def stream_events(turn: Turn) -> list[Event]:
    """Return the events of a streamed answer, `[DONE]` included."""
    form = turn.style.stream
    opening = form.opening_with_calls if turn.said.calls else form.opening
    opening = form.opening if opening is None else opening
    events = [Event("comment", f"{turn.style.name.upper()} PROCESSING")] * form.comments
    if opening is not None:
        events.append(Event("open", chunk(turn, opening, first=True)))
    events += content_events(turn)
    finish_events(turn, events)
    if form.usage_chunk == "always" or (form.usage_chunk == "asked" and turn.asked_usage):
        events.append(Event("usage", usage_chunk(turn)))
    return [*events, Event("done", "[DONE]")]


def content_events(turn: Turn) -> list[Event]:
    """Return reasoning, text and calls, piece by piece."""
    style, said = turn.style, turn.said
    thoughts = (
        ({**reasoning_json(style, piece, ""), **style.stream.thought}, piece)
        for piece in pieces(said.reasoning)
    )
    words = (({"content": piece}, piece) for piece in pieces(said.text))
    calls = (part for n, call in enumerate(said.calls) for part in call_deltas(turn, call, n))
    fragments = (({"tool_calls": [part]}, part["function"]["arguments"]) for part in calls)
    return [
        *(content_event(turn, "text", *told) for told in (*thoughts, *words)),
        *(content_event(turn, "call", *told) for told in fragments),
    ]


def content_event(turn: Turn, part: Part, delta: Json, text: str) -> Event:
    """Return one piece of an answer as an event."""
    return Event(part, chunk(turn, {**turn.style.stream.delta, **delta}), len(text))


def call_deltas(turn: Turn, call: Call, place: int) -> Iterator[Json]:
    """Return the fragments of one call."""
    index = 0 if turn.style.stream.one_index else place
    shape = {"index": index, **call_json(turn, call, place, indexed=False)}
    if not turn.style.stream.split_calls:
        yield shape
        return
    yield {**shape, "function": {"name": call.name, "arguments": ""}}
    for start in range(0, len(call.text), FRAGMENT):
        fragment = call.text[start : start + FRAGMENT]
        yield {"index": index, "function": {"arguments": fragment}}


def finish_events(turn: Turn, events: list[Event]) -> None:
    """Append the chunk with the finish reason, or put it on the last piece of text."""
    form = turn.style.stream
    usage = usage_json(turn.style, turn.usage)
    more = {"usage": usage} if form.usage_with_finish else {}
    more |= fill(form.finish, turn.facts(usage=usage))
    last = events[-1] if events else None
    if form.joined and last is not None and last.part == "text" and isinstance(last.data, dict):
        choice = {**last.data["choices"][0], "finish_reason": turn.finish}
        events[-1] = Event("finish", {**last.data, "choices": [choice], **more}, last.weight)
    else:
        delta = {**form.delta, **form.closing}
        events.append(Event("finish", {**chunk(turn, delta, finish=turn.finish), **more}))


def chunk(
    turn: Turn, delta: Mapping[str, Any], *, finish: str | None = None, first: bool = False
) -> Json:
    """Return one chunk."""
    form = turn.style.stream
    facts = turn.facts(finish=finish)
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish}
    return {
        **frame(turn),
        "choices": [{**choice, **fill(form.choice, facts)} if form.choice else choice],
        **({"usage": None} if form.null_usage and turn.asked_usage else {}),
        **(fill(form.first, facts) if first else {}),
    }


def usage_chunk(turn: Turn) -> Json:
    """Return the chunk that only tells usage."""
    more = fill(turn.style.stream.usage_chunk_top, turn.facts())
    return {**frame(turn), "choices": [], "usage": usage_json(turn.style, turn.usage), **more}


def frame(turn: Turn) -> Json:
    """Return what all chunks of an answer share."""
    return {
        "id": turn.id,
        "object": "chat.completion.chunk",
        "created": int(turn.at),
        "model": turn.model,
        **turn.style.stream.top,
    }


def pieces(text: str) -> Sequence[str]:
    """Return a text in pieces of a few words; joined they are the text."""
    words = text.split(" ")
    groups = [
        " ".join(words[start : start + WORDS_IN_A_PIECE])
        for start in range(0, len(words), WORDS_IN_A_PIECE)
    ]
    return (
        [group if place == 0 else f" {group}" for place, group in enumerate(groups)] if text else []
    )


def list_json(style: Style, ids: Sequence[str], _path: str) -> Json:
    """Return the list of models."""
    data = [
        {"id": style.model_prefix + name, "object": "model", "created": 0, "owned_by": style.name}
        for name in ids
    ]
    return {"object": "list", "data": data}
