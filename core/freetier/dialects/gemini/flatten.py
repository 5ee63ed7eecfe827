"""References followed and `allOf` joined, so that a schema stands in one place.

What is joined holds at the same time: names of properties add up, bounds tighten, and what
contradicts itself is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from freetier.values.chat import Json

DEPTH_MAX = 32
"""Levels of nesting; nobody writes a form as deep by hand, and a loop ends here."""

_ANNOTATIONS: Final = frozenset(
    {"title", "description", "default", "example", "examples", "$comment", "$id", "$schema"}
    | {"$defs", "definitions", "deprecated", "readOnly", "writeOnly", "additionalProperties"}
)
_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def flat(
    schema: object, root: Json, place: str, refs: tuple[str, ...], depth: int = 0
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a schema without references and `allOf`, and the references it came through.

    Args:
        schema: An object, or one of the schemas `true` and `false`.
        root: Where references lead.
        place: For error texts.
        refs: The references that lead here.
        depth: How many of them and of `allOf` were followed here.

    Raises:
        ValueError: It is no schema, allows nothing, or refers to itself or elsewhere.
    """
    if schema is True:
        return {}, refs
    if not isinstance(schema, Mapping):
        what = "allows nothing" if schema is False else "is no schema"
        raise ValueError(f"{place}: {what}")  # noqa: TRY004 - what the port says
    if depth > DEPTH_MAX:
        raise ValueError(f"{place}: the schema refers to itself or is too deep")
    found = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    if (ref := schema.get("$ref")) is not None:
        target = _target(ref, root, place, refs)
        there, refs = flat(target, root, place, (*refs, ref), depth + 1)
        found = merged(there, found, place)
    for part in schema.get("allOf") or ():
        other, _ = flat(part, root, place, refs, depth + 1)
        found = merged(other, found, place)
    return found, refs


def merged(left: dict[str, Any], right: dict[str, Any], place: str) -> dict[str, Any]:
    """Return a schema that says what both say; of two descriptions the right one stays.

    Raises:
        ValueError: They contradict each other.
    """
    out = dict(left)
    for keyword, value in right.items():
        before = out.get(keyword)
        if keyword not in out or keyword in _ANNOTATIONS or before == value:
            out[keyword] = value
        else:
            out[keyword] = _both(keyword, before, value, place)
    return out


def _both(keyword: str, left: Any, right: Any, place: str) -> object:  # noqa: ANN401 - any JSON
    if keyword == "properties" and isinstance(left, Mapping) and isinstance(right, Mapping):
        shared = {name: {"allOf": [left[name], right[name]]} for name in left.keys() & right.keys()}
        return {**left, **right, **shared}
    if keyword == "required":
        return [*left, *right]
    if keyword == "enum" and (common := [value for value in left if value in right]):
        return common
    if keyword in (*_LEAST, *_MOST) and _are_numbers(left, right):
        return max(left, right) if keyword in _LEAST else min(left, right)
    if keyword == "type" and (kinds := _common_kinds(left, right)):
        return kinds
    if keyword in ("type", "enum", "const", "anyOf", "oneOf", "items", "prefixItems", "pattern"):
        raise ValueError(f"{place}: two schemas that both hold differ in {keyword!r}")
    return right


def _common_kinds(left: object, right: object) -> list[object]:
    one = left if isinstance(left, list | tuple) else [left]
    other = right if isinstance(right, list | tuple) else [right]
    return [kind for kind in one if kind in other]


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _target(ref: object, root: Json, place: str, refs: tuple[str, ...]) -> object:
    """Return what a reference means: a JSON pointer into the root (RFC 6901)."""
    if not isinstance(ref, str) or not ref.startswith("#"):
        raise ValueError(f"{place}: {ref!r} refers to something outside the schema")
    if ref in refs:
        raise ValueError(f"{place}: {ref} refers to itself; this provider takes no such schema")
    found: object = root
    for step in ref.removeprefix("#").split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping) and name in found:
            found = found[name]
        elif isinstance(found, list | tuple) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise ValueError(f"{place}: {ref} refers to nothing")
    return found
