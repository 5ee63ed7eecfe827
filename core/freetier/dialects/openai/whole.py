"""A whole answer of the OpenAI language into one value."""

from __future__ import annotations

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.openai.finish import emptiness_of
from freetier.dialects.openai.reader import Reader
from freetier.dialects.streams import Refuse, malformed
from freetier.dialects.together import together
from freetier.values.chat import Content, Event
from freetier.values.faults import Refused
from freetier.values.quirks import Quirks


def content_of(body: bytes, quirks: Quirks, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    if not body.strip():
        return emptiness_of(None) or malformed("no body")
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return malformed("the answer holds no choices")
    events: list[Event | Refused] = []
    reader = Reader(quirks)
    reader.take(value, "message", events)
    events.extend(reader.end())
    return together(events, reader.id, reader.upstream_model)
