"""Is this a request that the vendor would take? Written from the vendor's side.

RULE: raises `Rejection` or returns; changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from freetier.testing.jsons import Json
from freetier.testing.rejection import bad, extra
from freetier.testing.strict_forms import check_forms
from freetier.testing.strict_turns import check_turns
from freetier.testing.styles.form import FieldRules

TOOL_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
MOST_STOPS = 16
FLAGS = frozenset({"stream", "parallel_tool_calls", "logprobs", "store"})
NUMBERS: Mapping[str, tuple[type | tuple[type, ...], float, float]] = {
    "temperature": ((int, float), 0, 2),
    "top_p": ((int, float), 0, 1),
    "presence_penalty": ((int, float), -2, 2),
    "frequency_penalty": ((int, float), -2, 2),
    "max_tokens": (int, 1, 10**9),
    "max_completion_tokens": (int, 1, 10**9),
    "n": (int, 1, 1),
}


def check_chat(body: Json, rules: FieldRules, *, strict: bool) -> None:
    """Refuse a chat request that breaks the common rules or, if strict, the vendor's.

    Raises:
        Rejection: with the kind `bad_request`, `extra_field` or `bad_call_id`.
    """
    if strict and rules.known is not None:
        for name in body:
            if name not in rules.known:
                raise extra([name], body[name])
    check_turns(body, rules, strict=strict)
    _check_settings(body)
    _check_tools(body)
    _check_shape(body)
    if strict:
        _check_keywords(body, rules)
        check_forms(body, rules)


def check_embeddings(body: Json) -> None:
    """Refuse a request for vectors that makes no sense.

    Raises:
        Rejection: with the kind `bad_request`.
    """
    texts = inputs(body)
    if not texts or any(not isinstance(text, str | list) for text in texts):
        raise bad("input", "must be a text, a list of texts, or tokens")
    if any(not text for text in texts):
        raise bad("input", "must not hold an empty text")
    if body.get("encoding_format", "float") not in {"float", "base64"}:
        raise bad("encoding_format", "must be float or base64")
    if body.get("dimensions") is not None:
        _check_number("dimensions", body["dimensions"], int, 1, 65_536)


def inputs(body: Json) -> list[Any]:
    """Return the texts (or token lists) of an embedding request as a list."""
    given = body.get("input")
    if isinstance(given, list) and given and isinstance(given[0], int):
        return [given]
    return given if isinstance(given, list) else [given] if given else []


def _check_settings(body: Json) -> None:
    for name, value in body.items():
        if value is None:
            continue
        if name in FLAGS and not isinstance(value, bool):
            raise bad(name, "must be a boolean")
        if name in NUMBERS:
            _check_number(name, value, *NUMBERS[name])
    if body.get("stream_options") is not None and not body.get("stream"):
        raise bad("stream_options", "only allowed when stream is true")
    stop = body.get("stop")
    stops = [] if stop is None else [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or len(stops) > MOST_STOPS or not all_texts(stops):
        raise bad("stop", "must be a text or a short list of texts")


def all_texts(values: Collection[object]) -> bool:
    """Return whether all of them are texts."""
    return all(isinstance(value, str) for value in values)


def _check_number(
    name: str, value: object, kind: type | tuple[type, ...], low: float, high: float
) -> None:
    if not isinstance(value, kind) or isinstance(value, bool) or not low <= value <= high:  # type: ignore[operator]
        raise bad(name, f"must be a number from {low:g} to {high:g}, got {value!r}")


def _check_tools(body: Json) -> None:
    tools = body.get("tools")
    choice = body.get("tool_choice")
    if tools is None:
        if isinstance(choice, dict) or choice not in {None, "none", "auto"}:
            raise bad("tool_choice", "only allowed when tools are given")
        return
    if not isinstance(tools, list) or not tools:
        raise bad("tools", "must be a list with at least one tool")
    names = [_tool_name(tool, f"tools.{number}") for number, tool in enumerate(tools)]
    if len(set(names)) < len(names):
        raise bad("tools", "two tools have the same name")
    _check_choice(choice, names)


def _tool_name(tool: object, where: str) -> str:
    if not isinstance(tool, dict) or tool.get("type") != "function":
        raise bad(where, "must be a tool of type function")
    function = tool.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or not TOOL_NAME.fullmatch(name):
        raise bad(f"{where}.function.name", f"must match {TOOL_NAME.pattern}, got {name!r}")
    assert isinstance(function, dict)  # noqa: S101 - the name came out of it
    parameters = function.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise bad(f"{where}.function.parameters", "must be a schema")
    if parameters.get("type", "object") != "object":
        raise bad(f"{where}.function.parameters", "must be the schema of an object")
    return name


def _check_choice(choice: object, names: list[str]) -> None:
    if isinstance(choice, dict):
        function = choice.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        if choice.get("type") != "function" or name not in names:
            raise bad("tool_choice", f"names {name!r}, which is no tool")
    elif choice not in {None, "none", "auto", "required", "any"}:
        raise bad("tool_choice", f"unknown choice {choice!r}")


def _check_shape(body: Json) -> None:
    shape = body.get("response_format")
    if shape is None:
        return
    kind = shape.get("type") if isinstance(shape, dict) else None
    if kind not in {"text", "json_object", "json_schema"}:
        raise bad("response_format", f"unknown type {kind!r}")
    if kind == "json_schema":
        given = shape.get("json_schema")
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            raise bad("response_format.json_schema", "must have a name and a schema")
        if not isinstance(given.get("schema", {}), dict):
            raise bad("response_format.json_schema.schema", "must be a schema")


def _check_keywords(body: Json, rules: FieldRules) -> None:
    for number, tool in enumerate(body.get("tools") or ()):
        found = keyword_in(tool["function"].get("parameters"), rules.tool_keywords)
        if found:
            raise extra(["tools", number, "function", "parameters", found], None)
    shape = body.get("response_format") or {}
    schema = shape.get("json_schema", {}).get("schema", {})
    found = keyword_in(schema, rules.schema_keywords)
    if found:
        raise extra(["response_format", "json_schema", "schema", found], None)


def keyword_in(schema: object, keywords: Collection[str]) -> str | None:
    """Return a keyword that a schema uses at any depth, names of properties aside."""
    if not keywords:
        return None
    if isinstance(schema, list):
        return _first(schema, keywords)
    if not isinstance(schema, dict):
        return None
    here = next((keyword for keyword in schema if keyword in keywords), None)
    named = ("properties", "$defs", "definitions")
    inside = [v for k, v in schema.items() if k not in {*named, "enum", "const", "default"}]
    inside += [shape for k in named for shape in (schema.get(k) or {}).values()]
    return here or _first(inside, keywords)


def _first(schemas: list[Any], keywords: Collection[str]) -> str | None:
    return next(filter(None, (keyword_in(schema, keywords) for schema in schemas)), None)
