"""Which provider a name means: one of the user's own, or the catalog's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from freetier.config.places import Place, listed, nearest, quoted
from freetier.config.port import Catalog
from freetier.errors import ConfigError
from freetier.values.models import Model
from freetier.values.providers import Provider


class Providers:
    """All providers that one configuration may name; files are read when first asked for.

    Args:
        catalog: Where the others are.
        dialects: The wire languages that can be spoken; `None` means all.
        own: The user's own, by name.

    Raises:
        ConfigError: One of the user's own speaks none of the dialects.
    """

    def __init__(
        self,
        catalog: Catalog,
        dialects: Collection[str] | None,
        own: Mapping[str, Provider] | None = None,
    ) -> None:
        self._catalog = catalog
        self._dialects = dialects
        self._own = frozenset(own or ())
        self._read = dict(own or {})
        for provider in self._read.values():
            self._check(provider)

    def canonical(self, name: str) -> str | None:
        """Return the name that a provider goes by, or `None` if there is none."""
        return name if name in self._own else self._catalog.canonical_provider(name)

    def named(self, name: str) -> Provider | None:
        """Return a provider by what people call it.

        Raises:
            ConfigError: It speaks none of the dialects.
        """
        canonical = self.canonical(name)
        if canonical is None:
            return None
        if canonical not in self._read:
            self._read[canonical] = self._check(self._catalog.provider(canonical))
        return self._read[canonical]

    def _check(self, provider: Provider) -> Provider:
        """Return a provider; raise if nobody here speaks its language."""
        spoken = self._dialects
        if spoken is None or provider.dialect in spoken:
            return provider
        hint = nearest(provider.dialect, spoken) or f"; there are: {listed(spoken)}"
        text = f"there is no dialect {quoted(provider.dialect)}{hint}"
        raise ConfigError(text, where=f"the provider {provider.name}", path="dialect")

    def is_own(self, provider: Provider) -> bool:
        """Tell whether the user described it."""
        return provider.name in self._own

    def add_models(self, provider: Provider, models: Collection[Model]) -> None:
        """Let a provider also offer these, where it does not do so already."""
        known = {name for model in provider.models for name in (model.id, model.canonical)}
        added = tuple(model for model in models if model.id not in known)
        self._read[provider.name] = replace(provider, models=provider.models + added)

    def unknown(self, name: str, place: Place) -> ConfigError:
        """Return the error for a name that is no provider's."""
        hint = nearest(name, (*self._own, *self._catalog.provider_names()))
        return place.error(
            f"unknown provider {quoted(name)}{hint or ';'} "
            "any OpenAI-compatible URL can be used as well: write its base_url"
        )
