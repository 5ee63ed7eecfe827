"""From supplies to fake providers, and to what the router is told of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from freetier.testing import faults
from freetier.testing.accounts import FakeModel
from freetier.testing.fleet import Fleet
from freetier.testing.jsons import Json
from freetier.testing.provider import FakeProvider, style_of
from freetier.testing.said import Said, last_text
from freetier.testing.simulation.scenario import Range, Scenario, Supply
from freetier.testing.styles import STYLES
from freetier.testing.styles.form import RateForm, Style

ALIAS = "everybody"
"""The name under which callers ask."""

OVERHEAD = 7
"""Tokens of a request besides those of its one text, by the rule of the fake models."""

FILLING = "words that mean nothing at all, "
LETTERS = 4


def prompt(tokens: int, output: int) -> str:
    """Return a text of so many tokens that asks for an answer of so many."""
    head = f"{output} "
    length = max(len(head), (tokens - OVERHEAD) * LETTERS)
    return (head + FILLING * (length // len(FILLING) + 1))[:length]


def worded(request: Json) -> Said:
    """Answer with as many tokens as the prompt asks for."""
    output = int(last_text(request, "user").partition(" ")[0])
    return Said(text=(FILLING * (output * LETTERS // len(FILLING) + 1))[: output * LETTERS])


def fleet_of(scenario: Scenario, seed: int) -> Fleet:
    """Return the providers of a scenario, with their troubles still to come."""
    fleet = Fleet(*(_provider(supply, scenario.start, seed) for supply in scenario.supplies))
    for supply in scenario.supplies:
        for trouble in supply.troubles:
            fault = faults.Status(trouble.status) if trouble.status else faults.Unreachable()
            since, until = scenario.start + trouble.since, scenario.start + trouble.until
            fleet.outage(trouble.account or supply.name, since, until, fault)
    return fleet


def _provider(supply: Supply, start: float, seed: int) -> FakeProvider:
    return FakeProvider(
        supply.name,
        _style(supply),
        accounts=supply.accounts,
        models=[FakeModel(supply.model)],
        limits=supply.limits_at(0.0),
        answer=worded,
        latency=_latency(supply, seed),
        skew=supply.skew,
        drift=supply.drift,
        since=start,
        seed=seed,
    )


def _latency(supply: Supply, seed: int) -> Callable[[], float]:
    dice = random.Random(f"latency {supply.name} {seed}")  # noqa: S311 - repeatable on purpose
    low, high = supply.latency
    return lambda: dice.uniform(low, high)


def _style(supply: Supply) -> Style:
    """Return how a provider speaks; nobody's vendor says as much as the scenario wants."""
    if supply.style is not None or supply.name in STYLES:
        return style_of(supply.name, supply.style)
    style = style_of(supply.name, None)
    if supply.says == "headers":
        return style
    refused = replace(style.errors["refused"], message="Rate limit reached")
    return replace(
        style,
        rates=RateForm(retry_after=supply.says == "retry-after"),
        errors={**style.errors, "refused": refused},
    )


def transits(scenario: Scenario) -> Mapping[str, Range]:
    """Return the seconds of the way to each provider."""
    return {supply.name: supply.transit for supply in scenario.supplies}


def config_of(scenario: Scenario, fleet: Fleet) -> dict[str, Any]:
    """Return what the router is told: accounts, as much of their limits as it may know, one alias.

    Raises:
        ValueError: True limits that no configuration can say.
    """
    told = {supply.name: supply.told for supply in scenario.supplies}
    open_, known = fleet.config(), None
    if any(value is True for value in told.values()):
        known = fleet.config(limits=True)
    accounts = []
    for place, account in enumerate(open_["accounts"]):
        knowledge = told[account["provider"]]
        if knowledge is True and known is not None:
            accounts.append(known["accounts"][place])
        elif isinstance(knowledge, tuple):
            accounts.append({**account, "limits": [dict(limit) for limit in knowledge]})
        else:
            accounts.append(account)
    steps = [{"provider": s.name, "model": s.model} for s in scenario.supplies]
    return {
        "accounts": accounts,
        "aliases": [{"alias": ALIAS, "models": steps}],
        "default_model": ALIAS,
        **scenario.router,
    }
