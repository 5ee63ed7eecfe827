"""From traffic and a seed to callers, one after the other: the same seed, the same callers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from freetier.testing.simulation.scenario import Burst, Size, Traffic

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Caller:
    """One request.

    Attributes:
        at: When it comes, in seconds from the beginning.
        patience: Seconds it waits for quota.
        prompt, output: Tokens.
        max_tokens: The bound that it sets, if any.
    """

    at: float
    patience: float
    prompt: int
    output: int
    max_tokens: int | None


def callers(traffic: Traffic, seconds: float, seed: int) -> Iterator[Caller]:
    """Yield the callers of a stretch of time in the order they come.

    Args:
        traffic: Who asks.
        seconds: How long the stretch is.
        seed: Of everything that chance decides.
    """
    dice = random.Random(f"callers {seed}")  # noqa: S311 - repeatable on purpose
    shares = [size.share for size in traffic.sizes]
    moments = merge(
        _by_chance(traffic, seconds, seed),
        *(_in_bursts(burst, seconds) for burst in traffic.bursts),
    )
    for at in moments:
        size: Size = dice.choices(traffic.sizes, shares)[0]
        yield Caller(
            at,
            dice.choice(traffic.patience),
            dice.randint(*size.prompt),
            dice.randint(*size.output),
            size.max_tokens,
        )


def _by_chance(traffic: Traffic, seconds: float, seed: int) -> Iterator[float]:
    """Yield moments of a Poisson process whose rate follows the curve, by thinning."""
    dice = random.Random(f"moments {seed}")  # noqa: S311 - repeatable on purpose
    curve = traffic.curve or (1.0,)
    mean, most = sum(curve) / len(curve), max(curve)
    peak = traffic.rate * most / mean if mean else 0.0
    at = 0.0
    while peak > 0:
        at += dice.expovariate(peak)
        if at >= seconds:
            return
        hour = curve[int(at % DAY / DAY * len(curve))]
        if dice.random() * most < hour:
            yield at


def _in_bursts(burst: Burst, seconds: float) -> Iterator[float]:
    at = burst.every
    while at < seconds:
        yield from (at for _ in range(burst.size))
        at += burst.every
