"""Fake accounts as a router's configuration writes them: plain mappings, no keys of ours."""

from __future__ import annotations

from typing import Any

from freetier.testing.accounts import FakeAccount, FakeModel
from freetier.testing.limits import Limit
from freetier.testing.provider import FakeProvider
from freetier.testing.styles import STYLES

Entry = dict[str, Any]


def account_entry(
    provider: FakeProvider, account: FakeAccount, base_url: str, *, limits: bool
) -> Entry:
    """Return an account; a provider of a vendor's name leaves all else to the catalog.

    Args:
        provider: whose account it is.
        account: the account.
        base_url: where it is reached.
        limits: whether it states its true limits.
    """
    entry: Entry = {"provider": provider.name, "id": account.label, "base_url": base_url}
    if account.key is not None:
        entry["auth"] = {"api_key": account.key}
    if account.pool is not None:
        entry["pool"] = account.pool
    models = provider.register.listed(account)
    if models:
        is_vendor = provider.name in STYLES and provider.form.name != "generic"
        entry["models"] = [m.id if is_vendor else model_entry(m) for m in models]
    if limits:
        entry |= limit_entries([*provider.limits, *account.limits], account)
    return entry


def model_entry(model: FakeModel) -> str | Entry:
    """Return a model: its name, or its facts if there are any."""
    facts: Entry = {"id": model.id}
    if model.context is not None:
        facts |= {"context": model.context}
    if model.dimensions is not None:
        facts |= {"dimensions": model.dimensions, "normalised": True}
    return facts if len(facts) > 1 else model.id


def limit_entries(limits: list[Limit], account: FakeAccount) -> Entry:
    """Return limits of an account, and of single models, as far as they can be written.

    Raises:
        ValueError: a limit over several models together, or one with a phase.
    """
    whole: list[Entry] = []
    single: dict[str, list[Entry]] = {}
    for limit in limits:
        if limit.phase or len(limit.models or ()) > 1:
            raise ValueError(f"no configuration can say this: {limit}")
        if limit.models is None:
            whole.append(limit_entry(limit, account))
        else:
            single.setdefault(limit.models[0], []).append(limit_entry(limit, account))
    entry: Entry = {"limits": whole} if whole else {}
    return {**entry, "model_limits": single} if single else entry


def limit_entry(limit: Limit, account: FakeAccount) -> Entry:
    """Return one limit."""
    entry: Entry = {
        "metric": limit.metric,
        "amount": limit.amount,
        "scope": limit.scope,
        "counts_refused": limit.counts_refused,
    }
    if limit.metric != "concurrent":
        entry["per"] = window_text(limit)
    if limit.metric.endswith("tokens"):
        entry["precharge"] = limit.charge == "reserve"
    if limit.kind in {"bucket", "pace"} and limit.capacity != limit.amount:
        entry["burst"] = limit.capacity
    if limit.scope == "pool":
        entry["pool"] = account.counted_as
    return entry


def window_text(limit: Limit) -> str:
    """Return a window in words, such as `rolling 60s` or `day@Europe/Oslo`."""
    if limit.kind == "calendar":
        return f"{limit.per}@{limit.zone}"
    return f"{limit.kind} {limit.span:g}s"
