"""A vector out of an answer, for every language alike."""

from __future__ import annotations

import math

from freetier.dialects.jsontext import as_list
from freetier.values.vectors import Vector


def numbers(value: object) -> Vector:
    """Return a list of finite numbers as a vector, or an empty one if it is none."""
    try:
        found = tuple(float(number) for number in as_list(value))
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(map(math.isfinite, found)) else ()
