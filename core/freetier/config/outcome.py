"""The last step: checked parts become one `Setup`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from freetier.config.cautions import cautions, pooled
from freetier.config.joined import Joined
from freetier.values.accounts import Alias
from freetier.values.options import Budgets
from freetier.values.setup import Backoff, Setup


def setup_of(
    joined: Sequence[Joined],
    aliases: Mapping[str, Alias],
    settings: Mapping[str, Any],
    warnings: Iterable[str],
    origin: str,
) -> Setup:
    """Return the whole configuration as a value.

    Args:
        joined: The accounts that take part, in declared order.
        aliases: The user's first, then shipped ones.
        settings: Fields of `Setup`; those of its budgets and back-off with a prefix.
        warnings: What was found before; warnings over all accounts are added.
        origin: Where the configuration came from.
    """
    accounts = pooled(joined)
    plain = {name: value for name, value in settings.items() if "." not in name}
    return Setup(
        accounts=tuple(item.account for item in accounts),
        providers={item.provider.name: item.provider for item in accounts},
        aliases=aliases,
        budgets=Budgets(**_part(settings, "budgets.")),
        backoff=Backoff(**_part(settings, "backoff.")),
        warnings=tuple(dict.fromkeys((*warnings, *cautions(accounts)))),
        origin=origin,
        **plain,
    )


def _part(settings: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in settings.items()
        if name.startswith(prefix)
    }
