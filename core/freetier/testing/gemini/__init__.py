"""Google's own language, from the side of the vendor."""

from __future__ import annotations

from freetier.testing.gemini.asked import checked, hear
from freetier.testing.gemini.shapes import list_json, stream_events, whole_json
from freetier.testing.gemini.texts import texts, vectors_json

__all__ = [
    "checked",
    "hear",
    "list_json",
    "stream_events",
    "texts",
    "vectors_json",
    "whole_json",
]
