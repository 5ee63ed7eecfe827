"""Tool-call ids as each provider wants them, made of the ids that there are.

The new id is a function of the old one, so that a call and its answer agree, and a
conversation reads the same each time it is sent.
"""

from __future__ import annotations

import re
from base64 import b32encode
from hashlib import blake2b
from typing import Literal

ID_MAX = 40
"""Characters of an id; OpenAI takes no more, and no provider is known to take fewer but nine."""

_PLAIN = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_MAX}}}")
_NINE = re.compile(r"[A-Za-z0-9]{9}")


def wire_id(old: str, style: Literal["any", "alnum9"], again: int = 0) -> str:
    """Return the id that is sent.

    Args:
        old: The id as it came, from whatever provider; may be empty.
        style: What the provider takes.
        again: How many earlier calls of the conversation carried the same id.
    """
    fits = (_NINE if style == "alnum9" else _PLAIN).fullmatch(old)
    if fits and not again:
        return old
    text = f"{old}/{again}".encode("utf-8", "replace")
    if style == "alnum9":
        return b32encode(blake2b(text, digest_size=10).digest()).decode().lower()[:9]
    return "call_" + blake2b(text, digest_size=12).hexdigest()
