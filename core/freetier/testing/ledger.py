"""All limits of one fake provider: admit all or nothing, settle, say what is left."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from freetier.testing.limiters import TICKS, Limiter, Ticket, limiter
from freetier.testing.limits import Cost, Limit, units, units_at_arrival

SLACK = 1
"""Ticks by which a question is asked late: callers' clocks are floats, ours are whole."""


class Subject(NamedTuple):
    """Whom a request counts for."""

    account: str
    pool: str
    model: str


class Gauge(NamedTuple):
    """A limit at an instant.

    Attributes:
        limit: which.
        used: what counts in it.
        left: what still fits.
        full_in: seconds until nothing counts any more.
    """

    limit: Limit
    used: int
    left: int
    full_in: float


@dataclass(frozen=True, slots=True)
class Hit:
    """The limit that refused a request.

    Args:
        requested: units the request wanted.
        wait: seconds until it would have fitted; None = never.
    """

    gauge: Gauge
    requested: int
    wait: float | None


@dataclass(slots=True)
class Line:
    """One limit and the limiter that counts it here."""

    limit: Limit
    limiter: Limiter
    capacity: int
    told: bool


class Booking(NamedTuple):
    """What an admitted request has been charged in one limit."""

    line: Line
    units: int
    ticket: Ticket


Grant = tuple[Booking, ...]
"""An admitted request; `Ledger.settle` ends it."""


class Ledger:
    """Limits and their windows; not thread-safe by itself.

    Args:
        limits: of the provider, for all accounts.
        own: limits that only one account has, by its label.
        told: the metrics and windows whose gauges an answer tells.
    """

    def __init__(
        self,
        limits: Sequence[Limit],
        own: dict[str, Sequence[Limit]],
        told: Container[tuple[str, str]] = (),
    ) -> None:
        self._limits = tuple(limits)
        self._own = own
        self._told = told
        self._limiters: dict[tuple[int, tuple[str, ...]], Line] = {}
        self._lines: dict[Subject, tuple[Line, ...]] = {}
        self._latest = 0

    def admit(self, subject: Subject, bound: Cost, at: float) -> Grant | Hit:
        """Charge a request to every limit it falls under, or to none and say which is full.

        Args:
            subject: whom it counts for.
            bound: prompt tokens, and the most the answer may hold.
            at: the provider's instant, in seconds.
        """
        tick = self._tick(at)
        wanted = [(line, units_at_arrival(line.limit, bound)) for line in self._of(subject)]
        hit = tightest(wanted, tick)
        if hit is None:
            return tuple(
                Booking(line, units, line.limiter.take(tick, units) if units else None)
                for line, units in wanted
            )
        for line, _ in wanted:
            if line.limit.counts_refused and line.limit.metric == "requests":
                line.limiter.take(tick, 1)
        return hit

    def settle(self, grant: Grant, actual: Cost, at: float) -> None:
        """Make the charges true and free the slot, once."""
        tick = self._tick(at)
        for booking in grant:
            self._settle(booking, actual, tick)

    def gauges(self, subject: Subject, at: float) -> list[Gauge]:
        """Return the limits the subject falls under, as they stand, as far as they are told."""
        tick = self._tick(at)
        return [gauge(line, tick) for line in self._of(subject) if line.told]

    def left(self, subject: Subject, at: float) -> float:
        """Return the share left of the subject's tightest window, from 0 to 1."""
        tick = self._tick(at)
        gauges = (gauge(line, tick) for line in self._of(subject))
        return min((g.left / max(1, g.left + g.used) for g in gauges), default=1.0)

    def change(self, limits: Sequence[Limit], at: float) -> None:
        """Enforce other limits for all accounts from now on.

        One that only has another amount than before goes on counting where it was.
        """
        tick, before = self._tick(at), self._limits
        kept: dict[tuple[int, tuple[str, ...]], Line] = {}
        for (number, key), line in self._limiters.items():
            if number >= len(before):  # an account's own
                kept[number - len(before) + len(limits), key] = line
                continue
            fitting = (n for n, new in enumerate(limits) if _only_amount(before[number], new))
            place = next(fitting, None)
            if place is not None:
                line.limit, line.capacity = limits[place], limits[place].capacity
                line.limiter.resize(limits[place], tick)
                kept[place, key] = line
        self._limits, self._limiters = tuple(limits), kept
        self._lines.clear()

    def _tick(self, at: float) -> int:
        self._latest = max(self._latest, round(at * TICKS))
        return self._latest

    def _of(self, subject: Subject) -> tuple[Line, ...]:
        lines = self._lines.get(subject)
        if lines is None:
            limits = (*self._limits, *self._own.get(subject.account, ()))
            lines = tuple(
                self._line(number, limit, subject)
                for number, limit in enumerate(limits)
                if limit.models is None or subject.model in limit.models
            )
            self._lines[subject] = lines
        return lines

    def _line(self, number: int, limit: Limit, subject: Subject) -> Line:
        key = {
            "account": (subject.account,),
            "model": (subject.account, subject.model),
            "pool": ("", subject.pool),
        }[limit.scope]
        told = (limit.metric, limit.window) in self._told
        fresh = Line(limit, limiter(limit), limit.capacity, told)
        return self._limiters.setdefault((number, key), fresh)

    def _settle(self, booking: Booking, actual: Cost, tick: int) -> None:
        limit, limiter = booking.line.limit, booking.line.limiter
        if limit.metric == "requests":
            return
        if limit.metric == "concurrent":
            limiter.amend(booking.ticket, -booking.units, tick)
            return
        due = units_at_arrival(limit, actual)
        if booking.units and due != booking.units:
            limiter.amend(booking.ticket, due - booking.units, tick)
        late = units(limit.metric, actual) - due
        if late > 0:
            limiter.take(tick, late)


def _only_amount(old: Limit, new: Limit) -> bool:
    """Tell whether two limits differ in their amounts only."""
    return replace(old, amount=new.amount, burst=new.burst) == new


def tightest(wanted: Sequence[tuple[Line, int]], tick: int) -> Hit | None:
    """Return the limit that stays full the longest; None if all have room."""
    hit: tuple[float, Line, int] | None = None
    for line, amount in wanted:
        wait = line.limiter.wait(tick + SLACK, amount or 1)
        if wait == 0:
            continue
        rank = math.inf if wait is None else wait
        if hit is None or rank > hit[0]:
            hit = rank, line, amount
    if hit is None:
        return None
    rank, line, amount = hit
    return Hit(gauge(line, tick), amount, None if math.isinf(rank) else (rank + SLACK) / TICKS)


def gauge(line: Line, tick: int) -> Gauge:
    """Read one limiter."""
    used = line.limiter.used(tick)
    left = max(0, line.capacity - used)
    return Gauge(line.limit, used, left, line.limiter.full_in(tick) / TICKS)
