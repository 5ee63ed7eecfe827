"""Good tool calls inside answers that a provider threw away as bad ones.

Groq's parser refuses what the model wrote with `tool_use_failed` and sends it along; often
only the wrapping is wrong. Shapes seen: `<function=name>{...}</function>`, with or without
the bracket, `<tool_call>{...}</tool_call>`, one object, a list of them, a `tool_calls` field.
"""

from __future__ import annotations

import re
from typing import Any

from freetier.dialects.jsontext import Unreadable, as_dict, as_list, read_at, write

TEXT_MAX = 262_144
"""Characters of a text that are looked at."""

_OPENING = "<function="
_NAME = re.compile(r"[\w.-]{1,64}")
_START = re.compile(r"[\[{]")


def rescued(text: str) -> str | None:
    """Return the calls in a thrown-away text, or `None` if they are not whole.

    Returns:
        A JSON array of objects with `name` and `arguments`, the latter a JSON text.
    """
    text = text[:TEXT_MAX].strip()
    calls = _tagged(text) if text.startswith(_OPENING) else _bare(text)
    return write(calls).decode() if calls else None


def _tagged(text: str) -> list[dict[str, str]] | None:
    calls = []
    for piece in text.split(_OPENING)[1:]:
        name = _NAME.match(piece)
        call = _call(name[0], _value(piece)) if name else None
        if call is None:
            return None
        calls.append(call)
    return calls


def _bare(text: str) -> list[dict[str, str]] | None:
    if text.startswith("<tool_call>"):
        found = [_value(piece) for piece in text.split("<tool_call>")[1:]]
    else:
        value = _value(text)
        found = value if isinstance(value, list) else [value]
    if len(found) == 1 and as_list(as_dict(found[0]).get("tool_calls")):
        found = found[0]["tool_calls"]
    calls = [_described(item) for item in found]
    return [call for call in calls if call is not None] if all(calls) else None


def _value(text: str) -> Any:  # noqa: ANN401 - whatever the model wrote
    """Return the first JSON value that is an object or an array."""
    start = _START.search(text)
    if start is None:
        return None
    try:
        return read_at(text, start.start())
    except Unreadable:
        return None


def _described(item: object) -> dict[str, str] | None:
    fields = as_dict(item)
    fields = as_dict(fields.get("function")) or fields
    arguments = fields.get("arguments", fields.get("parameters"))
    if isinstance(arguments, str):
        arguments = _value(arguments)
    name = fields.get("name")
    if isinstance(name, str) and _NAME.fullmatch(name):
        return _call(name, arguments)
    return None


def _call(name: str, arguments: object) -> dict[str, str] | None:
    if not isinstance(arguments, dict):
        return None
    return {"name": name, "arguments": write(arguments).decode()}
