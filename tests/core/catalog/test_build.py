"""A checked file as a provider."""

from __future__ import annotations

from typing import Any

import pytest

from freetier import catalog
from freetier.errors import ConfigError
from freetier.values.models import Capability
from freetier.values.providers import HeaderRule, Provider, WindowSign
from freetier.values.quota import Metric


def parsed(**more: Any) -> Provider:
    """Return a provider with this in its file."""
    return catalog.parse_provider(
        {"name": "acme", "base_url": "https://a.test", **more}, "acme.yaml"
    )


def test_prices_are_written_per_million_tokens():
    """People write 0.15 dollars a million; values hold dollars per token."""
    row = {"id": "m", "tier": 1, "prices": {"input": 0.15}}
    prices = parsed(models=[row]).models[0].prices
    assert prices.input == pytest.approx(1.5e-7)
    assert prices.output is None


@pytest.mark.parametrize(("status", "free"), [("free", True), ("own", True), ("paid_only", False)])
def test_a_model_is_as_free_as_its_provider(status, free):
    """Unless its row says otherwise."""
    rows = [{"id": "a", "tier": 1}, {"id": "b", "tier": 1, "free": not free}]
    assert [m.free for m in parsed(status=status, models=rows).models] == [free, not free]


def test_a_local_server_needs_no_key():
    """Nor does a provider that lets anybody in."""
    assert parsed(status="local").keyless
    assert parsed(status="keyless").keyless
    assert parsed(keyless=True).keyless
    assert not parsed().keyless


def test_embedding_models_stand_apart():
    """They need no tier and can do nothing else."""
    row = {"id": "e", "dimensions": 384, "normalised": True, "batch_max": 96, "context": 512}
    model = parsed(embeddings=[row]).models[0]
    assert model.capabilities == {Capability.EMBEDDINGS}
    assert (model.dimensions, model.normalised, model.batch_max) == (384, True, 96)
    assert model.tier == 0


def test_a_model_that_stands_twice_is_told():
    """One of the two rows would be lost."""
    with pytest.raises(ConfigError, match=r"acme.yaml: models: the model 'm' stands here twice"):
        parsed(models=[{"id": "m", "tier": 1}], embeddings=[{"id": "m"}])


def test_headers_and_signs_become_rules():
    """Names of headers are compared in lower case; spans are seconds."""
    provider = parsed(
        headers={"X-Left": {"role": "remaining", "metric": "requests", "per": "day"}},
        signs=[{"text": "(TPM)", "per": "minute", "metric": "total_tokens"}],
    )
    left = HeaderRule(name="x-left", role="remaining", metric=Metric.REQUESTS, span=86_400.0)
    assert provider.headers == (left,)
    assert provider.signs == (WindowSign(text="(TPM)", span=60.0, metric=Metric.TOTAL),)


def test_a_source_is_told_in_words():
    """A key of our list becomes what it stands for; a user's own words stay."""
    assert parsed(source="groq-docs").source == "console.groq.com/docs, rate limits and errors"
    assert parsed(source="my notes").source == "my notes"
