"""An account of the configuration together with its provider."""

from __future__ import annotations

from dataclasses import dataclass

from freetier.values.accounts import Account
from freetier.values.providers import Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An account that takes part.

    Attributes:
        account: The account.
        provider: Its provider.
        literal: Whether its key stands in the file in plain sight.
        warnings: What was written for it and does little.
    """

    account: Account
    provider: Provider
    literal: bool = False
    warnings: tuple[str, ...] = ()
