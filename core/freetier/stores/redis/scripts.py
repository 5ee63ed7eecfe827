"""The Lua files, each with the shared files it needs in front."""

from __future__ import annotations

from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import NamedTuple

WINDOWS = (
    "windows",
    "window_log",
    "window_counts",
    "window_counter",
    "window_first",
    "window_level",
    "window_concurrent",
)
"""The mirrors, in an order in which each finds what it builds on."""

WITH_WINDOWS = frozenset({"reserve", "settle", "survey", "observe"})


class Script(NamedTuple):
    """One operation.

    Attributes:
        text: What the server runs.
        sha: The name under which the server keeps it.
    """

    text: str
    sha: str


@cache
def script(name: str) -> Script:
    """Return the script of an operation, by the name of its file."""
    parts = ("base", *(WINDOWS if name in WITH_WINDOWS else ()), name)
    text = "\n".join(lua(part) for part in parts)
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


def lua(name: str) -> str:
    """Return the text of one Lua file."""
    return (files("freetier.stores") / "scripts" / f"{name}.lua").read_text(encoding="utf-8")
