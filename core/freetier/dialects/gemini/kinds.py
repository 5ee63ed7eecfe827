"""Types, values and bounds of a schema in Gemini's words."""

from __future__ import annotations

from typing import Any, Final

from freetier.dialects.jsontext import write

KINDS: Final = ("string", "number", "integer", "boolean", "object", "array")
ANYTHING: Final = ("string", "number", "boolean")
"""What stands for a schema that allows anything: an answer is one of these."""

FORMATS: Final = {
    "string": ("date-time",),
    "number": ("float", "double"),
    "integer": ("int32", "int64"),
}
"""Formats that are known by type; others are refused (several public issues, 2025 and 2026)."""

_RANGE = ("minimum", "maximum")
SIZES: Final = {
    "string": ("minLength", "maxLength", "pattern"),
    "number": _RANGE,
    "integer": _RANGE,
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "boolean": (),
}
_TOLD: Final = ("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems")
_SHOWN_MAX = 200  # characters of a bound in a description

_SIGNS: Final = {
    "object": ("properties", "required", "additionalProperties", *SIZES["object"]),
    "array": ("items", "prefixItems", "uniqueItems", *SIZES["array"]),
    "string": SIZES["string"],
    "number": (*_RANGE, *_TOLD[:3]),
}
"""Keywords that tell the type of a schema which names none."""


def kinds_of(found: dict[str, Any], place: str) -> tuple[list[str], bool]:
    """Return the types a schema allows, and whether null is one of them.

    Raises:
        ValueError: It names an unknown type, or its types and values exclude each other.
    """
    told = found.get("type")
    names = list(told) if isinstance(told, list | tuple) else [told] if told else _implied(found)
    unknown = next((name for name in names if name not in (*KINDS, "null")), None)
    if unknown is not None:
        raise ValueError(f"{place}: unknown type {unknown!r}")
    values = _allowed(found)
    nullable = "null" in names if values is None else None in values
    nullable = nullable or found.get("nullable") is True  # as OpenAPI writes it
    kinds = [name for name in names if name != "null"]
    if values is not None:
        kinds = [kind for kind in kinds if any(_is_of(value, kind) for value in values)]
        if not kinds and not nullable:
            raise ValueError(f"{place}: its type and its values exclude each other")
    return kinds, nullable


def simple(kind: str, found: dict[str, Any], *, sizes: bool) -> tuple[dict[str, Any], list[str]]:
    """Return all of a schema but what is within it, and what a description must tell.

    Args:
        kind: Its type.
        found: The schema.
        sizes: Whether bounds on sizes and ranges may be said.
    """
    made: dict[str, Any] = {"type": kind.upper()}
    notes: list[str] = []
    bounds = {k: found[k] for k in SIZES[kind] if _is_bound(k, found.get(k))}
    values = _allowed(found)
    if values is not None:
        _say_values(kind, [value for value in values if _is_of(value, kind)], made, notes)
    form = found.get("format")
    if isinstance(form, str) and "format" not in made:
        if form in FORMATS.get(kind, ()):
            made["format"] = form
        else:
            notes.append(f"format: {form}"[:_SHOWN_MAX])
    if sizes:
        made |= bounds
    else:
        notes += [f"{key}: {value}"[:_SHOWN_MAX] for key, value in bounds.items()]
    told = ((key, found.get(key)) for key in _TOLD if key in found and found[key] is not False)
    notes += [f"{key}: {_shown(value)}" for key, value in told]
    return made, notes


def values_of(value: object) -> list[Any]:
    """Return a list of the schema, or an empty one if it is something else."""
    return list(value) if isinstance(value, list | tuple) else []


def _allowed(found: dict[str, Any]) -> list[Any] | None:
    """Return the only values a schema allows; `None` if it does not list them."""
    if "const" in found:
        return [found["const"]]
    return values_of(found.get("enum")) or None


def _say_values(kind: str, values: list[Any], made: dict[str, Any], notes: list[str]) -> None:
    """Say values; Gemini lists texts only, and none of them may be empty."""
    if kind == "string" and all(values):
        made |= {"format": "enum", "enum": list(dict.fromkeys(values))}
    elif values:
        word = "always" if len(values) == 1 else "one of"
        notes.append(f"{word}: {', '.join(map(_shown, values))}"[: 5 * _SHOWN_MAX])


def _implied(found: dict[str, Any]) -> list[str]:
    values = _allowed(found)
    if values is None:
        signs = (kind for kind, words in _SIGNS.items() if any(word in found for word in words))
        return list(signs) or list(ANYTHING)
    kinds = dict.fromkeys(_kind_of(value) for value in values)
    return [kind for kind in kinds if kind != "integer" or "number" not in kinds]


def _kind_of(value: object) -> str:
    order = ("null", "string", "boolean", "integer", "number", "object")
    return next((kind for kind in order if _is_of(value, kind)), "array")


def _is_of(value: object, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    types: dict[str, type | tuple[type, ...]] = {
        "string": str, "integer": int, "number": (int, float), "object": dict, "array": list,
    }  # fmt: skip
    return isinstance(value, types[kind])


def _is_bound(keyword: str, value: object) -> bool:
    if keyword == "pattern":
        return isinstance(value, str)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: object) -> str:
    return write(value).decode()[:_SHOWN_MAX]
