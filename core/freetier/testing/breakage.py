"""What each fault does to an answer: to its events, to its pieces, or instead of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from freetier.testing import faults
from freetier.testing.faults import Fault
from freetier.testing.forms import compact, error_form, error_json, fill
from freetier.testing.gemini import shapes as native
from freetier.testing.jsons import Json
from freetier.testing.replies import Piece
from freetier.testing.said import Said
from freetier.testing.shapes import Event, Turn, frame, usage_chunk
from freetier.testing.styles.form import Style

Events = list[Event]
FLOOD_PIECE = 64 * 1024
FACTS: Json = {"detail": "", "path": "", "method": "POST", "context": 0, "tokens": 0}


def spoil_said(fault: Fault, said: Said) -> Said:
    """Return what is left of what the model said."""
    if isinstance(fault, faults.Empty | faults.RoleOnly):
        return replace(said, text="", calls=(), reasoning="")
    return said


def spoil_body(fault: Fault, turn: Turn, body: Json) -> bytes:
    """Return a whole answer as bytes, spoilt if the fault is of that sort."""
    (_silence_native if turn.style.tongue == "gemini" else _silence)(fault, body)
    if isinstance(fault, faults.ErrorEvent):
        return compact(error_json(turn.style, fault.kind, error_facts(turn)))
    data = compact(body)
    return data[: len(data) // 2] if isinstance(fault, faults.BadEvent) else data


def _silence(fault: Fault, body: Json) -> None:
    """Take out of a whole answer what the fault leaves out."""
    choice = body["choices"][0]
    if isinstance(fault, faults.RoleOnly):
        choice["message"]["content"] = None
    if isinstance(fault, faults.RoleOnly | faults.NoFinish):
        choice["finish_reason"] = None
    if isinstance(fault, faults.RoleOnly | faults.NoUsage):
        body.pop("usage")


def _silence_native(fault: Fault, body: Json) -> None:
    candidate = body["candidates"][0]
    if isinstance(fault, faults.RoleOnly):
        candidate["content"].pop("parts")
    if isinstance(fault, faults.RoleOnly | faults.NoFinish):
        candidate.pop("finishReason")
    if isinstance(fault, faults.RoleOnly | faults.NoUsage):
        body.pop("usageMetadata")


def spoil_vectors(fault: Fault, style: Style, facts: Json, body: Json) -> bytes:
    """Return an embedding answer as bytes, spoilt if the fault is of that sort."""
    if isinstance(fault, faults.Empty | faults.RoleOnly):
        body["embeddings" if style.tongue == "gemini" else "data"] = []
    if isinstance(fault, faults.RoleOnly | faults.NoUsage):
        body.pop("usage", None)
    if isinstance(fault, faults.ErrorEvent):
        return compact(error_json(style, fault.kind, {**FACTS, **facts}))
    data = compact(body)
    return data[: len(data) // 2] if isinstance(fault, faults.BadEvent) else data


def error_facts(turn: Turn) -> Json:
    """Return the facts of an error that comes after the answer has begun."""
    return {**FACTS, **turn.facts(), "model": turn.model}


def spoil_events(fault: Fault, turn: Turn, events: Events) -> Events:
    """Return the events of a stream, spoilt if the fault is of that sort."""
    spoil = EVENT_FAULTS.get(type(fault))
    return events if spoil is None else spoil(fault, turn, events)


def _role_only(_fault: object, _turn: Turn, events: Events) -> Events:
    return [event for event in events if event.part in {"comment", "open", "done"}]


def _without(*parts: str) -> Callable[[Any, Turn, Events], Events]:
    def spoil(_fault: object, _turn: Turn, events: Events) -> Events:
        return [event for event in events if event.part not in parts]

    return spoil


def _no_usage(_fault: object, _turn: Turn, events: Events) -> Events:
    return [without_usage(event) for event in events if event.part != "usage"]


_USAGES = ("usage", "usageMetadata")


def without_usage(event: Event) -> Event:
    """Return an event that says nothing of tokens."""
    if not isinstance(event.data, dict):
        return event
    kept = {key: value for key, value in event.data.items() if key not in _USAGES}
    for key, value in kept.items():
        if isinstance(value, Mapping) and "usage" in value:
            kept[key] = {name: v for name, v in value.items() if name != "usage"}
    return Event(event.part, kept, event.weight)


def _repeated_usage(_fault: object, turn: Turn, events: Events) -> Events:
    done = [event for event in events if event.part == "done"]
    rest = [event for event in events if event.part != "done"]
    is_native = turn.style.tongue == "gemini"
    chunk = native.usage_chunk(turn) if is_native else usage_chunk(turn)
    return [*rest, *[Event("usage", chunk)] * 2, *done]


def _two_finishes(_fault: object, _turn: Turn, events: Events) -> Events:
    return [twin for event in events for twin in [event] * (2 if event.part == "finish" else 1)]


def _comments(_fault: object, _turn: Turn, events: Events) -> Events:
    return [twin for event in events for twin in (Event("comment", "keep-alive"), event)]


def _error_event(fault: faults.ErrorEvent, turn: Turn, events: Events) -> Events:
    facts = error_facts(turn)
    body = error_json(turn.style, fault.kind, facts)
    inner = body.get("error", body) if isinstance(body, dict) else body
    data = body
    if turn.style.event_error is not None:
        text = inner.get("message") or inner.get("detail") or fault.kind
        status = error_form(turn.style, fault.kind).status
        more = {"error": inner, "text": text, "kind": fault.kind, "status": status}
        data = {**frame(turn), **fill(turn.style.event_error, more)}
    done = [event for event in events if event.part == "done"]
    return [*head(events, fault.pieces), Event("error", data), *done]


def _bad_event(fault: faults.BadEvent, turn: Turn, events: Events) -> Events:
    broken = compact({**frame(turn), "choices": [{"index": 0, "delta": {"content": "x"}}]})
    bad = Event("bad", broken[: len(broken) // 2].decode())
    begun = head(events, fault.pieces)
    return [*begun, bad, *events[len(begun) :]]


def head(events: Events, count: int) -> Events:
    """Return the events up to and with the `count`-th piece of text or of a call."""
    begun: Events = []
    for event in events:
        told = sum(e.part in {"text", "call"} for e in begun)
        if told >= count and event.part not in {"comment", "open"}:
            break
        begun.append(event)
    return begun


EVENT_FAULTS: Mapping[type, Callable[[Any, Turn, Events], Events]] = {
    faults.RoleOnly: _role_only,
    faults.NoDone: _without("done"),
    faults.NoFinish: _without("finish", "usage", "done"),
    faults.NoUsage: _no_usage,
    faults.RepeatedUsage: _repeated_usage,
    faults.TwoFinishes: _two_finishes,
    faults.Comments: _comments,
    faults.ErrorEvent: _error_event,
    faults.BadEvent: _bad_event,
}


def encode(event: Event) -> bytes:
    """Return an event as it goes over the wire."""
    if event.part == "comment":
        return f": {event.data}\n\n".encode()
    data = event.data.encode() if isinstance(event.data, str) else compact(event.data)
    return b"data: " + data + b"\n\n"


def spoil_pieces(fault: Fault, pieces: Sequence[Piece]) -> Sequence[Piece]:
    """Return the pieces of a body, spoilt if the fault is of that sort."""
    spoil = PIECE_FAULTS.get(type(fault))
    return pieces if spoil is None else spoil(fault, pieces)


def _crlf(_fault: object, pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [replace(piece, data=piece.data.replace(b"\n", b"\r\n")) for piece in pieces]


def _split(fault: faults.Split, pieces: Sequence[Piece]) -> Sequence[Piece]:
    return [part for piece in pieces for part in split(piece, fault.size)]


def _drip(fault: faults.Drip, pieces: Sequence[Piece]) -> Sequence[Piece]:
    parts = [part for piece in pieces for part in split(piece, fault.size)]
    return [Piece(part.data, part.after + fault.every) for part in parts]


def _cut(fault: faults.Cut, pieces: Sequence[Piece]) -> Sequence[Piece]:
    return parted(pieces, fault.pieces)[0]


def _stall_mid_stream(fault: faults.StallMidStream, pieces: Sequence[Piece]) -> Sequence[Piece]:
    begun, rest = parted(pieces, fault.pieces)
    late = replace(rest[0], after=rest[0].after + fault.seconds)
    return [*begun, late, *rest[1:]]


def _flood(fault: faults.Flood, pieces: Sequence[Piece]) -> Sequence[Piece]:
    begun, rest = parted(pieces, 1)
    return [*begun, *[Piece(b"x" * FLOOD_PIECE)] * (fault.size // FLOOD_PIECE + 1), *rest]


PIECE_FAULTS: Mapping[type, Callable[[Any, Sequence[Piece]], Sequence[Piece]]] = {
    faults.Crlf: _crlf,
    faults.Split: _split,
    faults.Drip: _drip,
    faults.Cut: _cut,
    faults.StallMidStream: _stall_mid_stream,
    faults.Flood: _flood,
}


def split(piece: Piece, size: int) -> list[Piece]:
    """Return a piece in parts of at most `size` bytes."""
    starts = range(0, len(piece.data), size)
    return [
        Piece(piece.data[start : start + size], piece.after if start == 0 else 0.0)
        for start in starts
    ]


def parted(pieces: Sequence[Piece], count: int) -> tuple[list[Piece], list[Piece]]:
    """Return the first `count` pieces and the rest, which is never empty.

    A body with no more pieces than that is parted in the middle of its last one.
    """
    if count < len(pieces):
        return list(pieces[:count]), list(pieces[count:])
    last = pieces[-1]
    half = len(last.data) // 2
    begun = [*pieces[:-1], replace(last, data=last.data[:half])]
    return begun, [Piece(last.data[half:])]
