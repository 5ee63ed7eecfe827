"""Checks a mapping against its format and tells the first thing that is wrong."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from freetier.catalog.fields import TOLD, UNKNOWN_KEY
from freetier.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

R = TypeVar("R", bound=BaseModel)

NEEDED = {
    "tier": "say how large it is: 1 up to 8B, 2 9-35B, 3 36-100B, 4 over 100B, 5 frontier",
    "source": "say where the figure comes from",
    "as_of": "say of which day the figure is",
}
"""What is told of keys whose lack is not explained by their name."""

_MUST_BE = {
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "mapping_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
}

_SHAPES = {
    "name": "must be small letters, digits, '.', '_' and '-'",
    "base_url": "must be a URL such as https://host/v1, without a slash at its end",
}

_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}

_KINDS = {
    str: "a text",
    int: "a number",
    float: "a number",
    bool: "yes or no",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}


def checked(kind: type[R], data: object, where: str) -> R:
    """Return the checked row.

    Args:
        kind: The format.
        data: What was read.
        where: Its file, for error texts.

    Raises:
        ConfigError: The first thing that is wrong: file, key path, nearest right key. What was
            found is told by its kind only, because it may be a key in the wrong place.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path, text = _told(first["type"], first["loc"], first)
        raise ConfigError(text, where=where, path=path or None) from None


def _told(kind: str, loc: Sequence[str | int], error: Any) -> tuple[str, str]:  # noqa: ANN401
    if kind == UNKNOWN_KEY:
        return key_path([*loc, error["ctx"]["key"]]), f"unknown key{error['ctx']['hint']}"
    if kind == TOLD:
        return key_path(loc), error["ctx"]["text"]
    if kind == "missing":
        return key_path(loc), f"is missing; {NEEDED.get(str(loc[-1]), 'it is needed')}"
    context = error.get("ctx", {})
    if words := _of_context(context, str(loc[-1]) if loc else "", error["input"]):
        return key_path(loc), words
    found = _KINDS.get(type(error["input"]), "this")
    must = _MUST_BE.get(kind) or error["msg"].removeprefix("Input ").removeprefix("String ")
    return key_path(loc), f"{must}, not {found}"


def _of_context(context: Mapping[str, Any], name: str, value: object) -> str:
    """Return what a value must be, where pydantic says what it was held against."""
    if "expected" in context:
        return _one_of(context["expected"], value)
    if "pattern" in context:
        return _SHAPES.get(name, f"must match {context['pattern']}")
    said = (f"must be {words} {context[of]}" for of, words in _BOUNDS.items() if of in context)
    return next(said, "")


def _one_of(expected: str, value: object) -> str:
    choices = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    near = get_close_matches(value, choices, n=1) if isinstance(value, str) else []
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"must be one of {', '.join(choices)}{hint}"


def key_path(loc: Sequence[str | int]) -> str:
    """Return a place in a mapping as people write it, for example `models[3].limits[0].per`."""
    out = ""
    for part in loc:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else str(part)
    return out
