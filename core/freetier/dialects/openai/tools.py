"""Tools and the choice among them, in the forms a provider takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freetier.dialects.openai.schemas import closed, without
from freetier.values.chat import ChatRequest, Json, ResponseFormat, Tool
from freetier.values.quirks import Quirks

NO_PARAMETERS: Json = {"type": "object", "properties": {}}


def tool_fields(request: ChatRequest, quirks: Quirks) -> Mapping[str, Any]:
    """Return the fields `tools` and `tool_choice`, empty if no tool may be called.

    Raises:
        ValueError: The choice cannot be said to this provider, or names no tool.
    """
    choice = request.tool_choice
    mode = choice.mode if choice else None
    if not request.tools:
        if mode in ("required", "named"):
            raise ValueError("a tool must be called, but there are none")
        return {}
    if mode == "none" and quirks.tool_choice in ("auto", "none"):
        return {}
    tools = request.tools
    if choice is not None and mode == "named":
        tools = tuple(tool for tool in tools if tool.name == choice.name)
        if not tools:
            raise ValueError(f"the tool that must be called is not among the tools: {choice.name}")
    sent = request.tools if quirks.tool_choice == "all" else tools
    flagged = quirks.strict_flag and (quirks.strict_mixed or all(tool.strict for tool in sent))
    fields: dict[str, Any] = {"tools": [_tool(tool, quirks, flagged=flagged) for tool in sent]}
    if mode == "named" and len(sent) == 1:
        mode = "required"  # says the same, and servers that know no names take it
    word = _choice(mode, choice.name if choice else None, quirks)
    return {**fields, "tool_choice": word} if word is not None else fields


def format_field(wanted: ResponseFormat, quirks: Quirks) -> dict[str, Any]:
    """Return the field `response_format`."""
    if wanted.kind == "json_object" and not quirks.json_object_as_schema:
        return {"type": "json_object"}
    is_any = wanted.kind == "json_object"
    inside = {"type": "object"} if is_any else without(wanted.schema, quirks.answer_schema_drop)
    schema: dict[str, Any] = {
        "name": _plain_name(wanted.name),
        "schema": closed(inside) if quirks.answer_closed else inside,
    }
    if wanted.strict is not None and quirks.strict_flag and not is_any:
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}


def _tool(tool: Tool, quirks: Quirks, *, flagged: bool) -> dict[str, Any]:
    for word in quirks.tool_root_refused.intersection(tool.parameters):
        raise ValueError(
            f"this provider takes no {word} at the root of a tool's schema: {tool.name}"
        )
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    parameters = without(tool.parameters, quirks.tool_schema_drop)
    function["parameters"] = parameters or NO_PARAMETERS
    if tool.strict is not None and flagged:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _choice(mode: str | None, name: str | None, quirks: Quirks) -> Any:  # noqa: ANN401 - word or object
    if mode is None:
        return None
    if mode in ("auto", "none"):
        return None if quirks.tool_choice == "none" else mode
    if quirks.tool_choice in ("auto", "none"):
        raise ValueError("this provider cannot be made to call a tool")
    if mode == "named" and quirks.tool_choice == "all":
        return {"type": "function", "function": {"name": name}}
    return quirks.required_word


def _plain_name(name: str) -> str:
    """Return a name of the letters that all providers take (OpenAI: at most 64)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name)
    return plain[:64] or "response"
