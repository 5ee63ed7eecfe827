"""Providers of the user's own."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.config.own import TEXT_CAPABILITIES
from freetier.values.models import Capability, Model
from freetier.values.quota import Kind
from tests.core.config.conftest import Load, Refusal

MINE = {"provider": "mine", "base_url": "http://127.0.0.1:8000/v1"}


def test_a_base_url_is_enough(load: Load):
    """On this machine it is free and needs no key; it speaks the OpenAI dialect."""
    setup = load({"accounts": [MINE]})
    provider = setup.providers["mine"]
    assert (provider.dialect, provider.base_url, provider.status, provider.models) == (
        "openai", "http://127.0.0.1:8000/v1", "own", (),
    )  # fmt: skip
    assert setup.accounts[0].base_url == provider.base_url


def test_models_are_names_or_rows(load: Load):
    """What a row leaves out, the account says; what both leave out is what such servers do."""
    rows = [
        "plain",
        {"id": "big", "canonical": "big-70b", "tier": 4, "context": 9000, "maxOutput": 100,
         "capabilities": ["vision"], "variants": ["Big"], "family": "b"},
        {"id": "vectors", "dimensions": 384, "normalised": True, "batchMax": 32},
    ]  # fmt: skip
    setup = load({"accounts": [MINE | {"models": rows, "context": 4096}]})
    plain, big, vectors = setup.providers["mine"].models
    assert plain == Model(
        id="plain", canonical="plain", context=4096, capabilities=TEXT_CAPABILITIES
    )
    assert big == Model(
        id="big", canonical="big-70b", tier=4, context=9000, max_output=100, family="b",
        capabilities=frozenset({Capability.VISION}), variants=("Big",),
    )  # fmt: skip
    assert vectors.embeds
    assert (vectors.dimensions, vectors.normalised, vectors.batch_max) == (384, True, 32)
    assert setup.accounts[0].models == ("plain", "big", "vectors")


def test_capabilities_of_the_account_hold_for_its_models(load: Load):
    """Also none at all."""
    setup = load({"accounts": [MINE | {"models": ["m"], "capabilities": []}]})
    assert setup.providers["mine"].models[0].capabilities == frozenset()


def test_its_day_may_be_said(load: Load):
    """Then `daily_free` runs on that day."""
    fields = {"dayZone": "Asia/Tokyo", "daily_free": 5, "quota_unit": "requests"}
    window = load({"accounts": [MINE | fields]}).accounts[0].limits[0].window
    assert (window.kind, window.zone) == (Kind.CALENDAR, "Asia/Tokyo")


def test_several_accounts_describe_one_provider(load: Load):
    """The first URL holds for accounts without one; models add up."""
    accounts = [
        {"provider": "mine", "api_key": "a", "free": True, "models": ["x"]},
        {"provider": "mine", "api_key": "b", "free": True, "base_url": "https://h.test/v1",
         "models": ["x", "y"]},
    ]  # fmt: skip
    setup = load({"accounts": accounts})
    assert [account.base_url for account in setup.accounts] == ["https://h.test/v1"] * 2
    assert [model.id for model in setup.providers["mine"].models] == ["x", "y"]


def test_models_of_a_local_server_are_known_by_being_listed(load: Load):
    """The catalog cannot know what a user has downloaded."""
    setup = load({"accounts": [{"provider": "ollama", "models": ["qwen3:4b"]}],
                  "default_model": "qwen3:4b"})  # fmt: skip
    assert [model.id for model in setup.providers["ollama"].models] == ["qwen3:4b"]


@pytest.mark.parametrize("shape", ["mapping", "list"])
def test_a_provider_may_be_written_as_in_the_catalog(load: Load, shape: str):
    """By name, or in a list; its key variable is its own."""
    row = {"baseUrl": "https://h.test/v1", "keyEnv": ["MY_KEY"], "status": "free"}
    providers: Any = {"mine": row} if shape == "mapping" else [{"name": "mine"} | row]
    setup = load({"providers": providers, "accounts": [{"provider": "mine"}]}, MY_KEY="k")
    assert setup.providers["mine"].status == "free"
    assert setup.accounts[0].secret_env == "MY_KEY"


ROW = {"base_url": "https://h.test/v1"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"providers": {"groq": ROW}}, "providers.groq.name: 'groq' is in the catalog"),
        ({"providers": [ROW | {"name": "a"}] * 2}, "providers[1].name: the provider 'a' is given"),
        ({"providers": {"a": ROW | {"bas": 1}}}, "freetier.yaml: providers.a: unknown key bas"),
        ({"providers": 3}, "providers: must be a list, or a mapping"),
        ({"providers": [3]}, "providers[0]: must be a mapping"),
        ({"providers": [ROW]}, "providers[0].type: is missing"),
        ({"providers": {"a": 3}}, "providers.a: must be a mapping"),
        ({"providers": [ROW | {"name": 3}]}, "providers[0].name: must be text"),
        ({"providers": {"a": {"base_url": "${GONE}"}}}, "GONE is not set (provider 'a')"),
        ({"accounts": [MINE | {"models": [{"id": "m", "tier": 9}]}]}, "models[0].tier: must be"),
        ({"accounts": [MINE | {"models": [{"tier": 1}]}]}, "models[0].id: is missing"),
        ({"accounts": [MINE | {"dayZone": "Mars/Phobos"}]}, "dayZone: unknown time zone"),
        (
            {"accounts": [{"provider": "groq", "api_key": "k", "context": 5}]},
            "accounts[0].context: only a provider of your own is described here",
        ),
    ],
)
def test_what_is_wrong_is_told(refusal: Refusal, fields: dict[str, Any], told: str):
    """With its place."""
    assert told in refusal({"accounts": [MINE]} | fields)
