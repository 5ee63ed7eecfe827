"""Where the days, weeks and months of a time zone begin."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from freetier.errors import ConfigError

Unit = Literal["day", "week", "month"]
Edges = tuple[int, int, int, int]


def edges(unit: Unit, zone: str, now_ms: int) -> Edges:
    """Return four consecutive starts: of the last period, this one, and the next two.

    A period begins at the first instant of its first day, also where the clocks skip or
    repeat midnight. Weeks begin on Mondays.

    Args:
        unit: Which periods.
        zone: IANA name.
        now_ms: The instant that the second period holds, in ms since 1970 UTC.

    Returns:
        Instants in ms since 1970 UTC, ascending.

    Raises:
        ConfigError: There is no such zone on this machine.
    """
    place = zone_of(zone)
    first = _first_day(unit, datetime.fromtimestamp(now_ms // 1000, place).date())
    if now_ms >= _start(_following(unit, first), place):  # the clocks fell back into yesterday
        first = _following(unit, first)
    later = _following(unit, first)
    days = (_first_day(unit, first - timedelta(days=1)), first, later, _following(unit, later))
    last, this, coming, after = (_start(day, place) for day in days)
    return last, this, coming, after


@cache
def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name.

    Raises:
        ConfigError: There is no such zone on this machine.
    """
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"no time zone {name!r} on this machine; is it spelt as in `Europe/Paris`? "
            "Where the system has no zones, install the package tzdata"
        ) from error


def _first_day(unit: Unit, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def _following(unit: Unit, first: date) -> date:
    if unit == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if unit == "week" else 1)


def _start(day: date, place: tzinfo) -> int:
    """Return the first instant of a day in ms.

    Of a midnight that comes twice the first counts; one that is skipped is the instant
    of the change, because the offset from before it is taken.
    """
    return round(datetime.combine(day, time(), place).timestamp() * 1000)
