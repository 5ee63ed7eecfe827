"""Answers of a given shape: how they are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_origin

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import (
    JsonOutputKeyToolsParser,
    JsonOutputToolsParser,
    PydanticToolsParser,
)
from langchain_core.runnables import Runnable
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel

from freetier_langchain._answers import Acceptance, AnswerParser, with_raw
from freetier_langchain._errors import ModelMisconfigured
from freetier_langchain._tools import ToolDict, tool_dicts

Schema = Mapping[str, Any] | type
Method = Literal["function_calling", "json_schema", "json_mode"]
Structured = dict[str, Any] | BaseModel

LONGEST_NAME = 64
"""Characters of a tool's name; what OpenAI allows, and with it those who speak its language."""

_UNNAMEABLE = re.compile(r"[^A-Za-z0-9_-]")

METHODS: tuple[Method, ...] = ("function_calling", "json_schema", "json_mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How an answer of a shape is asked for and read.

    Attributes:
        bound: Arguments of each call.
        parser: Reads the answer.
    """

    bound: Mapping[str, Any]
    parser: AnswerParser


def shaped(
    model: Runnable[LanguageModelInput, AIMessage],
    schema: Schema | None = None,
    /,
    *,
    include_raw: bool = False,
    method: Method | None = None,
    strict: bool | None = None,
    **kwargs: Any,
) -> Runnable[LanguageModelInput, Structured]:
    """Return a chain of a model whose answers are objects of a schema.

    Args:
        model: Answers; takes more arguments by `bind`.
        schema: See `plan`, as `method` and `strict`.
        include_raw: Give the message as well, and errors as values.
        method: How they are asked for.
        strict: Whether the schema is enforced.
        **kwargs: More arguments of each call.

    Raises:
        ModelMisconfigured: The method is unknown, or does not go with the rest.
    """
    asked = plan(schema, method, strict=strict, is_lenient=include_raw)
    told = {"kwargs": {"method": method, "strict": strict}, "schema": schema}
    traced = {"ls_structured_output_format": told} if schema else {}
    bound = model.bind(**asked.bound, **kwargs, **traced)
    return with_raw(bound, asked.parser) if include_raw else bound | asked.parser


def plan(
    schema: Schema | None, method: Method | None, *, strict: bool | None, is_lenient: bool
) -> Plan:
    """Return how answers of a schema are asked for.

    Args:
        schema: A Pydantic class of either version, a `TypedDict`, or a JSON schema; may be
            left out for JSON mode.
        method: `None` leaves it to what the candidates can do.
        strict: Whether providers that can shall enforce the schema.
        is_lenient: Whether the caller wants an unreadable answer after all.

    Raises:
        ModelMisconfigured: The method is unknown, or does not go with the rest.
    """
    schema, strict = _unwrapped(schema, strict=strict)
    _check_method(schema, method, strict=strict)
    if schema is None:
        parser = AnswerParser(by_text=JsonOutputParser())
        accept = Acceptance("JSON object", parser, is_lenient=is_lenient)
        asked = _asked({}, "json_mode", strict=None)
        return Plan(bound={**asked, "accept": accept}, parser=parser)
    tool = _tool(schema, strict=strict)
    name = tool["function"]["name"]
    parser = _parser(schema, name, method)
    required = frozenset() if is_class(schema) else _required(tool)
    accept = Acceptance(name, parser, required, is_lenient)
    return Plan(bound={**_asked(tool, method, strict=strict), "accept": accept}, parser=parser)


def is_class(schema: Schema | None) -> bool:
    """Tell whether answers become objects of a Pydantic class."""
    return isinstance(schema, type) and is_basemodel_subclass(schema)


def shape(schema: type) -> Mapping[str, Any]:
    """Return a class as a `response_format` in the OpenAI shape."""
    asked: Mapping[str, Any] = _asked(_tool(schema), "json_schema", strict=None)["response_format"]
    return asked


def _tool(schema: Schema, *, strict: bool | None = None) -> ToolDict:
    if get_origin(schema) is not None:
        raise ModelMisconfigured(
            f"{schema} is no schema; give a Pydantic class, a TypedDict or a JSON schema, which "
            "may have it in a field",
            where="schema",
        )
    (tool,) = tool_dicts([_titled(schema)], strict=strict)
    return tool


def _unwrapped(schema: Schema | None, *, strict: bool | None) -> tuple[Schema | None, bool | None]:
    """Return a schema out of OpenAI's `response_format` or its inner part, if it is in one."""
    if not isinstance(schema, Mapping):
        return schema, strict
    wrapped = schema.get("json_schema") if schema.get("type") == "json_schema" else schema
    if not isinstance(wrapped, Mapping) or not isinstance(wrapped.get("schema"), Mapping):
        return schema, strict
    told = {"title": wrapped.get("name"), "description": wrapped.get("description")}
    kept = {name: value for name, value in told.items() if value}
    return {**wrapped["schema"], **kept}, wrapped.get("strict") if strict is None else strict


def _check_method(schema: Schema | None, method: Method | None, *, strict: bool | None) -> None:
    if method is not None and method not in METHODS:
        raise ModelMisconfigured(
            f"unknown method {method!r}; there are {', '.join(METHODS)}", where="method"
        )
    if schema is None and method != "json_mode":
        raise ModelMisconfigured("only JSON mode does without a schema", where="schema")
    if strict is not None and method == "json_mode":
        raise ModelMisconfigured("JSON mode knows no schema to be strict about", where="strict")


def _titled(schema: Schema) -> Schema:
    """Return a schema that has a name which providers take for a tool's."""
    if isinstance(schema, Mapping) and "properties" in schema:
        title = str(schema.get("title") or "Answer")
        return {**schema, "title": _UNNAMEABLE.sub("_", title)[:LONGEST_NAME]}
    return schema


def _asked(tool: ToolDict, method: Method | None, *, strict: bool | None) -> dict[str, Any]:
    if method == "json_mode":
        return {"response_format": {"type": "json_object"}}
    function = tool["function"]
    if method == "function_calling":
        choice = {"type": "function", "function": {"name": function["name"]}}
        return {"tools": [tool], "tool_choice": choice}
    wanted = {"name": function["name"], "schema": function.get("parameters") or {}}
    if description := function.get("description"):
        wanted["description"] = description
    if strict is not None:
        wanted["strict"] = strict
    # Without a method the router chooses for each candidate.
    return {"response_format": {"type": method or "schema", "json_schema": wanted}}


def _parser(schema: Schema, name: str, method: Method | None) -> AnswerParser:
    by_call = None if method in {"json_schema", "json_mode"} else _call_parser(schema, name)
    by_text = None if method == "function_calling" else _text_parser(schema)
    return AnswerParser(by_call=by_call, by_text=by_text)


def _call_parser(schema: Schema, name: str) -> JsonOutputToolsParser:
    if is_class(schema):
        return PydanticToolsParser(tools=[schema], first_tool_only=True)
    return JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)


def _text_parser(schema: Schema) -> JsonOutputParser:
    if is_class(schema):
        return PydanticOutputParser(pydantic_object=schema)
    return JsonOutputParser()


def _required(tool: ToolDict) -> frozenset[str]:
    names: Sequence[str] = tool["function"].get("parameters", {}).get("required", ())
    return frozenset(names)
