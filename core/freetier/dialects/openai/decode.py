"""Streams of the OpenAI language into events."""

from __future__ import annotations

from typing import Any

from freetier.dialects.openai.reader import Reader
from freetier.dialects.streams import EventStream, Refuse
from freetier.values.chat import Event
from freetier.values.faults import Refused
from freetier.values.quirks import Quirks


class StreamDecoder(EventStream):
    """Turns the bytes of one stream into events.

    Args:
        quirks: Where the provider differs.
        refuse: Classifies errors inside the stream.
    """

    __slots__ = ()

    def __init__(self, quirks: Quirks, refuse: Refuse) -> None:
        reader = Reader(quirks)

        def take(chunk: dict[str, Any], events: list[Event | Refused]) -> None:
            reader.take(chunk, "delta", events)

        super().__init__(reader, take, "choices", refuse)
