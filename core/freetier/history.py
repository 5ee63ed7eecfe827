"""What a router remembers of its last attempts, bounded, for pictures and tables.

It is a listener: it hears of each request at its end. Nothing of what was asked or answered
is kept.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from freetier.values.faults import Fault
from freetier.values.reports import RouteEvent
from freetier.values.sheets import Sheet, Shown

KEPT = 10_000
"""Attempts that are remembered, at about 300 bytes each; the oldest go first."""

ENDS = frozenset({"answer", "give_up", "cancelled"})


class Point(NamedTuple):
    """One attempt.

    Attributes:
        at: When it ended, in seconds since 1970 UTC by the router's clock.
        account, provider, model: Whom it went to; `model` is the upstream id.
        fault: Why it failed; `None` if it delivered.
        seconds: How long it took.
        first_content: Seconds until the first content, where there was one.
        tokens: What the answer took, prompt and output; 0 where nobody knows.
        left: Share left of the account's tightest window afterwards, of the one that answered.
    """

    at: float
    account: str
    provider: str
    model: str
    fault: Fault | None
    seconds: float
    first_content: float | None
    tokens: int
    left: float | None


class History(Shown):
    """The last attempts of a router, oldest first; safe to read while requests go on.

    Args:
        kept: How many are remembered.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._points: deque[Point] = deque(maxlen=kept)

    def __call__(self, event: RouteEvent) -> None:
        """Take down the attempts of a request that has ended."""
        report = event.report
        if report is None or event.kind not in ENDS:
            return
        began = event.at - report.duration
        for attempt in report.attempts:
            first = attempt.first_content_at
            self._points.append(
                Point(
                    began + attempt.ended_at,
                    attempt.account,
                    attempt.provider,
                    attempt.model,
                    attempt.fault,
                    attempt.ended_at - attempt.started_at,
                    None if first is None else first - attempt.started_at,
                    attempt.usage.total_tokens if attempt.usage else 0,
                    report.quota_left if attempt.fault is None else None,
                )
            )

    @property
    def points(self) -> tuple[Point, ...]:
        """Return what is remembered, in the order of the requests' ends."""
        return tuple(self._points.copy())

    def __len__(self) -> int:
        return len(self._points)

    def clear(self) -> None:
        """Forget everything."""
        self._points.clear()

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the table that shows how each account did."""
        from freetier.display.history import sheets  # noqa: PLC0415 - only those who look load it

        return sheets(self.points)
