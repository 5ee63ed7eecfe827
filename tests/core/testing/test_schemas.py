"""Any schema of the usual kind is filled with a value that fits it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing.schemas import FORMATS, Source, filled


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Return whether a value fits a schema; written apart from the filler."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(fits(value, choice, root) for choice in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return bool(value == schema["const"])
    return CHECKS[schema["type"]](value, schema, root)


def fits_object(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Required members are there, and every member is known and fits."""
    return (
        isinstance(value, dict)
        and set(schema["required"]) <= set(value) <= set(schema["properties"])
        and all(fits(value[name], schema["properties"][name], root) for name in value)
    )


def fits_array(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """The number of items and each item."""
    low, high = schema.get("minItems", 0), schema.get("maxItems", 99)
    return (
        isinstance(value, list)
        and low <= len(value) <= high
        and all(fits(item, schema["items"], root) for item in value)
    )


def fits_number(value: Any, schema: dict[str, Any], _root: dict[str, Any]) -> bool:
    """The bounds, and whether it is whole."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and (schema["type"] == "number" or isinstance(value, int))
        and schema.get("minimum", value) <= value <= schema.get("maximum", value)
    )


def fits_string(value: Any, schema: dict[str, Any], _root: dict[str, Any]) -> bool:
    """A text of the right length."""
    return isinstance(value, str) and schema.get("minLength", 0) <= len(value) <= schema.get(
        "maxLength", 10**6
    )


CHECKS = {
    "object": fits_object,
    "array": fits_array,
    "number": fits_number,
    "integer": fits_number,
    "string": fits_string,
    "boolean": lambda value, _schema, _root: isinstance(value, bool),
    "null": lambda value, _schema, _root: value is None,
}


def objects(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of objects whose members have inner schemas."""

    def build(properties: dict[str, Any], keep: list[bool]) -> dict[str, Any]:
        required = [name for name, kept in zip(properties, keep, strict=False) if kept]
        return {"type": "object", "properties": properties, "required": required}

    names = st.text("abcdef", min_size=1, max_size=4)
    return st.builds(
        build, st.dictionaries(names, inner, max_size=4), st.lists(st.booleans(), max_size=4)
    )


def arrays(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of arrays with sound bounds."""
    bounds = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
        lambda pair: {"minItems": pair[0], "maxItems": sum(pair)}
    )
    return st.builds(lambda item, more: {"type": "array", "items": item, **more}, inner, bounds)


numbers = st.tuples(
    st.integers(-50, 50), st.integers(0, 50), st.sampled_from(["integer", "number"])
)
leaves = st.one_of(
    numbers.map(lambda n: {"type": n[2], "minimum": n[0], "maximum": n[0] + n[1]}),
    st.sampled_from([{"type": kind} for kind in ("string", "boolean", "null", "integer")]),
    st.integers(0, 20).map(lambda n: {"type": "string", "minLength": n, "maxLength": n + 3}),
    st.lists(st.integers(), min_size=1, max_size=3).map(lambda values: {"enum": values}),
    st.integers().map(lambda value: {"const": value}),
    st.just({"$ref": "#/$defs/thing"}),
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        objects(inner),
        arrays(inner),
        inner.map(lambda shape: {"anyOf": [{"type": "null"}, shape]}),
    ),
    max_leaves=12,
)


@given(schemas, st.lists(st.floats(-100, 100)), st.lists(st.text(min_size=1)))
def test_every_schema_gets_a_value_that_fits(
    schema: dict[str, Any], given_numbers: list[float], texts: list[str]
) -> None:
    """Whatever values the prompt holds, the schema's bounds win."""
    root = {**schema, "$defs": {"thing": {"type": "integer", "minimum": 3, "maximum": 9}}}
    assert fits(filled(root, Source(list(texts), list(given_numbers))), schema, root)


def test_values_come_from_the_source_in_order() -> None:
    """Texts and numbers are used up; then there are made-up ones."""
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "n": {"type": "integer"}, "b": {"type": "string"}},
    }
    assert filled(schema, Source(["Oslo"], [7.0])) == {"a": "Oslo", "n": 7, "b": "some b"}


def test_an_enumeration_takes_what_the_prompt_names() -> None:
    """Else its first value."""
    schema = {"enum": ["red", "green"]}
    assert filled(schema, Source(prompt="paint it Green")) == "green"
    assert filled(schema, Source()) == "red"


def test_exclusive_bounds_are_kept() -> None:
    """The nearest value inside is taken."""
    schema = {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}
    assert filled(schema, Source(numbers=[100.0])) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_formats_have_values(name: str) -> None:
    """A date looks like a date."""
    assert filled({"type": "string", "format": name}, Source(["Oslo"])) == FORMATS[name]


def test_parts_of_an_all_of_are_one_object() -> None:
    """Members and requirements of all parts count."""
    schema = {
        "allOf": [
            {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]},
            {"properties": {"b": {"const": 2}}, "required": ["b"]},
        ]
    }
    assert filled(schema, Source()) == {"a": 1, "b": 2}


def test_several_types_mean_the_first_that_is_not_null() -> None:
    """`["null", "boolean"]` is a boolean."""
    assert filled({"type": ["null", "boolean"]}, Source()) is True
    assert filled({"type": ["null"]}, Source()) is None


def test_a_schema_that_contains_itself_ends() -> None:
    """A tree stops growing at some depth."""
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/$defs/node"}},
                "required": ["next"],
            }
        },
    }
    assert isinstance(filled(schema, Source()), dict)


def test_a_tuple_of_items_is_filled_place_by_place() -> None:
    """`prefixItems` has a schema for each place."""
    schema = {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}
    assert filled(schema, Source()) == [1, 2]


def test_a_schema_that_says_nothing_gets_a_text() -> None:
    """`true` and `{}` allow anything."""
    assert filled({"properties": {"x": True, "y": {}}}, Source()) == {"x": "some x", "y": "some y"}
