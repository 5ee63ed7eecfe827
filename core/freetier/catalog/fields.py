"""The kinds of values that stand in a provider file, and how a wrong one is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, StrictInt
from pydantic_core import PydanticCustomError

SPANS = {
    "second": 1.0,
    "minute": 60.0,
    "quarter_hour": 900.0,
    "hour": 3_600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_592_000.0,
}
"""Names of window lengths, in seconds; a month is a nominal one of 30 days."""

TOLD = "told"
"""Type of our own errors, whose text is complete."""

UNKNOWN_KEY = "unknown_key"
"""Type of the error for a key that a mapping does not know."""


def wrong(text: str) -> PydanticCustomError:
    """Return an error with a text of our own."""
    return PydanticCustomError(TOLD, "{text}", {"text": text})


def hint(name: str, names: Iterable[str]) -> str:
    """Return the end of a sentence: the nearest right name, or all of them."""
    names = sorted(names)
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names)}"


def refuse_unknown(data: object, names: Iterable[str]) -> None:
    """Raise for the first key of a mapping that is not among the names."""
    known = tuple(names)
    for key in data if isinstance(data, Mapping) else ():
        if key not in known:
            context = {"key": str(key), "hint": hint(str(key), known)}
            raise PydanticCustomError(UNKNOWN_KEY, "unknown key", context)


def fields_of(kind: type[Any]) -> Callable[[object], object]:
    """Return a check that a mapping has only keys which are fields of a dataclass."""
    names = [field.name for field in fields(kind)]

    def check(value: object) -> object:
        refuse_unknown(value, names)
        return value

    return check


def _seconds(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value not in SPANS:
        raise wrong(f"{value!r} is no span{hint(value, SPANS)}")
    return SPANS[value]


def _day(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    if not re.fullmatch(r"20\d\d(-\d\d){0,2}", text):
        raise wrong(f"{text!r} is no date like 2026-10-31")
    return text


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError):
        raise wrong(f"{value!r} is no time zone that this machine knows") from None


Span = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]
Day = Annotated[str, BeforeValidator(_day)]
Zone = Annotated[str, BeforeValidator(_zone)]
Texts = tuple[str, ...]
Count = Annotated[StrictInt, Field(ge=0)]
Size = Annotated[StrictInt, Field(gt=0)]
Tier = Annotated[StrictInt, Field(ge=1, le=5)]
Price = Annotated[float, Field(ge=0)]
Confidence = Literal["high", "medium", "low"]
