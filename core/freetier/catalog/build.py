"""A checked provider file as frozen values."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from freetier.catalog.limits import LimitMaker
from freetier.errors import ConfigError
from freetier.values.models import Capability, Model, Prices
from freetier.values.providers import HeaderRule, Provider, WindowSign

if TYPE_CHECKING:
    from freetier.catalog.classes import ErrorClasses
    from freetier.catalog.schema import (
        ChatRow,
        EmbeddingRow,
        ModelRow,
        PricesRow,
        ProviderRow,
        SignRow,
    )
    from freetier.catalog.sources import Sources

_MILLION = 1_000_000
_NOT_FREE = frozenset({"paid_only", "retired"})


def provider_value(
    row: ProviderRow, where: str, classes: ErrorClasses, sources: Sources
) -> Provider:
    """Return the provider that a file describes.

    Args:
        row: The checked file.
        where: Its name, for error texts.
        classes: What the classes of its error rules mean.
        sources: How far each source is trusted.

    Raises:
        ConfigError: Something in it does not fit together.
    """
    maker = LimitMaker(row, where, sources)
    return replace(
        _known(row, sources),
        base_url=row.base_url,
        dialect=row.dialect,
        quirks=row.quirks,
        headers=_headers(row),
        untold=maker.untold(),
        errors=classes.rules(row.errors, where),
        signs=window_signs(row.signs),
        limits=maker.of_account(),
        models=_models(row, where, maker),
    )


def _known(row: ProviderRow, sources: Sources) -> Provider:
    """Return the provider with what people want to know of it."""
    return Provider(
        name=row.name,
        title=row.title or row.name,
        key_env=row.key_env,
        key_page=row.key_page,
        status=row.status,
        keyless=row.keyless or row.status in {"keyless", "local"},
        day_zone=row.day_zone,
        first_content=row.first_content,
        attempt=row.attempt,
        several_accounts=row.terms.several_accounts,
        terms_note=row.terms.note,
        trains=row.trains,
        gone_since=row.gone_since,
        replaced_by=row.replaced_by,
        note=row.note,
        as_of=row.as_of,
        source=sources.what(row.source),
    )


def _headers(row: ProviderRow) -> tuple[HeaderRule, ...]:
    return tuple(
        HeaderRule(
            name=name.lower(),
            role=header.role,
            format=header.format,
            metric=header.metric,
            span=header.per,
            until_full=header.until_full,
        )
        for name, header in row.headers.items()
    )


def window_signs(rows: tuple[SignRow, ...]) -> tuple[WindowSign, ...]:
    """Return signs of windows as values."""
    return tuple(
        WindowSign(text=row.text, span=row.per, metric=row.metric, calendar=row.calendar)
        for row in rows
    )


def _models(row: ProviderRow, where: str, maker: LimitMaker) -> tuple[Model, ...]:
    chat = [_chat(model, maker, f"models[{n}]") for n, model in enumerate(row.models)]
    vectors = [_vectors(model, maker, f"embeddings[{n}]") for n, model in enumerate(row.embeddings)]
    models = (*chat, *vectors)
    twice = [name for name, count in Counter(model.id for model in models).items() if count > 1]
    if twice:
        raise ConfigError(f"the model {twice[0]!r} stands here twice", where=where, path="models")
    return models


def _chat(row: ChatRow, maker: LimitMaker, path: str) -> Model:
    return replace(
        _model(row, maker, path),
        tier=row.tier,
        max_output=row.max_output,
        capabilities=row.capabilities,
        special=row.special,
    )


def _vectors(row: EmbeddingRow, maker: LimitMaker, path: str) -> Model:
    return replace(
        _model(row, maker, path),
        capabilities=frozenset({Capability.EMBEDDINGS}),
        dimensions=row.dimensions,
        normalised=row.normalised,
        batch_max=row.batch_max,
        revision=row.revision,
        tasks=row.tasks,
    )


def _model(row: ModelRow, maker: LimitMaker, path: str) -> Model:
    is_free = maker.provider.status not in _NOT_FREE if row.free is None else row.free
    return Model(
        id=row.id,
        canonical=row.canonical or row.id,
        family=row.family,
        context=row.context,
        free=is_free,
        status=row.status,
        variants=row.variants,
        gone_since=row.gone_since,
        replaced_by=row.replaced_by,
        prices=_prices(row.prices),
        limits=maker.of_model(row, path),
    )


def _prices(row: PricesRow) -> Prices:
    return Prices(**{name: None if price is None else price / _MILLION for name, price in row})
