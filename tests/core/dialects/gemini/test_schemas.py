"""JSON schemas in the part that Gemini takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.gemini.schemas import KEYWORDS, restricted
from freetier.testing.gemini.schemas import check_schema

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def made(schema: Any, *, sizes: bool = True) -> dict[str, Any]:
    """Return the restricted schema, which the fake vendor must take."""
    found = restricted(schema, "here", sizes=sizes)
    check_schema(found, "here", sizes=sizes)
    return found


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, {"type": "STRING"}),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"type": "string", "nullable": True}, {"type": "STRING", "nullable": True}),
        (
            {"type": ["integer", "string"]},
            {"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]},
        ),
        ({"const": "a"}, {"type": "STRING", "format": "enum", "enum": ["a"]}),
        (
            {"enum": ["a", None]},
            {"type": "STRING", "format": "enum", "enum": ["a"], "nullable": True},
        ),
        ({"enum": [1, 2]}, {"type": "INTEGER", "description": "(one of: 1, 2)"}),
        ({"enum": ["", "a"]}, {"type": "STRING", "description": '(one of: "", "a")'}),
        ({"const": True}, {"type": "BOOLEAN", "description": "(always: true)"}),
        ({"const": None}, {"type": "NULL"}),
        (
            {"type": "string", "format": "email", "description": "Whose."},
            {"type": "STRING", "description": "Whose. (format: email)"},
        ),
        ({"type": "string", "format": "date-time"}, {"type": "STRING", "format": "date-time"}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "d"},
            {"type": "INTEGER", "nullable": True, "description": "d"},
        ),
        (
            {"oneOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "INTEGER", "nullable": True}, {"type": "STRING"}]},
        ),
        ({"type": "array"}, {"type": "ARRAY", "items": {"anyOf": [
            {"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}]}}),
        (
            {"prefixItems": [{"type": "number"}, {"type": "number"}]},
            {"type": "ARRAY", "items": {"type": "NUMBER"}},
        ),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            {"type": "OBJECT", "description": '(any names; each value: {"type":"integer"})'},
        ),
        (
            {"allOf": [{"minimum": 1}, {"minimum": 3}], "type": "integer"},
            {"type": "INTEGER", "minimum": 3},
        ),
    ],
)  # fmt: skip
def test_a_schema_is_said_in_geminis_words(schema, expected):
    """Types are one word in capitals, null a flag, and what cannot be said is described."""
    assert made(schema) == expected


def test_an_object_loses_what_gemini_does_not_know():
    """Titles, closed objects and the version go; order and required names stay."""
    given = {
        **CITY,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Place",
        "additionalProperties": False,
        "required": ["city", "missing"],
    }
    assert made(given) == {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING"}},
        "propertyOrdering": ["city"],
        "required": ["city"],
    }


def test_references_are_written_out():
    """What stands beside a reference wins over what it refers to."""
    given = {
        "type": "object",
        "properties": {"home": {"$ref": "#/$defs/a~1b", "description": "Where."}},
        "$defs": {"a/b": {**CITY, "description": "A place."}},
    }
    home = made(given)["properties"]["home"]
    assert home["description"] == "Where."
    assert home["properties"] == {"city": {"type": "STRING"}}


def test_bounds_of_answers_are_told_in_words():
    """Sizes and ranges were seen to be refused in schemas of answers."""
    given = {"type": "string", "minLength": 3, "pattern": "^a"}
    assert made(given) == {"type": "STRING", "minLength": 3, "pattern": "^a"}
    assert made(given, sizes=False) == {
        "type": "STRING", "description": "(minLength: 3; pattern: ^a)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"properties": {"a": {"not": {}}}}, r"^here\.properties\.a: 'not' cannot be said"),
        ({"items": {"$ref": "#"}}, r"^here\.items: # refers to itself"),
        ({"allOf": [{"$ref": "#"}]}, "^here: # refers to itself"),
        ({"$ref": "https://x.test/s"}, "refers to something outside"),
        ({"$ref": "#/$defs/gone"}, "refers to nothing"),
        ({"prefixItems": [{"type": "string"}, {"type": "number"}]}, "whose places differ"),
        ({"properties": {"a": False}}, r"^here\.properties\.a: allows nothing"),
        ({"properties": {"a": 5}}, r"^here\.properties\.a: is no schema"),
        ({"type": "text"}, "unknown type 'text'"),
        ({"type": "string", "enum": [1]}, "exclude each other"),
        ({"allOf": [{"type": "string"}, {"type": "number"}]}, "differ in 'type'"),
        ({"anyOf": "ab"}, "a choice is a list"),
    ],
)
def test_what_cannot_be_said_names_its_place(schema, complaint):
    """A recursive schema, a keyword without a word for it, a contradiction."""
    with pytest.raises(ValueError, match=complaint):
        restricted(schema, "here", sizes=True)


def test_a_schema_that_unfolds_without_end_is_refused():
    """Thirty references that each double what they refer to are a billion schemas."""
    deep = {f"d{n}": {"type": "object", "properties": {
        "a": {"$ref": f"#/$defs/d{n + 1}"}, "b": {"$ref": f"#/$defs/d{n + 1}"}}}
        for n in range(30)}  # fmt: skip
    given = {"$ref": "#/$defs/d0", "$defs": {**deep, "d30": {"type": "string"}}}
    with pytest.raises(ValueError, match="too deep or too large"):
        restricted(given, "here", sizes=True)


TYPES = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])
REFS = st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/properties/x", "#/nothing"])


def _around(inner):
    members = st.dictionaries(st.sampled_from(["x", "y", "enum", "$ref"]), inner, max_size=3)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3),
            "properties": members,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=3),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "$ref": REFS,
            "$defs": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "enum": st.lists(st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=3)),
            "const": st.none() | st.text(max_size=2) | st.floats(allow_nan=False),
            "required": st.lists(st.sampled_from(["x", "y", "z"])),
            "format": st.sampled_from(["email", "date-time", "int32", "double", "enum"]),
            "minimum": st.integers(),
            "maxItems": st.integers(0, 9),
            "pattern": st.text(max_size=3),
            "not": inner,
            "exclusiveMaximum": st.integers(),
            "default": st.text(max_size=2),
            "x-mine": st.integers(),
        },
    )


SCHEMAS = st.recursive(_around(st.just({})) | st.booleans(), _around, max_leaves=8)


@given(schema=SCHEMAS, sizes=st.booleans())
def test_any_schema_becomes_one_that_gemini_takes_or_an_error_with_a_place(schema, sizes):
    """It ends, recursive or not, and holds no keyword but those that are allowed."""
    found = _restricted_or_refused(schema, sizes=sizes)
    if isinstance(found, str):
        assert found.startswith("here")
    else:
        check_schema(found, "here", sizes=sizes)
        assert _keywords(found) <= KEYWORDS


def _restricted_or_refused(schema: Any, *, sizes: bool) -> dict[str, Any] | str:
    try:
        return restricted(schema, "here", sizes=sizes)
    except ValueError as error:
        return str(error)


def _keywords(schema: dict[str, Any]) -> set[str]:
    inside = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inside += [schema["items"]] if "items" in schema else []
    return set(schema).union(*map(_keywords, inside))
