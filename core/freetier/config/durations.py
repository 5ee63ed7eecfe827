"""Lengths of time as people write them: `90`, `60s`, `2m`, `1h30m`, `500ms`, `7d`."""

from __future__ import annotations

import math
import re

from freetier.config.places import Place

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
PART = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|[smhdw])")
NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
LONGEST = 100 * 366 * 86_400.0  # a hundred years: more is a slip of the unit


def seconds(value: object, place: Place) -> float:
    """Return a length in seconds; a bare number is seconds.

    Raises:
        ConfigError: It is no length, is negative, or is longer than a hundred years.
    """
    if isinstance(value, str):
        length = from_text(value.strip())
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        length = _from_number(value)
    else:
        length = None
    if length is None:
        raise place.error("must be a length of time: seconds, or for example '60s', '2m', '1h30m'")
    if length < 0:
        raise place.error("must not be negative")
    if length > LONGEST:
        raise place.error("is longer than a hundred years")
    return length


def _from_number(value: float) -> float | None:
    if isinstance(value, int):
        return float(max(-1, min(value, int(LONGEST) + 1)))  # a float cannot hold every integer
    return value if math.isfinite(value) else None


def from_text(text: str) -> float | None:
    """Return a length in seconds, or `None` if the text is none; it may be negative."""
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.removeprefix("-")
    if NUMBER.fullmatch(text):
        return sign * float(text)
    parts = PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sign * sum(float(number) * SECONDS[unit] for number, unit in parts)
