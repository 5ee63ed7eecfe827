"""Windows as people write them: `minute`, `rolling 24h`, `day@America/Los_Angeles`, `bucket 1m`."""

from __future__ import annotations

from typing import Literal

from freetier.config.durations import seconds
from freetier.config.places import Place, nearest, quoted
from freetier.values.quota import Kind, Window

ROLLING = {"second": 1.0, "minute": 60.0, "hour": 3600.0}
CALENDAR: dict[str, tuple[Literal["day", "week", "month"], float]] = {
    "day": ("day", 86_400.0),
    "week": ("week", 7 * 86_400.0),
    "month": ("month", 30 * 86_400.0),
}
KINDS = {
    kind.value: kind
    for kind in (
        Kind.ROLLING,
        Kind.FIXED,
        Kind.FIRST,
        Kind.COUNTER,
        Kind.BUCKET,
        Kind.PACE,
        Kind.UNKNOWN,
    )
}
WORDS = (*ROLLING, *CALENDAR, *KINDS)


def read_window(text: str, place: Place, *, zone: str, burst: float | None = None) -> Window:
    """Return the window that a text names.

    Args:
        text: `second`, `minute` and `hour` are rolling; `day`, `week` and `month` are the
            calendar's, in the zone after an `@` or else in the provider's own; else a kind
            and a length.
        place: Where it stands.
        zone: The provider's own zone.
        burst: Units that may come at once, only of a bucket or a pace.

    Raises:
        ConfigError: It names no window.
    """
    word, _, rest = text.strip().partition(" ")
    unit, at, named_zone = text.strip().partition("@")
    if unit in CALENDAR:
        window = _calendar(unit, named_zone if at else zone, place)
    elif text.strip() in ROLLING:
        window = Window(kind=Kind.ROLLING, span=ROLLING[text.strip()])
    elif word in KINDS and rest.strip():
        window = _of_kind(KINDS[word], rest.strip(), place, burst)
    else:
        hint = nearest(word.partition("@")[0], WORDS)
        raise place.error(
            f"{quoted(text)} is no window{hint} (for example 'minute', 'day', "
            "'rolling 24h', 'day@America/Los_Angeles', 'bucket 1m', 'fixed 60s')"
        )
    if burst is not None and window.kind not in {Kind.BUCKET, Kind.PACE}:
        raise place.error("only a bucket or a pace has a burst")
    return window


def check_zone(name: str, place: Place) -> str:
    """Return the name of a time zone that this machine knows.

    Raises:
        ConfigError: It does not know it.
    """
    import zoneinfo  # noqa: PLC0415 - few configurations name a zone

    if name == "UTC":
        return name
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
    else:
        return name
    hint = nearest(name, known) if known else "; this machine has none: pip install tzdata"
    raise place.error(f"unknown time zone {quoted(name)}{hint}")


def _calendar(unit: str, zone: str, place: Place) -> Window:
    name, span = CALENDAR[unit]
    return Window(kind=Kind.CALENDAR, span=span, unit=name, zone=check_zone(zone, place))


def _of_kind(kind: Kind, length: str, place: Place, burst: float | None) -> Window:
    span = seconds(length, place)
    if span <= 0:
        raise place.error("a window must be longer than nothing")
    return Window(kind=kind, span=span, burst=burst)
