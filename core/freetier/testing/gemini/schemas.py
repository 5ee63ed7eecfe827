"""Is this a schema that Google would take?"""

from __future__ import annotations

from typing import Any

from freetier.testing.rejection import bad, unknown

SIZES = frozenset({"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"})
"""Keywords that were refused in schemas of answers (a canary's record, 2026-09)."""

KEYWORDS = SIZES | frozenset(
    {"type", "format", "title", "description", "nullable", "enum", "items", "properties"}
    | {"required", "anyOf", "propertyOrdering", "default", "example", "pattern"}
    | {"minProperties", "maxProperties"}
)
TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
FORMATS = {
    "STRING": {"enum", "date-time"},
    "NUMBER": {"float", "double"},
    "INTEGER": {"int32", "int64"},
}


def check_schema(schema: Any, place: str, *, sizes: bool) -> None:  # noqa: ANN401 - any JSON
    """Refuse a schema with keywords or values that the message `Schema` does not have.

    Raises:
        Rejection: with the kind `bad_request` or `extra_field`.
    """
    if not isinstance(schema, dict):
        raise bad(place, "must be a schema")
    for keyword in schema:
        if keyword not in KEYWORDS or (keyword in SIZES and not sizes):
            raise unknown(keyword, place)
    if "anyOf" in schema:
        if len(schema) > 1:
            raise bad(f"{place}.any_of", "when using any_of, it must be the only field set")
        for number, branch in enumerate(schema["anyOf"]):
            check_schema(branch, f"{place}.any_of[{number}]", sizes=sizes)
        return
    _check_type(schema, place)
    _check_within(schema, place, sizes=sizes)


def _check_type(schema: dict[str, Any], place: str) -> None:
    kind = schema.get("type")
    if not isinstance(kind, str):
        raise bad(f"{place}.type", "Proto field is not repeating, cannot start list.")
    if kind.upper() not in TYPES:
        raise bad(f"{place}.type", f"unknown type {kind}")
    form = schema.get("format")
    if form is not None and form not in FORMATS.get(kind.upper(), ()):
        raise bad(f"{place}.format", f"{form} is not supported for {kind.upper()} type")
    values = schema.get("enum")
    if values is None:
        return
    if kind.upper() != "STRING":
        raise bad(f"{place}.enum", "only allowed for STRING type")
    if not values or not all(isinstance(value, str) and value for value in values):
        raise bad(f"{place}.enum", "cannot be empty")


def _check_within(schema: dict[str, Any], place: str, *, sizes: bool) -> None:
    kind = schema["type"].upper()
    if kind == "ARRAY":
        if "items" not in schema:
            raise bad(f"{place}.items", "missing field.")
        check_schema(schema["items"], f"{place}.items", sizes=sizes)
    properties = schema.get("properties", {})
    for name, inner in properties.items():
        check_schema(inner, f"{place}.properties[{name}]", sizes=sizes)
    for field in ("required", "propertyOrdering"):
        if set(schema.get(field, ())) - set(properties):
            raise bad(f"{place}.{field}", "property is not defined")
