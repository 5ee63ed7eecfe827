"""Tool calls between LlamaIndex and the core.

LlamaIndex keeps the calls of a turn in two places, blocks and `additional_kwargs`; what is
newer reads the first, streaming structured output the second. We write both and read the
blocks if there are any.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llama_index.core.base.llms.types import ChatMessage, ToolCallBlock
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.llms.utils import parse_partial_json

from freetier.errors import ConfigError
from freetier.values.chat import ToolCall
from freetier.values.reports import Completion

CALLS = "tool_calls"


def calls_of(message: ChatMessage, where: str) -> tuple[ToolCall, ...]:
    """Return the calls of a turn in a history.

    Raises:
        ConfigError: One of those in `additional_kwargs` cannot be read.
    """
    blocks = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    if blocks:
        return tuple(_of_block(block) for block in blocks)
    kept = message.additional_kwargs.get(CALLS) or ()
    return tuple(_of_kept(call, f"{where}.{CALLS}[{n}]") for n, call in enumerate(kept))


def _of_block(block: ToolCallBlock) -> ToolCall:
    return ToolCall(
        id=block.tool_call_id or "", name=block.tool_name, arguments=_text(block.tool_kwargs)
    )


def _of_kept(call: object, where: str) -> ToolCall:
    """Read a call in OpenAI's shape, a dict or an object of a vendor's library."""
    if isinstance(call, ToolCallBlock):
        return _of_block(call)
    fields = call if isinstance(call, Mapping) else _dumped(call)
    inner = fields.get("function", fields)
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str) or not name:
        raise ConfigError("a tool call needs function.name", where=where)
    return ToolCall(
        id=str(fields.get("id") or ""), name=name, arguments=_text(inner.get("arguments"))
    )


def _dumped(call: object) -> Mapping[str, Any]:
    dump = getattr(call, "model_dump", None)
    dumped = dump() if callable(dump) else None
    return dumped if isinstance(dumped, Mapping) else {}


def _text(arguments: object) -> str:
    if isinstance(arguments, str):
        return arguments or "{}"
    return json.dumps(arguments or {}, ensure_ascii=False, default=str)


def block_of(call: ToolCall, *, is_whole: bool) -> ToolCallBlock:
    """Return a call as a block; its arguments stay text until they are whole."""
    arguments = _object(call.arguments) if is_whole else None
    return ToolCallBlock(
        tool_call_id=call.id,
        tool_name=call.name,
        tool_kwargs=call.arguments if arguments is None else arguments,
    )


def dict_of(call: ToolCall) -> dict[str, Any]:
    """Return a call as a new plain dict in OpenAI's shape."""
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def selections(message: ChatMessage) -> Iterator[ToolSelection]:
    """Yield the calls of an answer that may still be coming, with as much as can be read."""
    for call in calls_of(message, "message"):
        yield ToolSelection(
            tool_id=call.id, tool_name=call.name, tool_kwargs=_as_far_as_it_goes(call.arguments)
        )


def with_one_call(message: ChatMessage) -> ChatMessage:
    """Return a message that keeps the first of its calls, in both places."""
    blocks = [block for block in message.blocks if isinstance(block, ToolCallBlock)]
    kwargs = dict(message.additional_kwargs)
    kept = list(kwargs.get(CALLS) or ())
    if len(blocks) <= 1 and len(kept) <= 1:
        return message
    if kept:
        kwargs[CALLS] = kept[:1]
    others = blocks[1:]
    rest = [block for block in message.blocks if not any(block is other for other in others)]
    return ChatMessage(role=message.role, blocks=rest, additional_kwargs=kwargs)


def check_arguments(completion: Completion) -> None:
    """Raise `ValueError` if the arguments of a call cannot be read.

    Half an argument or none would run the tool with something nobody asked for, so that an
    answer like this is no answer; the router goes on to the next candidate.
    """
    for call in completion.tool_calls:
        if _object(call.arguments) is None:
            raise ValueError(f"the arguments of {call.name} are not a JSON object")


def arguments_of(calls: Sequence[ToolCall]) -> dict[str, Any] | None:
    """Return the arguments of the first call; `None` if there is none or it is unreadable."""
    return _object(calls[0].arguments) if calls else None


def _object(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return {}
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _as_far_as_it_goes(text: str) -> dict[str, Any]:
    whole = _object(text)
    if whole is not None:
        return whole
    try:
        value = parse_partial_json(text)
    except ValueError:
        return {}
    return value
