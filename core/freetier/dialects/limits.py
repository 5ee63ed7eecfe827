"""Response headers into hints: what is left, and when it comes back.

RULE: the catalog says what a header means (`HeaderRule`); a header without a rule is
ignored, and so is a value that cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from freetier.dialects.durations import count, duration, http_date, seconds
from freetier.routing.ports import Hints
from freetier.values.providers import HeaderRule
from freetier.values.quick import maker, quick
from freetier.values.quota import Metric, Observation
from freetier.values.wire import Header

_hints = maker(Hints)

WAITING_IS_USELESS = frozenset({413})
"""Groq sends `retry-after` with a request that is too large for its limit at any time."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the headers of one answer tell.

    Attributes:
        retry_in: Seconds of a `retry-after`.
        observations: One per window that was spoken of.
        reset_in: Seconds until a window resets whose length was not told.
    """

    retry_in: float | None = None
    observations: tuple[Observation, ...] = ()
    reset_in: float | None = None

    @property
    def exhausted(self) -> Observation | None:
        """Return the window of which nothing is left; of several the longest."""
        empty = [seen for seen in self.observations if seen.remaining == 0]
        return max(empty, key=lambda seen: seen.span, default=None)

    @property
    def is_never_granted(self) -> bool:
        """Tell whether some window has a limit of zero."""
        return any(seen.limit == 0 for seen in self.observations)


_SILENT = Told()


def hints(rules: Sequence[HeaderRule], status: int, headers: Sequence[Header]) -> Hints:
    """Read the headers of an answer for the quota."""
    told = read(rules, status, headers)
    return _hints(retry_in=told.retry_in, observations=told.observations)


def read(rules: Sequence[HeaderRule], status: int, headers: Sequence[Header]) -> Told:
    """Read the headers of an answer; of a repeated header the first counts."""
    values: dict[str, str] = {}
    for name, value in headers:
        values.setdefault(name.lower(), value)
    found = [(rule, values[rule.name.lower()]) for rule in rules if rule.name.lower() in values]
    if not found and "retry-after" not in values and "retry-after-ms" not in values:
        return _SILENT  # most answers tell nothing
    now = http_date(values.get("date", ""))
    return Told(
        retry_in=None if status in WAITING_IS_USELESS else _retry_in(found, values, now),
        observations=_observations(found, now),
        reset_in=_unplaced_reset(found, now),
    )


def _retry_in(
    found: list[tuple[HeaderRule, str]], values: Mapping[str, str], now: float | None
) -> float | None:
    """Return the told wait: in milliseconds first, as it is the more exact one."""
    named = [
        seconds(value, rule.format, now) for rule, value in found if rule.role == "retry_after"
    ]
    plain = values.get("retry-after")
    spoken = [
        seconds(values["retry-after-ms"], "milliseconds", now)
        if "retry-after-ms" in values
        else None,
        *named,
        retry_after(plain, now) if plain is not None else None,
    ]
    return next((wait for wait in spoken if wait is not None), None)


def retry_after(value: str, now: float | None) -> float | None:
    """Return the seconds of a `retry-after`: a duration, or an HTTP date (RFC 9110, 10.2.3)."""
    at = http_date(value)
    if at is None:
        return duration(value)
    return None if now is None else max(0.0, at - now)


def _observations(
    found: list[tuple[HeaderRule, str]], now: float | None
) -> tuple[Observation, ...]:
    windows: dict[tuple[Metric, float], dict[str, float | None]] = {}
    for rule, value in found:
        if rule.metric is None or rule.span is None or rule.role == "retry_after":
            continue
        window = windows.setdefault((rule.metric, rule.span), {})
        if rule.role == "reset":
            window["reset"] = None if rule.until_full else seconds(value, rule.format, now)
        else:
            window[rule.role] = count(value)
    return tuple(
        Observation(
            metric=metric,
            span=span,
            limit=_whole(window.get("limit")),
            remaining=_whole(window.get("remaining")),
            reset_in=window.get("reset"),
        )
        for (metric, span), window in windows.items()
        if any(value is not None for value in window.values())
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _unplaced_reset(found: list[tuple[HeaderRule, str]], now: float | None) -> float | None:
    resets = [
        seconds(value, rule.format, now)
        for rule, value in found
        if rule.role == "reset" and rule.span is None and not rule.until_full
    ]
    return next((reset for reset in resets if reset is not None), None)
