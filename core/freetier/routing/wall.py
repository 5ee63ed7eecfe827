"""The money wall: what counts as free, and which prices hold (decisions 7)."""

from __future__ import annotations

from dataclasses import fields
from ipaddress import ip_address
from urllib.parse import urlsplit

from freetier.errors import ConfigError
from freetier.values.accounts import Account
from freetier.values.models import Model, Prices
from freetier.values.providers import Provider

FREE_STATUS = frozenset({"free", "trial_credit", "free_uncertain", "keyless", "local"})
"""Trial credit and disputed free tiers count as free, with a warning where they are set up."""

WITHOUT_BILL = frozenset({"keyless", "local"})
"""Nobody could be billed there, so that a model nobody listed is free as well."""


def is_free(account: Account, provider: Provider, model: Model) -> bool:
    """Tell whether an answer of this model through this account costs nothing.

    The user's own word counts first; then the catalog's status and model row; then a
    base URL on this machine.
    """
    if account.free is not None:
        return account.free
    if provider.status in FREE_STATUS and model.free:
        return True
    return on_loopback(account.base_url or provider.base_url)


def on_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check(account: Account, provider: Provider, *, where: str, path: str) -> None:
    """Make sure that a URL of the user's own is known to be free or to cost something.

    Raises:
        ConfigError: Nothing says so; the text names the three ways to.
    """
    url = account.base_url or provider.base_url
    if provider.status != "own" or account.free is not None or on_loopback(url):
        return
    if account.prices != Prices() or any(m.prices != Prices() for m in provider.models):
        return
    raise ConfigError(
        f"account {account.id!r}: nothing says whether {url or provider.name} costs money; "
        "write `free: true`, `daily_free`, or its prices (`cost_per_input_token`, "
        "`cost_per_output_token`)",
        where=where,
        path=path,
    )


def merge_prices(account: Account, model: Model) -> Prices:
    """Return the prices that hold, each the account's if the user wrote one."""
    if account.prices == Prices():
        return model.prices
    merged = {}
    for each in fields(Prices):
        own = getattr(account.prices, each.name)
        merged[each.name] = getattr(model.prices, each.name) if own is None else own
    return Prices(**merged)
