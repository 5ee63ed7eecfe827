"""Vectors out of an answer, for every language alike."""

from __future__ import annotations

import math

from freetier.dialects.jsontext import as_list
from freetier.dialects.streams import empty, malformed
from freetier.values.faults import Refused
from freetier.values.vectors import Vector


def numbers(value: object) -> Vector:
    """Return a list of finite numbers as a vector, or an empty one if it is none."""
    try:
        found = tuple(float(number) for number in as_list(value))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(map(math.isfinite, found)) else ()


def vectors_in(rows: object) -> tuple[Vector, ...] | Refused:
    """Return the vectors of an answer in their order; what holds none is a refusal."""
    if not isinstance(rows, list):
        return malformed("the answer holds no vectors")
    if not rows:
        return empty("the answer holds no vectors")
    vectors = tuple(map(numbers, rows))
    return vectors if all(vectors) else malformed("the answer holds a vector that cannot be read")
