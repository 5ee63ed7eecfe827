"""What is simulated, as values: who enforces which limits, who asks for what and how patiently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from freetier.testing.clock import MIDNIGHT
from freetier.testing.limits import Limit

Says = Literal["headers", "retry-after", "nothing"]
Range = tuple[float, float]
"""Evenly between two figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A spell during which every call to a provider, or to one account, goes wrong.

    Attributes:
        since, until: Seconds from the beginning.
        status: The HTTP status of its answers; 0 = nobody is there.
        account: Its label; None = all of the provider's.
    """

    since: float
    until: float
    status: int = 503
    account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From an instant on, a provider enforces other limits than before.

    Attributes:
        at: Seconds from the beginning.
        limits: All that hold from then on.
    """

    at: float
    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A provider and some accounts there.

    Attributes:
        name: Of the provider; a vendor's own name makes the router use its catalogue.
        style: How it speaks; None = the style of that name, else OpenAI's.
        model: Which model is asked there.
        accounts: How many.
        limits: What it enforces for each account.
        told: What the router is told: `True` the truth, `False` nothing, else limits as a
            configuration writes them.
        says: What its answers tell of its limits: rate headers and the moment to come back,
            only the latter, or nothing. Only of providers that are no vendor's.
        latency: Seconds from a request's arrival to the headers of its answer.
        transit: Seconds of the way there, and of the way back.
        skew: Seconds by which its clock is ahead of ours.
        drift: Seconds that its clock gains in one of ours.
        others: Requests a minute that somebody else makes with each account.
        troubles: When it is ill.
        changes: When its limits change.
    """

    name: str
    style: str | None = None
    model: str = "m"
    accounts: int = 1
    limits: tuple[Limit, ...] = ()
    told: bool | tuple[Mapping[str, Any], ...] = True
    says: Says = "nothing"
    latency: Range = (0.3, 1.5)
    transit: Range = (0.01, 0.08)
    skew: float = 0.0
    drift: float = 0.0
    others: float = 0.0
    troubles: tuple[Trouble, ...] = ()
    changes: tuple[Change, ...] = ()

    def limits_at(self, at: float) -> tuple[Limit, ...]:
        """Return what it enforces so many seconds from the beginning."""
        held = self.limits
        for change in self.changes:
            if change.at <= at:
                held = change.limits
        return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One sort of request.

    Attributes:
        share: How often it comes, against the shares of the others.
        prompt, output: Tokens, evenly between two figures.
        max_tokens: The bound that the caller sets; None = none.
    """

    share: float = 1.0
    prompt: tuple[int, int] = (20, 20)
    output: tuple[int, int] = (20, 20)
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Some requests that come all at once, again and again.

    Attributes:
        size: How many.
        every: Seconds between two of them; the first comes after one of these.
    """

    size: int
    every: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Who asks, how often, and how long he waits.

    Attributes:
        rate: Requests a second, on the average of the whole; they come by chance. With
            `bursts` on top.
        curve: How the rate runs over a day of 24 hours or whatever the list divides; the
            figures count against their mean. Empty = evenly.
        bursts: On top.
        patience: Seconds a caller waits for quota; several are drawn from evenly.
        sizes: Sorts of requests.
        stream: Whether the answers are streamed.
    """

    rate: float
    curve: tuple[float, ...] = ()
    bursts: tuple[Burst, ...] = ()
    patience: tuple[float, ...] = (30.0,)
    sizes: tuple[Size, ...] = (Size(),)
    stream: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A stretch of time with providers and traffic.

    Attributes:
        name: What it is called.
        seconds: How long requests come in.
        supplies: The providers.
        traffic: The callers.
        processes: How many routers share the store; requests go to them in turn.
        store: `memory`, or `sqlite` for a file of its own.
        router: Fields of the router's configuration, such as `strategy` and `queue`.
        start: The first instant, in seconds since 1970 UTC.
        step: Seconds between two looks at what is left.
    """

    name: str
    seconds: float
    supplies: tuple[Supply, ...]
    traffic: Traffic
    processes: int = 1
    store: Literal["memory", "sqlite"] = "memory"
    router: Mapping[str, Any] = field(default_factory=dict)
    start: float = MIDNIGHT
    step: float = 60.0
