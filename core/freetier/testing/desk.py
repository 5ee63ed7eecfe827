"""Limits and books of one provider under one lock: admits requests and ends them."""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from freetier.testing.arrival import Call
from freetier.testing.books import Books, Verdict
from freetier.testing.ledger import Gauge, Grant, Hit, Ledger, Subject
from freetier.testing.limits import Cost, Limit
from freetier.testing.owntime import OwnTime
from freetier.testing.replies import Reply, duration
from freetier.testing.said import Usage

SAME_INSTANT = 1e-6


@dataclass(slots=True, eq=False)
class Exchange:
    """An admitted request until its answer has ended."""

    grant: Grant
    number: int
    usage: Usage
    pieces: int = 0
    open: bool = True

    def cost(self, delivered: int) -> Cost:
        """Return what it has cost if only so many pieces of the answer were made."""
        share = min(1.0, max(0, delivered) / self.pieces) if self.pieces else 1.0
        return Cost(prompt=self.usage.prompt, output=math.ceil(self.usage.output * share))


class Desk:
    """Where requests are admitted, counted and written down; safe in any thread.

    Args:
        name: the provider's.
        ledger: its limits.
        own: the provider's clock.
    """

    def __init__(self, name: str, ledger: Ledger, own: OwnTime) -> None:
        self.books = Books()
        self._name = name
        self._own = own
        self._ledger = ledger
        self._running: list[tuple[float, int, Exchange]] = []
        self._lock = threading.RLock()

    def write(self, call: Call, verdict: Verdict, status: int, why: str = "") -> int:
        """Write a request into the books and return its number there."""
        return self.books.write(
            at=call.at,
            provider=self._name,
            account=call.account.label,
            model=call.model,
            route=call.route,
            verdict=verdict,
            why=why,
            status=status,
            stream=call.stream,
            ended_at=None if verdict == "admitted" else call.at,
        )

    def admit(self, call: Call, bound: Cost) -> tuple[Exchange | Hit, list[Gauge]]:
        """Charge a request to all its limits, or to none and return the one that refused."""
        subject = Subject(call.account.label, call.account.counted_as, call.model)
        with self._lock:
            self._end_due(call.at)
            at = self._own.at(call.at)
            grant = self._ledger.admit(subject, bound, at)
            gauges = self._ledger.gauges(subject, at)
            if isinstance(grant, Hit):
                return grant, gauges
            number = self.write(call, "admitted", 200)
        return Exchange(grant, number, Usage(prompt=bound.prompt, output=bound.output)), gauges

    def gauges(self, call: Call) -> list[Gauge]:
        """Return the limits of a request that a script answers."""
        subject = Subject(call.account.label, call.account.counted_as, call.model)
        with self._lock:
            return self._ledger.gauges(subject, self._own.at(call.at))

    def left(self, subject: Subject, now: float) -> float:
        """Return the share left of the tightest window, from 0 to 1, told or not."""
        with self._lock:
            self._end_due(now)
            return self._ledger.left(subject, self._own.at(now))

    def change(self, limits: Sequence[Limit], now: float) -> None:
        """Enforce other limits from now on; what was counted still counts."""
        with self._lock:
            self._end_due(now)
            self._ledger.change(limits, self._own.at(now))

    def answered(self, exchange: Exchange, reply: Reply, call: Call, why: str) -> Reply:
        """Take note of an answer, and return it so that its end will be noted too."""
        usage = exchange.usage
        exchange.pieces = len(reply.pieces)
        ends_at = math.inf if reply.forward else call.at + duration(reply)
        status = 0 if reply.broken else reply.status
        with self._lock:
            self.books.amend(
                exchange.number,
                status=status,
                why=why,
                input_tokens=usage.prompt,
                output_tokens=usage.output,
            )
            if not math.isinf(ends_at):
                heapq.heappush(self._running, (ends_at, exchange.number, exchange))

        def close(now: float, delivered: int, usage: Usage | None) -> None:
            if not exchange.open:
                return
            if usage is not None:
                exchange.usage = usage
            if reply.forward is not None:
                self.books.amend(exchange.number, status=reply.status)
            aborted = delivered < exchange.pieces and now < ends_at - SAME_INSTANT
            self.end(exchange, now, delivered if aborted else exchange.pieces)

        reply.close = close
        return reply

    def end(self, exchange: Exchange, now: float, delivered: int) -> None:
        """End a request, once; fewer pieces than it has mean that the caller went away."""
        with self._lock:
            if not exchange.open:
                return
            exchange.open = False
            cost = exchange.cost(delivered)
            self._ledger.settle(exchange.grant, cost, self._own.at(now))
            self.books.amend(
                exchange.number,
                ended_at=now,
                aborted=delivered < exchange.pieces,
                input_tokens=cost.prompt,
                output_tokens=cost.output,
            )

    def _end_due(self, now: float) -> None:
        while self._running and self._running[0][0] <= now + SAME_INSTANT:
            ends_at, _, exchange = heapq.heappop(self._running)
            self.end(exchange, ends_at, exchange.pieces)
