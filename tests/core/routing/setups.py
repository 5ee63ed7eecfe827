"""Small setups for the tests of routing: made-up providers, models and limits."""

from __future__ import annotations

from typing import Any

from freetier.routing.candidates import Index
from freetier.values.accounts import Account, Alias, Candidate
from freetier.values.models import Capability, Model
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Limit, Metric, Window
from freetier.values.setup import Setup

SPANS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "month": 30 * 86_400}
CHAT = frozenset(
    {Capability.TOOLS, Capability.TOOL_CHOICE, Capability.JSON_OBJECT, Capability.PARALLEL_TOOLS}
)


def limit(metric: str, amount: int, per: str = "minute", **more: Any) -> Limit:
    """Return a limit; rolling if not said otherwise, a calendar unit with `zone=`."""
    kind, zone, burst = more.pop("kind", "rolling"), more.pop("zone", None), more.pop("burst", None)
    unit: Any = per if zone else None
    window = Window(
        kind=Kind.CALENDAR if zone else Kind(kind),
        span=SPANS[per],
        unit=unit,
        zone=zone or "UTC",
        burst=burst,
    )
    return Limit(metric=Metric(metric), amount=amount, window=window, **more)


def model(id: str, **more: Any) -> Model:  # noqa: A002 - the field's name
    """Return a model of tier 3 that can chat with tools."""
    return Model(
        **{"id": id, "canonical": id, "tier": 3, "context": 32_000, "capabilities": CHAT} | more
    )


def provider(name: str, *models: Model, **more: Any) -> Provider:
    """Return a free provider."""
    return Provider(**{"name": name, "title": name, "status": "free", "models": models} | more)


def account(id: str, at: str, **more: Any) -> Account:  # noqa: A002 - the field's name
    """Return an account at a provider."""
    return Account(id=id, provider=at, **more)


def setup(*parts: Provider | Account | Alias, **more: Any) -> Setup:
    """Return a setup of these parts; a provider without an account gets one of its name."""
    providers = {p.name: p for p in parts if isinstance(p, Provider)}
    accounts = [a for a in parts if isinstance(a, Account)]
    served = {a.provider for a in accounts}
    accounts += [account(f"{name}-1", name) for name in providers if name not in served]
    return Setup(
        accounts=tuple(accounts),
        providers=providers,
        aliases={a.name: a for a in parts if isinstance(a, Alias)},
        **more,
    )


def index(*parts: Provider | Account | Alias, **more: Any) -> Index:
    """Return the index of a setup of these parts."""
    return Index(setup(*parts, **more))


def candidate(*limits: Limit, **more: Any) -> Candidate:
    """Return one candidate; keywords go to the part that has the field.

    `status` is the provider's; `gone` makes the model a withdrawn one.
    """
    place = {k: more.pop(k) for k in ("order", "step", "weight", "named") if k in more}
    priced = {k: more.pop(k) for k in ("free", "prices") if k in more}
    accounted = {k: more.pop(k) for k in list(more) if k in Account.__dataclass_fields__}
    provided = {k: more.pop(k) for k in ("quirks", "trains", "status") if k in more}
    own = account(**{"id": "acc", "at": "prov"} | {"id": accounted.pop("id", "acc")} | accounted)
    if more.pop("gone", False):
        more["status"] = "retired"
    row = model(more.pop("model_id", "mod"), **more)
    return Candidate(
        key=f"{own.id}/{row.id}",
        account=own,
        model=row,
        provider=provider("prov", row, **provided),
        limits=limits,
        **place,
        **priced,
    )
