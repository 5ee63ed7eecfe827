"""A small catalog for the tests of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freetier.errors import ConfigError
from freetier.values.accounts import Alias, Selector
from freetier.values.models import Model, Prices
from freetier.values.providers import Provider

FREE_MODELS = (
    Model(id="llama-3.3-70b-versatile", canonical="llama-3.3-70b", tier=3),
    Model(
        id="llama-3.1-8b-instant", canonical="llama-3.1-8b", tier=1, variants=("Llama-3.1-8B-Inst",)
    ),
)
PROVIDERS = (
    Provider(
        name="groq",
        title="Groq",
        base_url="https://api.groq.test/openai/v1",
        key_env=("GROQ_API_KEY",),
        status="free",
        models=FREE_MODELS,
        several_accounts="forbidden",
        key_page="https://console.groq.test/keys",
    ),
    Provider(
        name="cerebras",
        title="Cerebras",
        base_url="https://api.cerebras.test/v1",
        key_env=("CEREBRAS_API_KEY",),
        status="trial_credit",
        models=(Model(id="llama3.1-8b", canonical="llama-3.1-8b", tier=1),),
    ),
    Provider(
        name="gemini",
        title="Gemini",
        base_url="https://gemini.test/v1beta",
        key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        status="free",
        day_zone="America/Los_Angeles",
        several_accounts="forbidden_for_consumers",
        models=(
            Model(
                id="gemini-2.0-flash",
                canonical="gemini-2.0-flash",
                tier=3,
                status="retired",
                gone_since="2026-03-03",
                replaced_by="gemini-2.5-flash",
            ),
            Model(id="gemini-2.5-flash", canonical="gemini-2.5-flash", tier=3),
        ),
    ),
    Provider(
        name="xai",
        title="xAI",
        base_url="https://api.x.test/v1",
        key_env=("XAI_API_KEY",),
        status="paid_only",
        models=(Model(id="grok-3-fast", canonical="grok-3-fast", tier=5, free=False),),
    ),
    Provider(
        name="openai",
        title="OpenAI",
        base_url="https://api.openai.test/v1",
        key_env=("OPENAI_API_KEY",),
        status="paid_only",
        models=(
            Model(
                id="gpt-4o-mini",
                canonical="gpt-4o-mini",
                tier=3,
                free=False,
                prices=Prices(input=1.5e-7, output=6e-7),
            ),
        ),
    ),
    Provider(
        name="cloudflare",
        title="Cloudflare",
        base_url="https://api.cloudflare.test/accounts/{account_id}/ai/v1",
        key_env=("CLOUDFLARE_API_TOKEN",),
        status="free",
    ),
    Provider(
        name="ollama",
        title="Ollama",
        base_url="http://localhost:11434/v1",
        status="local",
        keyless=True,
    ),
    Provider(
        name="kilo",
        title="Kilo",
        base_url="https://kilo.test/v1",
        key_env=("KILO_API_KEY",),
        status="keyless",
        keyless=True,
    ),
    Provider(
        name="github-models",
        title="GitHub Models",
        base_url="https://models.github.test/inference",
        key_env=("GITHUB_TOKEN",),
        status="retired",
        gone_since="2026-07-01",
        replaced_by="groq",
    ),
)
SPELLINGS = {"grok": "xai", "cerebro": "cerebras"}
SHIPPED = (
    Alias(name="best", selector=Selector(tiers=(5, 4, 3, 2, 1))),
    Alias(name="fast", selector=Selector(tiers=(1, 2, 3), descending=False, first_found=True)),
)


class FakeCatalog:
    """A handful of providers; remembers which of them were read."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self._providers = {provider.name: provider for provider in PROVIDERS}

    def provider_names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(self._providers)

    def canonical_provider(self, name: str) -> str | None:
        """In any case, or another name."""
        plain = name.casefold()
        known = SPELLINGS.get(plain, plain)
        return known if known in self._providers else None

    def provider(self, name: str) -> Provider:
        """Remember that it was asked for."""
        self.read.append(name)
        return self._providers[name]

    def parse_provider(self, mapping: Mapping[str, Any], where: str) -> Provider:
        """A few keys of the real format."""
        unknown = set(mapping) - {"name", "base_url", "title", "key_env", "status"}
        if unknown:
            raise ConfigError(f"unknown key {min(unknown)}", where=where)
        return Provider(
            name=mapping["name"],
            title=mapping.get("title", mapping["name"]),
            base_url=mapping["base_url"],
            key_env=tuple(mapping.get("key_env", ())),
            status=mapping.get("status", "own"),
        )

    def key_variables(self) -> Mapping[str, tuple[str, ...]]:
        """None of a provider that is gone."""
        return {
            provider.name: () if provider.status == "retired" else provider.key_env
            for provider in PROVIDERS
        }

    def shipped_aliases(self) -> tuple[Alias, ...]:
        """Two."""
        return SHIPPED
