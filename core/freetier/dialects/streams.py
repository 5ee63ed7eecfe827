"""The bytes of one stream into events: what all languages with server-sent events share.

A language says which objects are pieces of an answer and reads them; the frame, errors
between the pieces, and ends that come too early are the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import Unreadable
from freetier.dialects.sse import SseDecoder
from freetier.dialects.words import one_line
from freetier.values.chat import Event
from freetier.values.faults import Fault, FaultScope, Refused

Refuse = Callable[[Any], Refused]
"""Classifies an error that came inside an answer."""

Take = Callable[[dict[str, Any], list[Event | Refused]], None]
"""Reads one object of a stream and appends what it says."""


class Reader(Protocol):
    """What of a language's reader a stream needs to see."""

    id: str | None
    upstream_model: str | None
    reason: str | None

    def end(self) -> list[Event | Refused]:
        """Return what an answer's end says."""


class EventStream:
    """Turns the bytes of one stream into events.

    Args:
        reader: Puts the pieces together.
        take: Reads one object with it.
        marker: The field that every piece of an answer has, and no error.
        refuse: Classifies errors inside the stream.
    """

    __slots__ = (
        "_has_begun", "_is_over", "_marker", "_reader", "_refuse", "_sse", "_take_chunk", "id",
        "upstream_model",
    )  # fmt: skip

    def __init__(self, reader: Reader, take: Take, marker: str, refuse: Refuse) -> None:
        self.id: str | None = None
        self.upstream_model: str | None = None
        self._reader = reader
        self._take_chunk = take
        self._marker = marker
        self._refuse = refuse
        self._sse = SseDecoder()
        self._has_begun = False
        self._is_over = False

    def feed(self, data: bytes) -> Sequence[Event | Refused]:
        """Take some bytes; return what they complete."""
        events: list[Event | Refused] = []
        for name, payload in () if self._is_over else self._sse.feed(data):
            if self._is_over:
                break
            self._take(name, payload, events)
        if self._reader.id is not self.id:
            self.id, self.upstream_model = self._reader.id, self._reader.upstream_model
        if self._sse.too_large and not self._is_over:
            self._stop(malformed("an event of the stream is too large"), events)
        return events

    def finish(self) -> Sequence[Event | Refused]:
        """Take the end of the stream; a cut one ends in a refusal."""
        events: list[Event | Refused] = []
        place = "before its end"
        for name, payload in () if self._is_over else self._sse.finish():
            if not self._take_last(name, payload, events):
                place = "within an event"
        if not self._is_over:
            events.extend(self._end(place))
        self.id = self._reader.id
        self.upstream_model = self._reader.upstream_model
        return events

    def _end(self, place: str) -> list[Event | Refused]:
        """Return what the end means if the provider did not say that it is one."""
        self._is_over = True
        if self._reader.reason is not None:
            return self._reader.end()
        return [malformed(f"the stream was cut {place if self._has_begun else 'at once'}")]

    def _take(self, name: bytes, payload: bytes, events: list[Event | Refused]) -> None:
        if not payload.startswith(b"{") and (payload := payload.strip()) in (b"", b"[DONE]"):
            if payload:
                self._is_over = True
                events.extend(self._reader.end())
            return
        self._has_begun = True
        try:
            self._hear(name, jsontext.read(payload), events)
        except Unreadable as error:
            self._take_unreadable(name, payload, error, events)

    def _take_unreadable(
        self, name: bytes, payload: bytes, error: Unreadable, events: list[Event | Refused]
    ) -> None:
        """Take an event that is no JSON: the words of an error, or JSON on each line."""
        try:
            chunks = _on_lines(payload)
        except Unreadable:
            if name == b"error":
                chunks = [payload.decode("utf-8", "replace")]
            else:
                chunks = []
                self._stop(malformed(f"an event of the stream is {error}"), events)
        for chunk in chunks:
            if not self._is_over:
                self._hear(name, chunk, events)

    def _take_last(self, name: bytes, payload: bytes, events: list[Event | Refused]) -> bool:
        """Take an event that lacked its empty line; one that is cut counts as not sent."""
        try:
            if payload.strip() != b"[DONE]":
                _on_lines(payload)
        except Unreadable:
            if name != b"error":
                self._has_begun = True
                return False
        self._take(name, payload, events)
        return True

    def _hear(self, name: bytes, chunk: Any, events: list[Event | Refused]) -> None:  # noqa: ANN401
        if isinstance(chunk, dict) and not chunk.get("error") and self._marker in chunk:
            self._take_chunk(chunk, events)
        elif name == b"error" or is_error(chunk):
            self._stop(self._refuse(chunk), events)
        elif isinstance(chunk, dict):
            self._take_chunk(chunk, events)
        else:
            self._stop(malformed("an event of the stream is no object"), events)

    def _stop(self, refused: Refused, events: list[Event | Refused]) -> None:
        self._is_over = True
        events.append(refused)


def empty(detail: str) -> Refused:
    """Return the refusal of an answer that holds nothing."""
    return Refused(fault=Fault.EMPTY, scope=FaultScope.CANDIDATE, detail=detail, status=200)


def malformed(detail: str) -> Refused:
    """Return the refusal of an answer that cannot be used; the detail may hold its words."""
    said = one_line(detail)
    return Refused(fault=Fault.MALFORMED, scope=FaultScope.CANDIDATE, detail=said, status=200)


def _on_lines(payload: bytes) -> list[Any]:
    """Read an event; one that joins several lines may hold a value on each."""
    try:
        return [jsontext.read(payload)]
    except Unreadable:
        if b"\n" not in payload:
            raise
    return [jsontext.read(line) for line in payload.split(b"\n") if line.strip()]
