"""Tools and the choice among them: `tools` and `toolConfig`."""

from __future__ import annotations

import re
from typing import Any

from freetier.dialects.gemini.schemas import restricted
from freetier.values.chat import ChatRequest, Tool, ToolChoice

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
"""What a function may be called (https://ai.google.dev/api/caching#FunctionDeclaration)."""

_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "named": "ANY"}


def tool_fields(request: ChatRequest) -> dict[str, Any]:
    """Return the fields of tools, empty if there are none.

    Raises:
        ValueError: A tool or the choice cannot be said; names the tool.
    """
    choice = request.tool_choice
    if not request.tools:
        if choice is not None and choice.mode in ("required", "named"):
            raise ValueError("a tool must be called, but there are none")
        return {}
    fields: dict[str, Any] = {"tools": [{"functionDeclarations": list(map(_tool, request.tools))}]}
    if choice is not None:
        fields["toolConfig"] = {"functionCallingConfig": _config(choice, request.tools)}
    return fields


def _tool(tool: Tool) -> dict[str, Any]:
    if not NAME.fullmatch(tool.name):
        raise ValueError(f"no tool of this provider may be called {tool.name!r}")
    declared: dict[str, Any] = {"name": tool.name}
    if tool.description:
        declared["description"] = tool.description
    if tool.parameters:
        place = f"tools.{tool.name}.parameters"
        parameters = restricted({"type": "object", **tool.parameters}, place, sizes=True)
        if parameters.get("type") != "OBJECT":
            raise ValueError(f"{place}: must be an object")
        if parameters.get("properties"):  # an object without any is refused
            declared["parameters"] = parameters
    return declared


def _config(choice: ToolChoice, tools: tuple[Tool, ...]) -> dict[str, Any]:
    config: dict[str, Any] = {"mode": _MODES[choice.mode]}
    if choice.mode == "named":
        if choice.name not in {tool.name for tool in tools}:
            raise ValueError(f"the tool that must be called is not among the tools: {choice.name}")
        config["allowedFunctionNames"] = [choice.name]
    return config
