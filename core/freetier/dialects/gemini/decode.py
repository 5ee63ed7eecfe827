"""Whole answers and streams of Gemini's language into values."""

from __future__ import annotations

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.gemini.finish import emptiness_of
from freetier.dialects.gemini.reader import Reader
from freetier.dialects.streams import EventStream, Refuse, malformed
from freetier.dialects.together import together
from freetier.values.chat import Content, Event
from freetier.values.faults import Refused


class StreamDecoder(EventStream):
    """Turns the bytes of one stream into events; it ends with its last byte.

    Args:
        refuse: Classifies errors inside the stream.
    """

    __slots__ = ()

    def __init__(self, refuse: Refuse) -> None:
        reader = Reader()
        super().__init__(reader, reader.take, "candidates", refuse)


def content_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    if not body.strip():
        return emptiness_of(None) or malformed("no body")
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    if not isinstance(value, dict) or not ("candidates" in value or "promptFeedback" in value):
        return malformed("the answer holds no candidates")
    reader = Reader()
    events: list[Event | Refused] = []
    reader.take(value, events)
    return together([*events, *reader.end()], reader.id, reader.upstream_model)
