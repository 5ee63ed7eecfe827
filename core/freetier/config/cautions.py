"""What holds between accounts, and readable warnings on what does less than it seems."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from freetier.config.joined import Joined
from freetier.config.places import listed, nearest, quoted
from freetier.config.urls import is_loopback
from freetier.values.models import Prices
from freetier.values.quota import Metric

FORBIDDEN = {
    "forbidden": "its terms forbid several accounts of one person",
    "forbidden_for_consumers": "its consumer terms forbid several accounts of one person",
}
UNSURE = {
    "trial_credit": "gives a trial credit, which is taken as free until the provider wants money",
    "free_uncertain": "may or may not be free (sources disagree); it is taken as free",
}


def pooled(joined: Sequence[Joined]) -> tuple[Joined, ...]:
    """Return the accounts; those of one provider with one key share the first one's pool."""
    first: dict[tuple[str, object], Joined] = {}
    shared: dict[str, str] = {}
    for item in joined:
        account = item.account
        if not account.secret:
            continue
        owner = first.setdefault((account.provider, account.secret), item).account
        if owner is not account:
            shared[owner.id] = shared[account.id] = owner.pool or owner.id
    return tuple(
        replace(item, account=replace(item.account, pool=shared[item.account.id]))
        if item.account.id in shared
        else item
        for item in joined
    )


def cautions(joined: Sequence[Joined]) -> Iterator[str]:
    """Yield one readable sentence for each thing a user should know of these accounts."""
    for item in joined:
        yield from item.warnings
        yield from _of_account(item)
        yield from _of_models(item)
    yield from _of_pools(joined)
    by_provider: dict[str, list[Joined]] = defaultdict(list)
    for item in joined:
        by_provider[item.account.provider].append(item)
    for items in by_provider.values():
        yield from _of_provider(items)


def _of_account(item: Joined) -> Iterator[str]:
    account, provider = item.account, item.provider
    priced = _priced((account.prices, *(model.prices for model in provider.models)))
    label = f"account {account.id!r}"
    if account.max_daily_spend is not None and not priced:
        yield f"{label}: max_daily_spend without a price: nothing is sent that costs money"
    if any(limit.metric is Metric.MONEY for limit in account.limits) and not priced:
        yield f"{label}: dollars are limited but no price is known, so none are counted"
    costs = account.free is False or (account.free is None and provider.status == "paid_only")
    if costs and not account.paid_enabled:
        yield f"{label} costs money and is not used without paid_enabled: true"
    in_clear = account.base_url.startswith("http://") and not is_loopback(account.base_url)
    if account.secret and in_clear:
        yield f"{label}: its key travels unencrypted; use https"


def _of_models(item: Joined) -> Iterator[str]:
    """Yield a warning for each model that an account names and its provider does not list."""
    account, provider = item.account, item.provider
    known = {n.casefold() for m in provider.models for n in (m.id, m.canonical, *m.variants)}
    for key, names in (("models", account.models), ("model_limits", tuple(account.model_limits))):
        for name in names:
            if known and name.casefold() not in known:
                told = f"account {account.id!r}: {key}: {provider.title} does not list"
                yield f"{told} {quoted(name)}{nearest(name, known)}"


def _of_pools(joined: Sequence[Joined]) -> Iterator[str]:
    pools: dict[str, list[str]] = defaultdict(list)
    keys: dict[tuple[str, object], list[str]] = defaultdict(list)
    for item in joined:
        if item.account.pool:
            pools[item.account.pool].append(item.account.id)
        if item.account.secret:
            keys[item.account.provider, item.account.secret].append(item.account.id)
    for names in keys.values():
        if len(names) > 1:
            yield f"accounts {listed(names)} have the same key; they are one pool"
    for pool, names in pools.items():
        if len(names) > 1 and names not in keys.values():
            yield f"accounts {listed(names)} share the pool {pool!r}: their keys add no quota"


def _of_provider(items: Sequence[Joined]) -> Iterator[str]:
    provider, names = items[0].provider, [item.account.id for item in items]
    keys = {item.account.secret for item in items if item.account.secret}
    if len(keys) > 1 and provider.several_accounts in FORBIDDEN:
        told = FORBIDDEN[provider.several_accounts]
        note = f" ({provider.terms_note})" if provider.terms_note else ""
        yield f"accounts {listed(names)} of {provider.title}: {told}{note}"
    if provider.status in UNSURE and any(item.account.free is None for item in items):
        yield f"{provider.title} {UNSURE[provider.status]}"


def _priced(prices: Iterable[Prices]) -> bool:
    return any(price != Prices() for price in prices)
