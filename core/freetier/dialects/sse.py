"""Server-sent events from bytes that may be cut anywhere.

RULE: knows the frame (https://html.spec.whatwg.org/#event-stream-interpretation), not
what is in it. Two things differ from the standard because providers differ from it: the
last event counts without its empty line, and a block that is bare JSON counts as data.
"""

from __future__ import annotations

EVENT_MAX = 8 * 1024 * 1024
"""Bytes of one event; the largest seen are tool calls of some hundred kilobytes."""

SseEvent = tuple[bytes, bytes]
"""The event's name, empty if it has none, and its data."""

_BOM = b"\xef\xbb\xbf"
_JSON_STARTS = (b"{", b"[", b'"')


class SseDecoder:
    """Takes bytes, gives events.

    Args:
        limit: Bytes one event may have. After a longer one nothing more is given.

    Attributes:
        too_large: Whether an event was longer than the limit.
    """

    __slots__ = ("_buffer", "_ends_in_cr", "_is_first", "_limit", "_rest_max", "too_large")

    def __init__(self, limit: int = EVENT_MAX) -> None:
        self._limit = limit
        self._rest_max = limit + 1  # the first of the two line ends may be there
        self._buffer = bytearray()
        self._ends_in_cr = False
        self._is_first = True
        self.too_large = False

    def feed(self, data: bytes) -> list[SseEvent]:
        """Take some bytes and return the events that they complete."""
        if self.too_large:
            return []
        if self._ends_in_cr or b"\r" in data:
            data = self._with_plain_line_ends(data)
        buffer = self._buffer
        if not buffer and data.endswith(b"\n\n") and data.find(b"\n") == len(data) - 2:
            return self._events([data[:-2]])  # one event, as most reads bring
        if buffer:
            start = len(buffer) - 1
            buffer += data
            if buffer.find(b"\n\n", start) < 0:
                self.too_large = len(buffer) > self._rest_max
                return []
            data = bytes(buffer)
            buffer.clear()
        *blocks, rest = data.split(b"\n\n")
        buffer += rest
        events = self._events(blocks) if blocks else []
        if len(rest) > self._rest_max:
            self.too_large = True
        return events

    def finish(self) -> list[SseEvent]:
        """Take the end of the stream and return the event that lacked its empty line."""
        if self.too_large:
            return []
        block = bytes(self._buffer)
        self._buffer.clear()
        return self._events([block])

    def _with_plain_line_ends(self, data: bytes) -> bytes:
        """Turn CRLF and CR into LF, also where a cut parts CR from LF."""
        if self._ends_in_cr and data.startswith(b"\n"):
            data = data[1:]
            self._ends_in_cr = False
        if data:
            self._ends_in_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _events(self, blocks: list[bytes]) -> list[SseEvent]:
        events: list[SseEvent] = []
        if self._is_first:
            self._is_first = False
            blocks[0] = blocks[0].removeprefix(_BOM)
        for block in blocks:
            if len(block) > self._limit:
                self.too_large = True
                break
            if block.startswith(b"data: ") and b"\n" not in block:
                events.append((b"", block[6:]))
            elif event := _event(block):
                events.append(event)
        return events


def _event(block: bytes) -> SseEvent | None:
    block = block.strip(b"\n")
    if block.startswith(_JSON_STARTS):
        return b"", block
    name = b""
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return (name, b"\n".join(data)) if data else None
