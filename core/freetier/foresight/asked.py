"""A job as it is asked about, and who can take its requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from freetier.routing import fitness
from freetier.routing.estimate import nano
from freetier.routing.needs import Needs
from freetier.values.accounts import Candidate
from freetier.values.options import RouteOptions
from freetier.values.quota import Cost
from freetier.values.reports import Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A job: requests, what one costs, how they may be routed, and the instant of asking."""

    n: int
    cost: Cost
    options: RouteOptions
    wall: float


def able_of(
    found: Iterable[Candidate], asked: Asked
) -> tuple[tuple[Candidate, ...], tuple[Skipped, ...]]:
    """Part candidates into those that can take such a request, and reasons of the others."""
    able, skipped = [], []
    for candidate in found:
        cost = cost_of(candidate, asked)
        needs = Needs(
            max_tokens=cost.output_tokens or None,
            text_tokens=cost.input_tokens,
            inputs=cost.inputs,
            longest=cost.input_tokens,
        )
        why = fitness.unfit(needs, asked.options, candidate, cost)
        if why is None:
            able.append(candidate)
        else:
            skipped.append(why)
    return tuple(able), tuple(skipped)


def cost_of(candidate: Candidate, asked: Asked) -> Cost:
    """Return what one request takes of a candidate."""
    cost, prices = asked.cost, candidate.prices
    if candidate.model.embeds:
        cost = replace(cost, inputs=1, output_tokens=0)
    if candidate.free:
        return cost
    price = cost.input_tokens * (prices.input or 0.0) + cost.output_tokens * (prices.output or 0.0)
    return replace(cost, money=nano(price))
