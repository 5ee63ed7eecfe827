"""LlamaIndex's tools and the choice among them, as the router reads them.

What is handed to `chat` stays plain dicts in OpenAI's shape: it is shown in traces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, MessageRole
from llama_index.core.tools.types import BaseTool

from freetier.errors import ConfigError, kind_of

ToolDict = dict[str, Any]
Choice = str | Mapping[str, Any] | None

_MODES = {"auto": "auto", "none": "none", "any": "required", "required": "required"}


def tool_dicts(tools: Iterable[object]) -> list[ToolDict]:
    """Return tools in OpenAI's shape; dicts pass, because the router reads them itself.

    Raises:
        ConfigError: One is no tool.
    """
    given: Any = tools
    if not isinstance(given, Iterable) or isinstance(given, str | Mapping):
        raise ConfigError(f"give a list of tools, not {kind_of(given)}", where="tools")
    return [_tool_dict(tool, f"tools[{n}]") for n, tool in enumerate(given)]


def _tool_dict(tool: object, where: str) -> ToolDict:
    if isinstance(tool, Mapping):
        return dict(tool)
    if not isinstance(tool, BaseTool):
        raise ConfigError(
            f"{kind_of(tool)} is no tool; make one with FunctionTool.from_defaults(...)",
            where=where,
        )
    return tool.metadata.to_openai_tool(skip_length_check=True)


def choice_of(choice: Choice, tools: Sequence[ToolDict]) -> str | ToolDict | None:
    """Return a choice in OpenAI's shape; `None` leaves it to the provider.

    Args:
        choice: A mode, `any`, a tool's name or a vendor's dict.
        tools: What there is to choose from.

    Raises:
        ConfigError: The choice cannot be read, or no tool has that name.
    """
    if not choice or not tools:
        return None
    word = choice if isinstance(choice, str) else _chosen(choice)
    names = [_name(tool) for tool in tools]
    if word in names:
        return {"type": "function", "function": {"name": word}}
    if word in _MODES:
        return _MODES[word]
    raise ConfigError(
        f"no tool is called {word!r}; there are {', '.join(names)}", where="tool_choice"
    )


def _name(tool: ToolDict) -> str:
    return str((tool.get("function") or tool).get("name"))


def _chosen(choice: Mapping[str, Any]) -> str:
    """Return the name or the mode that a vendor's dict stands for."""
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    word = name or choice.get("type")
    if not isinstance(word, str) or word in {"function", "tool"}:
        raise ConfigError(
            "give auto, none, any, required, a tool's name or OpenAI's dict", where="tool_choice"
        )
    return word


def conversation(
    user_msg: str | ChatMessage | None, chat_history: Sequence[ChatMessage] | None
) -> list[ChatMessage]:
    """Return a new list of the history and what the user says now."""
    messages = list(chat_history or ())
    if isinstance(user_msg, str):
        user_msg = ChatMessage(role=MessageRole.USER, content=user_msg)
    if user_msg is not None:
        messages.append(user_msg)
    return messages
