"""How the fake models count tokens: a rule that a person can check with a pencil.

- A text has one token per started four bytes of UTF-8.
- A message has 4 tokens more than its texts; a picture, sound or file has 100.
- A tool call has the tokens of its name and of its arguments as JSON.
- A request has 3 tokens more than its messages and its tools (as compact JSON) together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

MESSAGE = 4
REQUEST = 3
MEDIUM = 100


def tokens(text: str) -> int:
    """Return the tokens of a text."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return (size + 3) // 4


def prompt_tokens(body: dict[str, Any]) -> int:
    """Return the tokens of a chat request."""
    total = REQUEST + sum(message_tokens(message) for message in body["messages"])
    if body.get("tools"):
        total += tokens(json.dumps(body["tools"], separators=(",", ":"), ensure_ascii=False))
    return total


def message_tokens(message: dict[str, Any]) -> int:
    """Return the tokens of one message."""
    content = message.get("content")
    if isinstance(content, str):
        total = MESSAGE + tokens(content)
    else:
        total = MESSAGE + sum(part_tokens(part) for part in content or ())
    calls = message.get("tool_calls") or ()
    return total + call_tokens((c["function"]["name"], c["function"]["arguments"]) for c in calls)


def text_tokens(text: str | Sequence[int]) -> int:
    """Return the tokens of a text, or of tokens that came as numbers."""
    return tokens(text) if isinstance(text, str) else len(text)


def part_tokens(part: dict[str, Any]) -> int:
    """Return the tokens of one part of a message."""
    text = part.get("text") or part.get("refusal")
    return tokens(text) if isinstance(text, str) else MEDIUM


def call_tokens(calls: Iterable[tuple[str, str]]) -> int:
    """Return the tokens of tool calls, given as names and arguments."""
    return sum(tokens(name) + tokens(arguments) for name, arguments in calls)
