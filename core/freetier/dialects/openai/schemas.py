"""JSON schemas without the keywords that a provider refuses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_NAMED = frozenset({"properties", "$defs", "definitions", "patternProperties"})
"""Keywords whose members are schemas under names of the caller's."""

_VALUES = frozenset({"enum", "const", "default", "examples", "required"})
"""Keywords that hold no schemas."""


def without(schema: Any, keywords: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema without some keywords at any depth; names of properties are none.

    It allows at least what the given one allows: only keywords that bound a value, or say
    nothing of it, may be left out.
    """
    if not keywords:
        return schema
    if isinstance(schema, list | tuple):
        return [without(item, keywords) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    return {
        word: _inside(word, value, keywords)
        for word, value in schema.items()
        if word not in keywords
    }


def closed(schema: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema whose objects forbid members that they do not list.

    An object that says itself what else it may hold is left as it is.
    """
    if isinstance(schema, list | tuple):
        return [closed(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {word: _closed_inside(word, value) for word, value in schema.items()}
    if "properties" in found:
        found.setdefault("additionalProperties", False)
    return found


def _closed_inside(word: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if word in _VALUES:
        return value
    if word in _NAMED and isinstance(value, Mapping):
        return {name: closed(schema) for name, schema in value.items()}
    return closed(value)


def _inside(word: str, value: Any, keywords: Collection[str]) -> Any:  # noqa: ANN401 - any JSON
    if word in _VALUES:
        return value
    if word in _NAMED and isinstance(value, Mapping):
        return {name: without(schema, keywords) for name, schema in value.items()}
    return without(value, keywords)
