"""Listeners: who is told of each step of a route, and the one that writes a log."""

from __future__ import annotations

import logging
from typing import Protocol

from freetier.values.reports import RouteEvent

log = logging.getLogger("freetier.route")


class Listener(Protocol):
    """Anything that can be called with an event; what it raises harms nobody."""

    def __call__(self, event: RouteEvent) -> None:
        """Take one event, a frozen value without keys, prompts or answers."""


LEVELS = {
    "answer": logging.INFO,
    "failover": logging.WARNING,
    "block": logging.WARNING,
    "warning": logging.WARNING,
    "wait": logging.INFO,
    "give_up": logging.ERROR,
}
"""How loudly each kind of event is told; the rest is for debugging."""


def log_route(event: RouteEvent) -> None:
    """Write one line per event to the logger `freetier.route`; never a prompt, never a key.

    Args:
        event: What happened.
    """
    level = LEVELS.get(event.kind, logging.DEBUG)
    if log.isEnabledFor(level):
        log.log(level, "%s", sentence(event), extra={"freetier": event})


def sentence(event: RouteEvent) -> str:
    """Return an event as one line for people."""
    where = f" {event.candidate}" if event.candidate else ""
    seconds = f" for {event.seconds:.1f} s" if event.seconds is not None else ""
    why = f" ({event.fault})" if event.fault else ""
    if event.kind == "answer" and event.report is not None:
        return event.report.explain().splitlines()[0]
    words = f": {event.detail}" if event.detail else ""
    return f"{event.alias or 'default'}: {event.kind}{where}{seconds}{why}{words}"
