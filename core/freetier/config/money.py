"""What an account costs, and whether it may be called free (decisions 7)."""

from __future__ import annotations

from dataclasses import fields, replace

from freetier.config.places import Place
from freetier.config.schema import AccountEntry, PriceTable
from freetier.config.urls import is_loopback
from freetier.values.models import Prices
from freetier.values.providers import Provider

PRICE_NAMES = tuple(field.name for field in fields(Prices))


def prices(entry: AccountEntry) -> Prices:
    """Return the prices of an account in dollars per token.

    A zero under one of the older keys means that the price is not known, as it did there;
    under `prices:` it means that nothing is charged.
    """
    flat = entry.cost_per_token or None
    older = Prices(
        input=entry.cost_per_input_token or None,
        output=entry.cost_per_output_token or None,
        audio_input=entry.cost_per_audio_input_token or None,
        image_input=entry.cost_per_image_input_token or None,
        video_input=entry.cost_per_video_input_token or None,
        embedding_input=entry.cost_per_embedding_input_token or None,
    )
    if older.input is None and older.output is None:
        older = replace(older, input=flat, output=flat)
    return over(price_table(entry.prices), older)


def price_table(table: PriceTable | None) -> Prices:
    """Return prices as a value."""
    return Prices(**{name: getattr(table, name) for name in PRICE_NAMES}) if table else Prices()


def over(first: Prices, second: Prices) -> Prices:
    """Return the first prices, and the second where the first says nothing."""
    merged = {}
    for name in PRICE_NAMES:
        value = getattr(first, name)
        merged[name] = getattr(second, name) if value is None else value
    return Prices(**merged)


def is_known(price: Prices) -> bool:
    """Tell whether any price is known."""
    return any(getattr(price, name) is not None for name in PRICE_NAMES)


def declared_free(
    entry: AccountEntry, price: Prices, provider: Provider, base_url: str, place: Place
) -> bool | None:
    """Return whether an account is free by the user's word or its address.

    Args:
        entry: The account as written.
        price: Its prices.
        provider: Whose it is.
        base_url: Where its requests go.
        place: Where it stands.

    Returns:
        `None` leaves it to the catalog.

    Raises:
        ConfigError: The user said both, or nothing about a URL of their own.
    """
    if entry.free is False and entry.daily_free:
        raise place.at("daily_free").error("says that the account is free, `free` that it is not")
    if entry.free is not None or entry.daily_free:
        return entry.free is not False
    costs = any(getattr(price, name) for name in PRICE_NAMES)
    if is_loopback(base_url):
        return not costs
    if provider.status != "own":
        return None
    if is_known(price) or any(is_known(model.prices) for model in provider.models):
        return False
    raise place.error(
        "it is not known what this URL costs: write `free: true`, `daily_free` or `prices`"
    )
