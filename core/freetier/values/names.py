"""Which names can be sent at all."""

from __future__ import annotations

import re

_TOOL = re.compile(r"[\w.:/-]+")


def is_tool_name(name: str) -> bool:
    """Tell whether any provider takes a tool of this name; none takes blanks or brackets."""
    return _TOOL.fullmatch(name) is not None
