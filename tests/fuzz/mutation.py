"""Mutations that keep JSON what it is: a value somewhere in it becomes another one.

What reads JSON is compiled and guides nobody, so that most mutations of bytes are no JSON.
"""

from __future__ import annotations

import json
import random
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, -0.5, 429, 2**53 + 1, 2**64, -(2**64), 10**25, 1e300,
    "", "0", "-1", "1e9", "null", "{}", "[]", "\ud800", "\x01KEY", "x" * 40, [], {}, [[]], [{}],
)  # fmt: skip
"""What a stranger may put where something else belongs."""

WITHIN = 4
"""A target may read so many bytes before the JSON begins."""

_DEEPER = 0.85


def mutated(data: bytes, seed: int) -> bytes | None:
    """Return an input whose JSON has one other value; None if it holds no JSON."""
    places = (data.find(sign, 0, WITHIN + 1) for sign in (b"{", b"["))
    start = min((place for place in places if place >= 0), default=None)
    if start is None:
        return None
    try:
        tree = json.loads(data[start:])
    except (ValueError, RecursionError):
        return None
    return data[:start] + json.dumps(_changed(tree, random.Random(seed))).encode()


def _changed(node: Any, chance: random.Random) -> Any:
    if isinstance(node, dict) and node and chance.random() < _DEEPER:
        name = chance.choice(list(node))
        return {**node, name: _changed(node[name], chance)}
    if isinstance(node, list) and node and chance.random() < _DEEPER:
        at = chance.randrange(len(node))
        return [*node[:at], _changed(node[at], chance), *node[at + 1 :]]
    return chance.choice(VALUES)
