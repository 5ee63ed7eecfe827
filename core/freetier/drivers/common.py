"""What both drivers are made of, and what neither may decide."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol, runtime_checkable

from freetier.drivers.bell import Bell
from freetier.hooks import Listener
from freetier.routing import effects as fx
from freetier.stores.base import Survey
from freetier.values.chat import Event
from freetier.values.faults import KEY_FAULTS
from freetier.values.quota import CUT, Kind, Reservation
from freetier.values.wire import Fetched

log = logging.getLogger("freetier")

NONE_READY: deque[Event] = deque()
"""Of every run that has no event ready, never filled: one of its own takes 600 bytes, and those
who wait are many."""

REFUSED = "the account of %s may not: %s (%s); it is left alone for %d s, then tried again"


@runtime_checkable
class Fetches(Protocol):
    """A transport that gets media by itself, instead of over connections of our own."""

    def fetch(self, wish: fx.Fetch) -> Fetched | str:
        """Return what lies at a public address, or why not."""


@runtime_checkable
class AsyncFetches(Protocol):
    """The same for tasks."""

    async def afetch(self, wish: fx.Fetch) -> Fetched | str:
        """Return what lies at a public address, or why not."""


@dataclass(slots=True)
class Shared:
    """What the drivers of one router share: listeners, the bell, and what goes on behind."""

    listeners: list[Listener] = field(default_factory=list)
    bell: Bell = field(default_factory=Bell)
    behind: set[Any] = field(default_factory=set)

    def tell(self, effect: fx.Tell) -> None:
        """Tell every listener; one that raises is logged and harms nobody."""
        own, event = effect.listener, effect.event
        if event.first and event.fault in KEY_FAULTS:
            log.error(REFUSED, event.candidate, event.fault, event.detail, event.seconds or 0)
        for listener in self.listeners if own is None else (*self.listeners, own):
            try:
                listener(event)
            except (Exception, CancelledError):  # a task is cancelled where it awaits, not here
                log.exception("a listener of freetier raised")

    def call(self, wish: fx.Ring) -> None:
        """Wake whoever waits for one bell of his own."""
        self.bell.ring(wish.bell, keep=True)

    def ring(self, held: Reservation) -> None:
        """Wake one waiter for each place that was given back."""
        for charge in held.charges:
            if charge.kind is Kind.CONCURRENT:
                self.bell.ring(fx.PLACES)


def check(effect: fx.Check) -> str | None:
    """Let the caller's function judge a completion; its exception's text is the complaint."""
    try:
        effect.accept(effect.completion)
    except Exception as error:  # noqa: BLE001 - the caller's verdict, whatever its class
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return None


LONGEST = 366 * 86_400.0
"""Seconds that stand for "as long as it takes"; no window of a provider is longer."""


ROUNDING = 1e-3
"""Of a millisecond: instants are floats, and thirty seconds must not become 29,999 ms."""


def ms(seconds: float | None) -> int | None:
    """Return whole milliseconds, rounded down; None stays None."""
    return None if seconds is None else max(0, int(min(seconds, LONGEST) * 1000 + ROUNDING))


def lasting(seconds: float) -> int:
    """Return whole milliseconds on a store's clock that are surely no shorter than `seconds`."""
    return ceil(min(seconds, LONGEST) * 1000 - ROUNDING) + CUT


def survey_answer(found: Survey) -> fx.SurveyAnswer:
    """Return a store's survey in the flow's words."""
    blocks = {key: (block.left_ms / 1000, block.fault) for key, block in found.blocks.items()}
    return fx.SurveyAnswer(found.tallies, blocks)
