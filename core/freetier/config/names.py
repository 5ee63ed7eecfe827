"""Names of models: whether one means anything here, and what is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from freetier.config.joined import Joined
from freetier.config.known import Providers
from freetier.config.places import Place, nearest, quoted
from freetier.errors import ConfigError
from freetier.values.accounts import Alias, Step
from freetier.values.models import Model


class Names:
    """What a model may be called in this configuration (decisions 5)."""

    def __init__(
        self,
        aliases: Mapping[str, Alias],
        joined: Sequence[Joined],
        providers: Providers,
        embedders: Collection[str] = (),
    ) -> None:
        self._aliases = aliases
        self._providers = providers
        self._joined = joined
        self._models: dict[str, str] = {name.casefold(): name for name in embedders}
        for item in joined:
            for name in _names_of(item):
                self._models.setdefault(name.casefold(), name)
        self._owners = {name for item in joined for name in (item.account.id, item.provider.name)}

    def unknown(self, name: str, place: Place) -> ConfigError | None:
        """Return an error with the nearest name that exists if nothing goes by a name."""
        if name in self._aliases or name.casefold() in self._models:
            return None
        owners = [name.partition(mark)[0] for mark in "/:" if mark in name]
        if any(self._owns(owner) for owner in owners):
            return None
        hint = nearest(name, (*self._aliases, *self._models.values()))
        if not hint and any(not item.provider.models for item in self._joined):
            hint = "; write provider/model for what the catalog does not know"
        return place.error(f"unknown model {quoted(name)}{hint}")

    def _owns(self, owner: str) -> bool:
        return owner in self._owners or self._providers.canonical(owner) in self._owners

    def withdrawn(self, step: Step) -> Iterator[str]:
        """Yield a warning if a step names a model that its provider has withdrawn."""
        provider = self._providers.canonical(step.provider) if step.provider else None
        for item in self._joined:
            if provider not in {None, item.provider.name}:
                continue
            for model in item.provider.models:
                if model.withdrawn and step.model.casefold() in _spellings(model):
                    yield _told(item.provider.title, model)


def _told(title: str, model: Model) -> str:
    since = f" on {model.gone_since}" if model.gone_since else ""
    instead = f"; instead: {model.replaced_by}" if model.replaced_by else ""
    return f"{title} withdrew {model.id!r}{since}{instead}; it is tried after all others"


def _spellings(model: Model) -> set[str]:
    return {name.casefold() for name in (model.id, model.canonical, *model.variants)}


def _names_of(item: Joined) -> Iterator[str]:
    yield from item.account.models
    for model in item.provider.models:
        yield from (model.id, model.canonical, *model.variants)
