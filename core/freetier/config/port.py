"""What the configuration asks of the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from freetier.values.accounts import Alias
from freetier.values.providers import Provider


class Catalog(Protocol):
    """The shipped data on providers; the module `freetier.catalog` is one."""

    def provider_names(self) -> Sequence[str]:
        """Return the names of all providers, without reading their files."""

    def canonical_provider(self, name: str) -> str | None:
        """Return the catalog's name for what people write (`grok` is `xai`), or `None`."""

    def provider(self, name: str) -> Provider:
        """Read one provider's file."""

    def parse_provider(self, mapping: Mapping[str, Any], where: str) -> Provider:
        """Check a provider that a user wrote in the format of the catalog's files."""

    def key_variables(self) -> Mapping[str, tuple[str, ...]]:
        """Return the variables that bring each provider in, without reading their files."""

    def shipped_aliases(self) -> Sequence[Alias]:
        """Return the aliases that everybody has."""
