"""What a caller may write, turned into a request: text, messages, dicts in the OpenAI shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields as fields_of
from difflib import get_close_matches
from math import isfinite
from typing import Any

from freetier.errors import ConfigError, kind_of
from freetier.shapes.messages import message
from freetier.values.chat import ChatRequest, Message, ResponseFormat, Tool, ToolChoice
from freetier.values.names import is_tool_name
from freetier.values.quick import changed, maker

_request = maker(ChatRequest)

Asked = ChatRequest | str | Sequence[Message | Mapping[str, Any] | str]

FIELDS = frozenset(field.name for field in fields_of(ChatRequest)) - {"extra"}
"""What `complete` and its twins take besides routing options."""

_NUMBER, _WHOLE, _TEXT = (int | float, "a number"), (int, "a whole number"), (str, "a text")
_KINDS: dict[str, tuple[Any, str]] = {
    "model": _TEXT,
    "max_tokens": _WHOLE,
    "temperature": _NUMBER,
    "top_p": _NUMBER,
    "seed": _WHOLE,
    "presence_penalty": _NUMBER,
    "frequency_penalty": _NUMBER,
    "reasoning_effort": _TEXT,
    "parallel_tool_calls": (bool, "True or False"),
}
"""What fields hold that go out as they are."""

RENAMED = {"max_completion_tokens": "max_tokens"}
"""OpenAI's newer names of the same thing."""


def request(asked: Asked, given: Mapping[str, Any], *, extra: bool = False) -> ChatRequest:
    """Turn what a caller wrote into a request.

    Args:
        asked: A request, one text, or messages.
        given: Fields of the request by name; None means not given.
        extra: Whether unknown fields are passed on to the provider (the OpenAI surface) or
            refused with the nearest right name.

    Raises:
        ConfigError: A field is unknown or cannot be read; the text names it.
    """
    said = {RENAMED.get(name, name): value for name, value in given.items() if value is not None}
    unknown = {name: said.pop(name) for name in list(said) if name not in FIELDS}
    if unknown and not extra:
        raise _unknown(next(iter(unknown)))
    values = {name: _READERS.get(name, _as_is)(value) for name, value in said.items()}
    base = asked if isinstance(asked, ChatRequest) else _request(messages=messages(asked))
    if unknown:
        values["extra"] = {**base.extra, **unknown}
    made = changed(base, **values) if values else base
    return check(made)


def check(made: ChatRequest) -> ChatRequest:
    """Return a request that can be sent, or raise what is wrong with it."""
    if not made.messages:
        raise ConfigError("the list of messages is empty; give at least one", where="messages")
    for name, (kind, word) in _KINDS.items():
        value = getattr(made, name)
        if value is not None and not _is_of(value, kind):
            raise ConfigError(f"give {word}, not {value!r}", where=name)
    if made.tools:
        made = changed(made, tools=_distinct(made.tools))
    if made.tool_choice is not None and made.tool_choice.mode == "named":
        names = [tool.name for tool in made.tools]
        if made.tool_choice.name not in names:
            raise ConfigError(
                f"no tool is called {made.tool_choice.name!r}; there are {names}",
                where="tool_choice",
            )
    if made.max_tokens is not None and made.max_tokens < 1:
        raise ConfigError(f"must be at least 1, not {made.max_tokens}", where="max_tokens")
    return made


def _is_of(value: object, kind: Any) -> bool:
    """Tell whether a value is of a kind; True is no number, and neither is what has no value."""
    if isinstance(value, float) and not isfinite(value):
        return False
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _distinct(tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    """Return tools without repetitions; raise if a name cannot be sent, or means two of them."""
    first: dict[str, Tool] = {}
    for n, one in enumerate(tools):
        if not is_tool_name(one.name):
            raise ConfigError(
                f"{one.name!r} is no name for a tool; give letters, digits, '_' and '-'",
                where=f"tools[{n}]",
                path="function.name",
            )
        if first.setdefault(one.name, one) != one:
            raise ConfigError(
                f"another tool is called {one.name!r} as well; each needs a name of its own",
                where=f"tools[{n}]",
                path="function.name",
            )
    return tuple(first.values())


def messages(asked: str | Sequence[Message | Mapping[str, Any] | str]) -> tuple[Message, ...]:
    """Turn one text, or a list of messages in any shape, into messages."""
    if isinstance(asked, str):
        return (Message(role="user", content=asked),)
    if type(asked) is not list and (isinstance(asked, Mapping) or not isinstance(asked, Iterable)):
        raise ConfigError("give a text, or a list of messages", where="messages")
    return tuple(message(one, f"messages[{n}]") for n, one in enumerate(asked))


def _unknown(name: str) -> ConfigError:
    near = get_close_matches(name, FIELDS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(sorted(FIELDS))}"
    return ConfigError(f"unknown option {name!r}{hint}")


def _as_is(value: Any) -> Any:
    return value


def _stop(value: Any) -> tuple[str, ...]:
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        raise ConfigError(f"give a text or a list of texts, not {kind_of(value)}", where="stop")
    return tuple(texts)


def _tools(value: Any) -> tuple[Tool, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str | Mapping):
        raise ConfigError(f"give a list of tools, not {kind_of(value)}", where="tools")
    return tuple(tool(one, f"tools[{n}]") for n, one in enumerate(value))


def tool(one: Any, where: str) -> Tool:
    """Turn a tool in the OpenAI shape, or a bare function description, into a tool.

    Raises:
        ConfigError: It is no tool.
    """
    if isinstance(one, Tool):
        return one
    if not isinstance(one, Mapping):
        raise ConfigError(
            f"{kind_of(one)} is no tool; give a dict with name, description, parameters",
            where=where,
        )
    kind = one.get("type", "function")
    if kind != "function":
        raise ConfigError(
            f"tools of the type {kind!r} are run by their vendor and cannot be routed; "
            "give a function",
            where=where,
        )
    inner = one.get("function", one)
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ConfigError("a tool needs a name", where=where, path="function.name")
    parameters = inner.get("parameters") or {"type": "object", "properties": {}}
    if not isinstance(parameters, Mapping):
        raise ConfigError("must be a JSON schema", where=where, path="function.parameters")
    return Tool(
        name=name,
        description=str(inner.get("description") or ""),
        parameters=parameters,
        strict=inner.get("strict"),
    )


def _tool_choice(value: Any) -> ToolChoice:
    if isinstance(value, ToolChoice):
        return value
    words = {"auto": "auto", "none": "none", "required": "required", "any": "required"}
    if isinstance(value, str):
        mode = words.get(value)
        return ToolChoice(mode) if mode else ToolChoice("named", value)  # type: ignore[arg-type]
    inner = value.get("function") if isinstance(value, Mapping) else None
    if isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
        return ToolChoice("named", inner["name"])
    raise ConfigError(
        "give auto, none, required, a tool's name, or OpenAI's dict", where="tool_choice"
    )


def _response_format(value: Any) -> ResponseFormat | None:
    if isinstance(value, ResponseFormat):
        return value
    kind = value.get("type") if isinstance(value, Mapping) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseFormat(kind="json_object")
    inner = value.get("json_schema") if kind in {"json_schema", "schema"} else None
    if isinstance(inner, Mapping) and isinstance(inner.get("schema"), Mapping):
        return ResponseFormat(
            kind=kind,  # type: ignore[arg-type] # one of the two
            description=str(inner.get("description") or ""),
            name=str(inner.get("name") or "response"),
            schema=inner["schema"],
            strict=inner.get("strict"),
        )
    raise ConfigError(
        "give {'type': 'json_object'} or {'type': 'json_schema', 'json_schema': {'name': ..., "
        "'schema': ...}}; the type 'schema' lets each provider keep to it in its own way",
        where="response_format",
    )


_READERS: dict[str, Callable[[Any], Any]] = {
    "messages": messages,
    "stop": _stop,
    "tools": _tools,
    "tool_choice": _tool_choice,
    "response_format": _response_format,
}
