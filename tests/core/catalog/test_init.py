"""The functions that the rest of the package calls."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from freetier import catalog
from freetier.dialects.faults import Faults
from freetier.errors import ConfigError
from freetier.values.accounts import Account, Candidate
from freetier.values.faults import Fault
from freetier.values.quota import Kind
from tests.core.catalog.folder import NAMES


def test_importing_it_reads_nothing():
    """Neither YAML nor pydantic is loaded before somebody asks."""
    code = (
        "import sys, freetier.catalog; "
        "print(sorted({'yaml', 'pydantic', 'freetier.catalog.shipped'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_providers_are_named_the_most_giving_first():
    """Names come in the order in which providers join."""
    names = catalog.provider_names()
    assert sorted(names) == sorted(NAMES)
    assert names[0] == "groq"


def test_variables_bring_providers_in():
    """A provider that is gone and a second entry for the same keys have none."""
    variables = catalog.key_variables()
    assert variables["gemini"] == ("GEMINI_API_KEY", "GOOGLE_API_KEY")
    assert variables["github-models"] == variables["gemini-openai"] == variables["ovh"] == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("groq", "groq"),
        ("Groq", "groq"),
        ("grok", "xai"),
        ("x.ai", "xai"),
        ("cerebro", "cerebras"),
        ("LM Studio", "lmstudio"),
        ("llama_cpp", "llamacpp"),
        ("Z.AI", "zai"),
        ("ollama_cloud", "ollama-cloud"),
        ("acme", None),
    ],
)
def test_a_provider_is_known_in_any_spelling(written, meant):
    """Case, spaces and punctuation do not matter; other names are listed."""
    assert catalog.canonical_provider(written) == meant


def test_an_unknown_provider_is_told_with_the_nearest():
    """A typing error costs one look."""
    with pytest.raises(ConfigError, match="unknown provider 'grog'; did you mean 'groq'"):
        catalog.provider("grog")


def test_providers_are_loaded_by_any_of_their_names():
    """The result goes by the catalog's names."""
    assert list(catalog.load(["Grok", "mistral"])) == ["xai", "mistral"]


def test_a_provider_is_read_once():
    """The same value comes again."""
    assert catalog.provider("groq") is catalog.provider("GROQ")


def test_a_second_entry_has_the_quota_of_the_first():
    """Gemini through Google's OpenAI endpoint: the same models, limits and keys."""
    native, other = catalog.provider("gemini"), catalog.provider("gemini-openai")
    assert (native.dialect, other.dialect) == ("gemini", "openai")
    assert other.base_url.endswith("/openai")
    assert other.key_env == native.key_env
    assert [m.limits for m in other.models] == [m.limits for m in native.models]


def test_a_second_entry_offers_what_its_language_can_say():
    """Sound, film and files have no words at the OpenAI endpoint."""
    said = {c for m in catalog.provider("gemini-openai").models for c in m.capabilities}
    meant = {c for m in catalog.provider("gemini").models for c in m.capabilities}
    assert meant - said == {"audio", "video", "files"}


USERS_FILE = """
providers:
  - name: my-box
    base_url: http://10.0.0.5:8000/v1
    keyless: true
    quirks: {drop: [user]}
    clocks: {minute: {kind: rolling}}
    limits: [{metric: requests, per: minute, amount: 6, source: me, as_of: 2026-11-21}]
    errors: [{status: 418, class: model_busy, match_any: [teapot]}]
    models:
      - {id: tea-7b, tier: 1, context: 32768, prices: {input: 2, output: 4}}
"""


def test_a_user_describes_a_provider_in_the_same_format():
    """A mapping out of a user's YAML is a provider, with limits, rules and models."""
    row = yaml.safe_load(USERS_FILE)["providers"][0]
    provider = catalog.parse_provider(row, "freetier.yaml: providers[0]")
    limit, model = provider.limits[0], provider.models[0]
    assert (provider.status, provider.dialect, provider.title) == ("own", "openai", "my-box")
    assert (limit.amount, limit.window.kind, limit.source) == (6, Kind.ROLLING, "user")
    assert (model.canonical, model.free, model.prices.output) == ("tea-7b", True, 4e-6)
    candidate = Candidate(
        key="a/tea-7b",
        account=Account(id="a", provider="my-box"),
        model=model,
        provider=provider,
    )
    faults = Faults(catalog.fault_table())
    assert faults.of_answer(candidate, 418, (), b"I am a teapot").fault is Fault.OVERLOADED
    assert faults.of_answer(candidate, 401, (), b"no").fault is Fault.UNAUTHORISED


def test_a_users_mistake_is_told_with_its_place():
    """The error names the file, the key path and the nearest right key."""
    row = {"id": "tea-7b", "teir": 1}
    mapping = {"name": "my-box", "base_url": "http://10.0.0.5/v1", "models": [row]}
    with pytest.raises(ConfigError) as told:
        catalog.parse_provider(mapping, "freetier.yaml: providers[0]")
    assert str(told.value) == (
        "freetier.yaml: providers[0]: models[0].teir: unknown key; did you mean 'tier'?"
    )


def test_the_general_table_has_defaults_and_texts():
    """What errors mean where a provider is silent."""
    table = catalog.fault_table()
    assert {rule.status for rule in table.defaults} >= {400, 401, 429, 500}
    assert any("maximum context length" in text for text in table.overflow)
    assert "per minute" in table.exclude


def test_the_shipped_aliases_are_there():
    """Those of decisions 5, in order."""
    names = [alias.name for alias in catalog.shipped_aliases()]
    assert names[:6] == ["best", "best-xl", "best-large", "best-medium", "best-small", "fast"]
    assert names[6:] == ["reasoning", "vision", "tools", "long"]
