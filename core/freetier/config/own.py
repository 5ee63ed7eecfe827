"""Providers of the user's own: any OpenAI-compatible URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from freetier.config.checking import check
from freetier.config.layers import Entry, Layer, OwnProvider
from freetier.config.money import price_table
from freetier.config.places import Place, snake
from freetier.config.port import Catalog
from freetier.config.schema import AccountEntry, ModelEntry
from freetier.config.urls import checked_url
from freetier.config.windows import check_zone
from freetier.values.models import Capability, Model
from freetier.values.providers import Provider

TEXT_CAPABILITIES = frozenset(
    {
        Capability.TOOLS,
        Capability.TOOL_CHOICE,
        Capability.PARALLEL_TOOLS,
        Capability.JSON_OBJECT,
        Capability.JSON_SCHEMA,
    }
)
"""What a server of this kind is taken to be able to do unless `capabilities` says otherwise."""
VECTORS = frozenset({Capability.EMBEDDINGS})

ONLY_OWN = ("capabilities", "context", "max_output", "day_zone")
NAMED_WITHIN = frozenset({"body", "headers", "limit_sets", "drop_for_models"})


def own_providers(layer: Layer, catalog: Catalog) -> dict[str, Provider]:
    """Return the user's own providers by name: those described, and those of a mere base URL.

    Raises:
        ConfigError: One is malformed, given twice, or has the name of a catalog provider.
    """
    found: dict[str, Provider] = {}
    for written in layer.own:
        provider = _parsed(written, catalog)
        there = written.place.at("name")
        if provider.name in found:
            raise there.error(f"the provider {provider.name!r} is given twice")
        if catalog.canonical_provider(provider.name) is not None:
            raise there.error(f"{provider.name!r} is in the catalog; give yours another name")
        found[provider.name] = provider
    entries = [entry for entry in layer.entries or () if entry.content is not None]
    for name in dict.fromkeys(entry.provider for entry in entries):
        same = [entry for entry in entries if entry.provider == name]
        has_url = any(entry.content and entry.content.base_url for entry in same)
        if has_url and name not in found and catalog.canonical_provider(name) is None:
            found[name] = provider_of(same)
    return found


def _parsed(own: OwnProvider, catalog: Catalog) -> Provider:
    where = f"{own.place.where}: {own.place.path}"
    return catalog.parse_provider(_snake_keys(own.mapping), where)


def provider_of(entries: Sequence[Entry]) -> Provider:
    """Return the provider that accounts with a base URL of their own describe together.

    Args:
        entries: All accounts under this name; at least one has a base URL. What the first
            says holds; each adds its models.

    Raises:
        ConfigError: A URL, a zone or a model is malformed.
    """
    contents = [(entry.place, entry.content) for entry in entries if entry.content is not None]
    with_url = next((place, c.base_url) for place, c in contents if c.base_url)
    base_url = checked_url(with_url[1], with_url[0].at("base_url"))
    zone = next(((p.at("day_zone"), c.day_zone) for p, c in contents if c.day_zone), None)
    models: dict[str, Model] = {}
    for place, content in contents:
        for model in written_models(content, place):
            models.setdefault(model.id, model)
    name = entries[0].provider
    return Provider(
        name=name,
        title=name,
        base_url=base_url,
        status="own",
        keyless=True,
        models=tuple(models.values()),
        day_zone=check_zone(zone[1], zone[0]) if zone else None,
        as_of=None,
        source="user",
    )


def written_models(entry: AccountEntry, place: Place) -> tuple[Model, ...]:
    """Return the models that an account lists, by name or with their facts.

    Raises:
        ConfigError: One is malformed.
    """
    return tuple(
        _model(item, entry, place.at("models", index)) for index, item in enumerate(entry.models)
    )


def refuse_details(entry: AccountEntry, provider: Provider, place: Place) -> None:
    """Raise if an account of a catalog provider describes the provider.

    Raises:
        ConfigError: It does.
    """
    for key in ONLY_OWN:
        if key in entry.model_fields_set:
            raise place.at(key).error(
                f"only a provider of your own is described here; {provider.name} is in the catalog"
            )
    for index, item in enumerate(entry.models):
        if not isinstance(item, str):
            raise place.at("models", index).error("must be the name of a model")


def _model(item: object, entry: AccountEntry, place: Place) -> Model:
    row = check(ModelEntry, {"id": item} if isinstance(item, str) else item, place)
    capabilities = row.capabilities if row.capabilities is not None else entry.capabilities
    if capabilities is None:
        capabilities = VECTORS if row.dimensions else TEXT_CAPABILITIES
    return Model(
        id=row.id,
        canonical=row.canonical or row.id,
        family=row.family,
        tier=row.tier,
        context=row.context or entry.context,
        max_output=row.max_output or entry.max_output,
        capabilities=capabilities,
        variants=row.variants,
        prices=price_table(row.prices),
        dimensions=row.dimensions,
        normalised=row.normalised,
        batch_max=row.batch_max,
        revision=row.revision,
        tasks=row.tasks,
    )


def _snake_keys(value: Any, named: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
    if isinstance(value, Mapping):
        return {
            key if named else snake(str(key)): _snake_keys(item, snake(str(key)) in NAMED_WITHIN)
            for key, item in value.items()
        }
    return [_snake_keys(item) for item in value] if isinstance(value, list) else value
