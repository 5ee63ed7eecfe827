"""Lengths of time and instants as providers write them; garbage is `None`, never an error."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from freetier.values.providers import HeaderFormat

LONGEST = 366 * 86_400.0
"""No limit of a provider resets later; a longer time is a misreading."""

EPOCH_MIN = 1e9
"""A number of seconds above this is an instant of 2001 or later, not a duration."""

_UNITS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "millisecond": 1e-3,
    "s": 1.0, "sec": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86_400.0, "day": 86_400.0,
}  # fmt: skip
_PIECE = re.compile(r"(\d{1,15}(?:\.\d{0,15})?) ?([a-zµ]{1,12})[, ]{0,2}", re.IGNORECASE)
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"[a-z]{3,9}, (\d{1,2})[ -]([a-z]{3})[ -](\d{4}) (\d\d):(\d\d):(\d\d) (?:gmt|utc)",
    re.IGNORECASE,
)


def number(text: str) -> float | None:
    """Return a decimal number."""
    text = text.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def count(text: str) -> int | None:
    """Return a number of things; a fraction is cut off, a negative one means none."""
    value = number(text)
    return None if value is None or value > EPOCH_MIN**2 else int(max(0.0, value))


def duration(text: str) -> float | None:
    """Return the seconds of `1h2m3.4s`, `120ms`, `20 seconds`; a bare number means seconds."""
    text = text.strip()
    bare = number(text)
    if bare is not None:
        return _sane(bare)
    total, end = 0.0, 0
    while end < len(text):
        piece = _PIECE.match(text, end)
        unit = _unit(piece[2]) if piece else None
        if piece is None or unit is None:
            return None
        total += float(piece[1]) * unit
        end = piece.end()
    return _sane(total) if end else None


def seconds(text: str, form: HeaderFormat, now: float | None) -> float | None:
    """Return how long from now a header means.

    A value that cannot be what the form says is read as what it looks like: an instant
    among durations, a duration among instants.

    Args:
        text: The header's value.
        form: How the catalog says it is written.
        now: The provider's clock, in seconds since 1970 UTC; without it instants are `None`.
    """
    value = number(text)
    if value is None:
        return duration(text)
    if form in ("milliseconds", "epoch_milliseconds"):
        value /= 1000.0
    if value >= EPOCH_MIN * 1000.0:
        value /= 1000.0
    if value < EPOCH_MIN:
        return _sane(value)
    return None if now is None else _sane(max(0.0, value - now))


def http_date(text: str) -> float | None:
    """Return the instant of an HTTP date (RFC 9110, 5.6.7), in seconds since 1970 UTC."""
    found = _DATE.fullmatch(text.strip())
    if found is None or found[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[group]) for group in (1, 3, 4, 5, 6))
    month = _MONTHS.index(found[2].lower()) + 1
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _unit(word: str) -> float | None:
    word = word.lower()
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))


def _sane(value: float) -> float | None:
    return value if 0.0 <= value <= LONGEST else None
