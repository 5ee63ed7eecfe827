"""Tool calls of an answer: those that can be run, and those that cannot.

LangChain reads the fragments of a stream leniently: `{"rows": [1, 2` becomes a call with
half its rows. So a call whose arguments are not a JSON object at the end of an answer gets
an ending that no reader accepts, and is invalid in a stream as it is in a whole answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from langchain_core.messages import InvalidToolCall
from langchain_core.messages import ToolCall as LangChainCall

from freetier import FinishReason, ToolCall

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def sorted_out(
    calls: Iterable[ToolCall], reason: FinishReason
) -> tuple[list[LangChainCall], list[InvalidToolCall]]:
    """Return the calls that can be run, and the others with what is wrong with them."""
    valid, invalid = [], []
    for call in calls:
        arguments, complaint = read_arguments(call.arguments, reason)
        if complaint is None:
            valid.append(
                LangChainCall(type="tool_call", id=call.id, name=call.name, args=arguments)
            )
        else:
            invalid.append(
                InvalidToolCall(
                    type="invalid_tool_call",
                    id=call.id,
                    name=call.name,
                    args=call.arguments,
                    error=complaint,
                )
            )
    return valid, invalid


def read_arguments(text: str, reason: FinishReason) -> tuple[dict[str, Any], str | None]:
    """Return the arguments of a call, or what is wrong with them.

    No text means no arguments, unless the answer was cut.
    """
    was_cut = reason is FinishReason.LENGTH
    if not text.strip() and not was_cut:
        return {}, None
    try:
        arguments = json.loads(text, strict=False)
    except ValueError as error:
        cause = "the output bound cut the call short" if was_cut else str(error)
        return {}, f"the arguments are not JSON: {cause}"
    if not isinstance(arguments, dict):
        return {}, f"the arguments are not an object, but a {type(arguments).__name__}"
    return arguments, None


def spoiler(arguments: str) -> str:
    """Return an ending that makes unfinished arguments unreadable for lenient readers too."""
    outside = _STRINGS.sub("", arguments)
    head, quote, tail = outside.partition('"')
    opened = _innermost(head)
    closing = "}" if opened == "[" else "]"
    if not quote:
        return closing
    is_escaped = (len(tail) - len(tail.rstrip("\\"))) % 2 == 1
    return ('\\"' if is_escaped else '"') + closing


def _innermost(text: str) -> str:
    """Return the bracket that is open at the end of a text without strings."""
    open_brackets: list[str] = []
    for char in text:
        if char in "{[":
            open_brackets.append(char)
        elif char in "}]" and open_brackets:
            open_brackets.pop()
    return open_brackets[-1] if open_brackets else ""
