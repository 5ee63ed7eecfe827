"""Whole answers and streams of Ollama's language into values.

Each line is turned into a piece of the OpenAI language, which is read by its own reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import as_dict, as_list, as_text, write
from freetier.dialects.openai.finish import emptiness_of
from freetier.dialects.openai.reader import Reader
from freetier.dialects.streams import Refuse, malformed
from freetier.dialects.together import together
from freetier.values.chat import Content, Event
from freetier.values.faults import Refused
from freetier.values.quirks import Quirks

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes of a line, as of an event of a stream."""

_READ = Quirks(reasoning_fields=("thinking",))


class LineDecoder:
    """Turns the bytes of one stream, a JSON object on each line, into events.

    Args:
        refuse: Classifies errors inside the stream.
    """

    __slots__ = ("_held", "_is_over", "_reader", "_refuse", "id", "upstream_model")

    def __init__(self, refuse: Refuse) -> None:
        self.id: str | None = None
        self.upstream_model: str | None = None
        self._reader = Reader(_READ)
        self._refuse = refuse
        self._held = bytearray()
        self._is_over = False

    def feed(self, data: bytes) -> Sequence[Event | Refused]:
        """Take some bytes; return what they complete."""
        events: list[Event | Refused] = []
        if self._is_over:
            return events
        self._held += data
        *lines, rest = self._held.split(b"\n") if b"\n" in data else [self._held]
        self._held = bytearray(rest)
        for line in lines:
            self._take(bytes(line), events)
        if len(self._held) > LONGEST_LINE and not self._is_over:
            self._stop(malformed("a line of the stream is too large"), events)
        return events

    def finish(self) -> Sequence[Event | Refused]:
        """Take the end of the stream; a cut one ends in a refusal."""
        events: list[Event | Refused] = []
        last, self._held = bytes(self._held), bytearray()
        if not self._is_over and last.strip():
            try:
                jsontext.read(last)
            except jsontext.Unreadable:
                self._stop(malformed("the stream was cut within a line"), events)
            else:
                self._take(last, events)
        if not self._is_over:
            self._stop(malformed("the stream was cut before its end"), events)
        return events

    def _take(self, line: bytes, events: list[Event | Refused]) -> None:
        if self._is_over or not line.strip():
            return None
        try:
            value = jsontext.read(line)
        except jsontext.Unreadable as error:
            return self._stop(malformed(f"a line of the stream is {error}"), events)
        if not _is_piece(value):
            return self._stop(self._refuse(value), events)
        self._reader.take(piece_of(value), "delta", events)
        self.upstream_model = self._reader.upstream_model
        if value.get("done"):
            self._is_over = True
            events.extend(self._reader.end())
        return None

    def _stop(self, refused: Refused, events: list[Event | Refused]) -> None:
        self._is_over = True
        events.append(refused)


def content_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    if not body.strip():
        return emptiness_of(None) or malformed("no body")
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if not _is_piece(value):
        return refuse(value) if is_error(value) else malformed("the answer holds no message")
    reader = Reader(_READ)
    events: list[Event | Refused] = []
    reader.take(piece_of(value), "delta", events)
    return together([*events, *reader.end()], reader.id, reader.upstream_model)


def _is_piece(value: object) -> bool:
    """Tell whether an object is part of an answer, and no error."""
    found = as_dict(value)
    return isinstance(found.get("message"), dict) and not found.get("error")


def piece_of(value: dict[str, Any]) -> dict[str, Any]:
    """Return one object as a piece of the OpenAI language."""
    message = as_dict(value.get("message"))
    words = {name: message[name] for name in ("content", "thinking") if message.get(name)}
    calls = [as_dict(as_dict(call).get("function")) for call in as_list(message.get("tool_calls"))]
    if calls:
        words["tool_calls"] = [
            {
                "function": {
                    "name": f.get("name"),
                    "arguments": write(f.get("arguments") or {}).decode(),
                }
            }
            for f in calls
        ]
    choice: dict[str, Any] = {"delta": words}
    piece: dict[str, Any] = {"id": value.get("created_at"), "model": value.get("model")}
    if value.get("done"):
        choice["finish_reason"] = as_text(value.get("done_reason")) or "stop"
        counts = (value.get("prompt_eval_count"), value.get("eval_count"))
        piece["usage"] = {"input_tokens": counts[0], "output_tokens": counts[1]}
    return {**piece, "choices": [choice]}
