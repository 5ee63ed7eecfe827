"""Schemas without the keywords that a provider refuses."""

from __future__ import annotations

from freetier.dialects.openai.schemas import closed, without

GIVEN = {
    "$schema": "x",
    "type": "object",
    "properties": {"$schema": {"type": "string", "minLength": 2, "enum": [{"$schema": 1}]}},
    "anyOf": [{"$schema": "y", "required": ["$schema"]}],
    "$defs": {"a": {"$schema": "z"}},
}


def test_keywords_go_and_names_and_values_stay():
    """A property may be called as a keyword is."""
    assert without(GIVEN, {"$schema", "minLength"}) == {
        "type": "object",
        "properties": {"$schema": {"type": "string", "enum": [{"$schema": 1}]}},
        "anyOf": [{"required": ["$schema"]}],
        "$defs": {"a": {}},
    }


def test_without_keywords_to_drop_a_schema_is_sent_as_it_is():
    """Not even copied."""
    assert without(GIVEN, frozenset()) is GIVEN


def test_objects_are_closed_where_they_do_not_say_what_else_they_hold():
    """At any depth; a property called `properties` is no keyword, and values are no schemas."""
    inner = {"type": "object", "properties": {"b": {"type": "integer"}}}
    schema = {
        "type": "object",
        "properties": {"properties": inner, "c": {"type": "array", "items": inner}},
        "$defs": {"d": {"type": "object", "additionalProperties": {"type": "string"}}},
        "default": {"properties": {}},
    }
    shut = {**inner, "additionalProperties": False}
    assert closed(schema) == {
        **schema,
        "properties": {"properties": shut, "c": {"type": "array", "items": shut}},
        "additionalProperties": False,
    }
