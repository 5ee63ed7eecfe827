"""Tools and the choice among them, in every form LangChain knows, as the core reads them.

What is bound to a model stays a plain dict in the OpenAI shape: it is shown in traces and
makes up the key of a cache. Marks for prompt caches are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from freetier.errors import kind_of
from freetier.values.names import is_tool_name
from freetier_langchain._errors import ModelMisconfigured

AnyTool = Mapping[str, Any] | type | Callable[..., Any] | BaseTool
ToolDict = dict[str, Any]
Choice = str | bool | Mapping[str, Any] | None

_FUNCTION_FIELDS = ("name", "description", "parameters", "strict")
# A dict is a function of ours, a JSON schema, or Anthropic's form of a function.
_OPEN_TYPES = frozenset({"function", "object", "custom"})

_MODES = {"auto": "auto", "none": "none", "any": "required", "required": "required"}


def bound_tools(
    tools: Sequence[AnyTool],
    *,
    tool_choice: Choice = None,
    strict: bool | None = None,
    parallel_tool_calls: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Return the arguments of each call of a model that has tools.

    Raises:
        ModelMisconfigured: A tool is none, or is run by its vendor; or the choice is none.
    """
    bound = tool_dicts(tools, strict=strict)
    said = {
        "tools": bound or None,
        "tool_choice": read_choice(tool_choice, bound),
        "parallel_tool_calls": parallel_tool_calls if bound else None,
    }
    return {**{name: value for name, value in said.items() if value is not None}, **kwargs}


def tool_dicts(tools: Sequence[AnyTool], *, strict: bool | None = None) -> list[ToolDict]:
    """Return tools in the OpenAI shape.

    Raises:
        ModelMisconfigured: One is no tool, or is run by a vendor and cannot be routed.
    """
    given: Any = tools
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        raise ModelMisconfigured(f"give a list of tools, not {kind_of(given)}", where="tools")
    return [_tool_dict(tool, f"tools[{n}]", strict=strict) for n, tool in enumerate(given)]


def _tool_dict(tool: AnyTool, where: str, *, strict: bool | None) -> ToolDict:
    if isinstance(tool, Mapping) and tool.get("type", "function") not in _OPEN_TYPES:
        raise _vendors_own(tool, where)
    try:
        converted = convert_to_openai_tool(tool, strict=strict)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise _no_tool(tool, where) from error
    if converted.get("type") != "function":
        raise _vendors_own(converted, where)
    function = converted.get("function")
    if not isinstance(function, Mapping):
        raise _no_tool(tool, where)
    if not is_tool_name(str(function.get("name") or "")):
        raise ModelMisconfigured(
            f"{function.get('name')!r} is no name for a tool; give a function made by `def`, or "
            "a name of letters, digits, '_' and '-'",
            where=where,
        )
    kept = {name: function[name] for name in _FUNCTION_FIELDS if name in function}
    return {"type": "function", "function": kept}


def _no_tool(tool: object, where: str) -> ModelMisconfigured:
    return ModelMisconfigured(
        f"{kind_of(tool)} {'without a name ' * isinstance(tool, Mapping)}is no tool; give a "
        "function, a tool, a Pydantic class, or a dict with name, description and parameters",
        where=where,
    )


def _vendors_own(tool: Mapping[str, Any], where: str) -> ModelMisconfigured:
    return ModelMisconfigured(
        f"tools of the type {tool.get('type')!r} are run by their vendor and cannot be routed; "
        "give a function",
        where=where,
    )


def read_choice(choice: Choice, tools: Sequence[ToolDict]) -> str | ToolDict | None:
    """Return a choice in the OpenAI shape; `None` leaves it to the provider.

    Args:
        choice: A mode, `any`, a tool's name, `True` for any tool, or a vendor's dict.
        tools: What there is to choose from.

    Raises:
        ModelMisconfigured: No tool has that name, or the choice cannot be read.
    """
    if not choice or not tools:
        return None
    if choice is True:
        return "required"
    if isinstance(choice, Mapping):
        choice = _chosen(choice)
    if not isinstance(choice, str):
        raise _no_choice()
    names = [tool["function"]["name"] for tool in tools]
    if choice in names:
        return {"type": "function", "function": {"name": choice}}
    if choice in _MODES:
        return _MODES[choice]
    near = get_close_matches(choice, [*names, *_MODES], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"
    raise ModelMisconfigured(f"no tool is called {choice!r}{hint}", where="tool_choice")


def _chosen(choice: Mapping[str, Any]) -> str:
    """Return the name or the mode that a vendor's dict stands for."""
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    mode = name or choice.get("type")
    if not isinstance(mode, str) or mode in {"function", "tool"}:
        raise _no_choice()
    return mode


def _no_choice() -> ModelMisconfigured:
    return ModelMisconfigured(
        "give auto, none, any, required, a tool's name or OpenAI's dict", where="tool_choice"
    )
