"""What pydantic says of a mapping, said again in our words and with the user's key path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from freetier.config.places import Place, listed, nearest
from freetier.config.schema import KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    from freetier.config.schema import Written
    from freetier.errors import ConfigError

    T = TypeVar("T", bound=Written)

TEXTS = {
    "missing": "is missing",
    "mapping": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "frozen_set_type": "must be a list",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "twice": "a key is given here in two spellings",
    "flag": "must be a number, not true or false",
}


def check(model: type[T], data: object, place: Place) -> T:
    """Return the mapping as a checked value.

    Raises:
        ConfigError: For the first thing that is wrong, naming its key path as the user
            spelt it; it never holds what the user wrote there.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        value = error.errors(include_url=False)[0]["input"]
        refusal = _refusal(problem, value, place)
    raise refusal


def _refusal(problem: ErrorDetails, value: object, place: Place) -> ConfigError:
    there = place.at(*problem["loc"])
    context: Mapping[str, Any] = problem.get("ctx", {})
    if problem["type"] == KEY:
        return there.at(context["key"]).error(f"unknown key{context['hint']}")
    if "expected" in context:
        return there.error(_one_of(context["expected"], value))
    if problem["type"] in BOUNDS:
        return there.error(BOUNDS[problem["type"]](context))
    return there.error(TEXTS.get(problem["type"], problem["msg"]))


def _one_of(expected: str, value: object) -> str:
    choices = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    hint = nearest(value, choices) if isinstance(value, str) else ""
    return f"must be one of {listed(choices)}{hint}"


def _at_least(context: Mapping[str, Any]) -> str:
    if context["ge"] == 0:
        return "must not be negative"
    return f"must be at least {context['ge']:g}"


BOUNDS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": _at_least,
    "greater_than": lambda context: f"must be more than {context['gt']:g}",
    "less_than_equal": lambda context: f"must be at most {context['le']:,}",
    "string_too_long": lambda context: f"must be at most {context['max_length']} characters",
}
