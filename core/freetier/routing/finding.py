"""Finding a limit that nobody told, or that is not what it was taken for: pure decisions.

It begins with refusals that our own count cannot explain. From then on the window is kept as
one of an unknown kind, slots and a pace of its number at once, which no kind of window
refuses if the number is right (research on quota, section 2). The number starts as what was
accepted within the last span, falls with each unexpected refusal, and rises by marked trials:
one request more than the number allows, one at a time, with pauses that double while trials
are refused. Nothing is forgotten by time alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf

from freetier.values.quota import Metric, Observation

DOUBTS = 2
"""Unexplained refusals before a limit is looked for: a single one may be anybody's mistake."""

BUSY = 4
"""Requests within the last span that make one refusal enough where nobody told any limit:
without one all who wait would come back together, and be refused together."""

DOUBTED_FOR = 10.0
"""Spans after which a single unexplained refusal is forgotten."""

NOISE = 0.05
"""Share of refusals up to which a number that somebody vouches for does not fall: some
providers refuse now and then because they are busy, and say the same words."""

KEPT_SHARE = 0.7
"""Of a number that was refused, at least; a lower count may be the pause before, not the limit."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 16.0
"""Spans without a trial after one was refused; they double up to the longest, so that a limit
that was raised is found within that time."""

WINS = 2
"""Accepted trials for each step up."""

SHORTEST_SHUT, LONGEST_SHUT = 2.0, 900.0
"""Seconds a refused window is left alone where no moment was told; doubled in a row."""

EARLY, LATE = 0.35, 0.65
"""Between two requests at the pace a trial goes in the middle: a gateway that paces refuses
what comes right behind another."""

HURRIED = 0.2
"""Seconds between two requests at the pace below which the middle is not waited for."""


@dataclass(slots=True)
class Finding:
    """What one window is taken for, as it is being found. Instants are seconds of any clock.

    Attributes:
        amount: Units per span.
        span: Its length in seconds.
        most: The number that trials may not exceed; infinite if nobody vouches for one.
        since: From when on it is counted as one of an unknown kind.
        refused_at: The last refusal that counted.
        row: Refusals since the last answer.
        next_at: When the next trial may go.
        pause: Spans until the one after it, if it is refused.
        wins, step: Accepted trials since the last step, and how large the next step is.
        trial: The request that tries just now.
        sent_at: When the last request went.
        lately: Refusals within the last span.
        metric: What is counted.
        unit: What a request takes of it, about.
        told: The number that the provider told last, if it did.
    """

    amount: int
    span: float
    most: float
    since: float
    refused_at: float
    next_at: float
    row: int = 1
    pause: float = FIRST_PAUSE
    wins: int = 0
    step: int = 1
    trial: str | None = None
    sent_at: float = -inf
    lately: tuple[float, ...] = ()
    metric: Metric = Metric.REQUESTS
    unit: int = 1
    told: int | None = None

    def heeds(self, said: Observation) -> Observation:
        """Take in a remark; return it without a limit if that is no news.

        Who says the same number again and refuses earlier counts in another way than we do:
        what was found holds.
        """
        if said.limit is None or (said.metric, said.span) != (self.metric, self.span):
            return said
        if said.limit == self.told:
            return replace(said, limit=None)
        self.told = said.limit
        self.amount, self.most = max(1, said.limit), said.limit
        return said

    @property
    def gap(self) -> float:
        """Return seconds between two requests at the pace."""
        return self.span * self.unit / self.amount

    def may_try(self, now: float) -> bool:
        """Tell whether a request may go now although the number is used up."""
        if self.trial is not None or now < self.next_at or self.amount >= self.most:
            return False
        if self.gap < HURRIED:
            return True
        return EARLY * self.gap <= now - self.sent_at <= LATE * self.gap

    def tries(self, request: str) -> None:
        """Note that a request is the trial under way."""
        self.trial = request

    def let_go(self, request: str) -> None:
        """Note that a trial ended without a verdict."""
        if self.trial == request:
            self.trial = None

    def answered(self, request: str, now: float) -> bool:
        """Take in an answer; tell whether the number rose."""
        self.row = 0
        if self.trial != request:
            return False
        self.trial = None
        self.next_at = now
        self.wins += 1
        if self.wins < WINS:
            return False
        self.wins = 0
        self.amount = int(min(self.most, self.amount + self.step * self.unit))
        self.step = min(2 * self.step, max(1, self.amount // (2 * self.unit)))
        return True

    def refused(self, request: str, sent_at: float, now: float, count: int) -> bool:
        """Take in a refusal; tell whether the number fell.

        Args:
            request: Who was refused.
            sent_at: When it was sent; what was under way at the last refusal says nothing new.
            now: The instant.
            count: Units that were accepted within the last span.
        """
        if self.trial == request:
            self.trial = None
            self.wins, self.step = 0, 1
            self.next_at = now + self.pause * self.span
            self.pause = min(LONGEST_PAUSE, 2 * self.pause)
            return False
        if sent_at <= self.refused_at:
            return False
        self.refused_at = now
        self.row += 1
        self.wins, self.step = 0, 1
        self.next_at = max(self.next_at, now + self.span)
        self.lately = (*(at for at in self.lately if at > now - self.span), now)
        if now - self.since < self.span:  # what was sent before still counts there, and not here
            return False
        calls = count / self.unit + len(self.lately)
        if self.most < inf and len(self.lately) < NOISE * calls:
            return False
        lower = max(count, ceil(KEPT_SHARE * self.amount))
        self.amount = max(self.unit, min(self.amount - self.unit, lower))
        return True

    def shut(self, told: float | None) -> float:
        """Return how long to leave it alone after a refusal, in seconds."""
        if told is not None:
            return told
        return min(LONGEST_SHUT, max(self.gap, SHORTEST_SHUT * 2.0 ** max(0, self.row - 1)))


def begun(span: float, count: int, told: float | None, now: float) -> Finding:
    """Return what a limit that nobody told is taken for after its first refusal.

    Args:
        span: Its length in seconds, as far as anybody knows.
        count: What was accepted within the last span.
        told: Seconds until the provider would take another request, if it said so.
        now: The instant.
    """
    amount = max(1, count)
    if told and told < span / 2:  # so soon no log would have room again: this is a pace
        amount = max(amount, int(span / told))
    return Finding(amount, span, inf, now, now, now + span)


def doubted(span: float, amount: int, now: float) -> Finding:
    """Return what a limit is taken for whose clock or kind is not what somebody said.

    Args:
        span: Its length in seconds.
        amount: The number that was told; trials do not exceed it.
        now: The instant.
    """
    return Finding(max(1, amount), span, amount, now, now, now + span)
