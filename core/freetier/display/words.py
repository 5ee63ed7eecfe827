"""Lengths of time, instants and amounts, as people say them."""

from __future__ import annotations

from datetime import datetime, tzinfo

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
SOON = 100.0
THOUSAND = 1000
ROUND = 10_000


def span(seconds: float) -> str:
    """Return a length of time in words: `47 s`, `78 min`, `18 h`, `12 d`."""
    for name, length in (("s", 1.0), ("min", MINUTE), ("h", HOUR)):
        if seconds < SOON * length:
            return f"{max(0.0, seconds) / length:.0f} {name}"
    return f"{seconds / DAY:.0f} d"


def instant(at: float, now: float, zone: tzinfo | None = None) -> str:
    """Return an instant as the reader's clock shows it, with the day where it is another one.

    Args:
        at: Seconds since 1970 UTC.
        now: The same of the moment of telling.
        zone: The reader's; `None` is the machine's.
    """
    local, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    if zone is None:
        local, today = local.astimezone(), today.astimezone()
    if at - now < 2 * MINUTE:
        return f"{local:%H:%M:%S}"
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if at - now < 6 * DAY:
        return f"{local:%a %H:%M}"
    return f"{local:%Y-%m-%d %H:%M}" if local.year != today.year else f"{local:%d %b %H:%M}"


def amount(number: float) -> str:
    """Return a number with thin groups of three, so that long ones can be read."""
    return f"{number:,.0f}".replace(",", "\N{THIN SPACE}" if abs(number) >= ROUND else "")


def page(address: str | None) -> str:
    """Return the address of a page as people write it: short enough for a line of a table."""
    return (address or "").removeprefix("https://")


def counted(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
