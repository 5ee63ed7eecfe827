"""Three ways to one `Setup`, the two older formats, and who wins."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from freetier.config import load_env, load_file, load_mapping
from freetier.errors import ConfigError
from freetier.values.accounts import Alias, Secret, Step
from freetier.values.models import Prices
from freetier.values.options import Budgets
from freetier.values.quota import Kind, Limit, Metric, Scope, Window
from freetier.values.setup import Backoff, Setup
from tests.core.config.fakes import FakeCatalog

OLDER_YAML = """\
allow_paid: true
default_model: "fast"
models:
  - alias: "fast"
    models:
      - provider: gemini
        model: gemini-2.0-flash
      - { provider: grok, model: grok-3-fast }
accounts:
  - provider: gemini
    id: gemini-1
    auth: { api_key: "${GEMINI_KEY_1}" }
    daily_free: 1500
    quota_unit: requests
  - provider: grok
    id: grok-free
    auth: { api_key: "${GROK_API_KEY}" }
    daily_free: 5000000
    quota_unit: tokens
  - provider: openai
    id: openai-paid
    auth: { api_key: "${OPENAI_API_KEY}" }
    quota_unit: tokens
    paid_enabled: true
    cost_per_input_token: 0.00000015
    cost_per_output_token: 0.0000006
    max_daily_spend: 0.50
"""
OLDER_JSON = """\
{"providers": [{"type": "groq", "apiKey": "...", "priority": 0, "enabled": true},
               {"type": "cerebras", "apiKey": "...", "priority": 1}],
 "strategy": "priority", "timeoutMs": 60000,
 "modelAliases": {"my-fast-model": "llama-3.1-8b"},
 "retry": {"maxRetries": 3, "initialBackoffMs": 1000, "maxBackoffMs": 30000, "backoffMultiplier": 2},
 "stateStore": {"type": "memory"}}
"""  # noqa: E501 - as people have it on disk
KEYS = {"GEMINI_KEY_1": "k1", "GROK_API_KEY": "k2", "OPENAI_API_KEY": "k3"}
FromFile = Callable[..., Setup]


@pytest.fixture
def from_file(tmp_path: Path) -> FromFile:
    """Load a text as a private file of a name."""

    def load(text: str, name: str, mode: int = 0o600, **environ: str) -> Setup:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return load_file(path, environ, catalog=FakeCatalog())

    return load


def _camel(value: Any) -> Any:
    """Spell every key in camelCase."""
    if isinstance(value, dict):
        return {_spelt(key): _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value


def _spelt(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(word.capitalize() for word in rest)


def test_the_older_yaml_loads_as_it_stands(from_file: FromFile):
    """Accounts, ladder, allowances, prices and spend cap, key by key."""
    setup = from_file(OLDER_YAML, "config.yaml", **KEYS)
    gemini, grok, openai = setup.accounts
    assert (gemini.id, gemini.provider, gemini.secret_env, gemini.free) == (
        "gemini-1", "gemini", "GEMINI_KEY_1", True,
    )  # fmt: skip
    assert gemini.limits == (
        Limit(
            metric=Metric.REQUESTS,
            amount=1500,
            window=Window(kind=Kind.CALENDAR, span=86_400, unit="day", zone="America/Los_Angeles"),
            scope=Scope.ACCOUNT,
            source="allowance",
        ),
    )
    assert (grok.provider, grok.free, grok.limits[0].metric) == ("xai", True, Metric.TOTAL)
    assert (grok.limits[0].amount, grok.limits[0].window.zone) == (5_000_000, "UTC")
    assert (openai.secret, openai.paid_enabled, openai.free, openai.limits) == (
        Secret("k3"), True, None, (),
    )  # fmt: skip
    assert openai.prices == Prices(input=1.5e-7, output=6e-7)
    assert openai.max_daily_spend == 0.5
    assert setup.aliases["fast"] == Alias(
        name="fast",
        steps=(
            Step(model="gemini-2.0-flash", provider="gemini"),
            Step(model="grok-3-fast", provider="xai"),
        ),
    )
    assert (setup.allow_paid, setup.default_model, setup.strategy) == (True, "fast", "free-first")


def test_the_older_json_loads_as_it_stands(from_file: FromFile):
    """Accounts, priorities, alias, attempts and back-off, key by key."""
    setup = from_file(OLDER_JSON, "config.json")
    assert [(a.id, a.provider, a.priority, a.secret) for a in setup.accounts] == [
        ("groq", "groq", 0, Secret("...")),
        ("cerebras", "cerebras", 1, Secret("...")),
    ]
    assert setup.aliases["my-fast-model"].steps == (Step(model="llama-3.1-8b"),)
    assert (setup.strategy, setup.store) == ("priority", "memory")
    assert setup.budgets == Budgets(attempt=60, attempts=4)
    assert setup.backoff == Backoff(initial=1, maximum=30, multiplier=2)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("as_camel", [False, True])
@pytest.mark.parametrize("text", [OLDER_YAML, OLDER_JSON])
def test_spelling_and_format_do_not_matter(
    from_file: FromFile, text: str, as_camel: bool, as_json: bool
):
    """Each older example, in either spelling and either format, is one configuration."""
    tree = yaml.safe_load(text)
    spelt = _camel(tree) if as_camel else tree
    written = json.dumps(spelt) if as_json else yaml.safe_dump(spelt)
    setup = from_file(written, "f.json" if as_json else "f.yaml", **KEYS)
    expected = load_mapping(tree, KEYS, where=setup.origin, catalog=FakeCatalog())
    assert setup == expected


def test_a_file_is_named_by_a_variable(tmp_path: Path):
    """`FREETIER_CONFIG`; then other keys of the environment do not join."""
    path = tmp_path / "freetier.yaml"
    path.write_text("accounts: [{provider: groq}]")
    environ = {"FREETIER_CONFIG": str(path), "GROQ_API_KEY": "k", "XAI_API_KEY": "k"}
    setup = load_env(environ, catalog=FakeCatalog())
    assert [account.id for account in setup.accounts] == ["groq"]
    assert setup.origin == str(path)


def test_a_file_that_a_variable_names_must_be_there():
    """It is not passed over."""
    with pytest.raises(ConfigError, match=r"/nowhere\.yaml: cannot be read"):
        load_env({"FREETIER_CONFIG": "/nowhere.yaml", "GROQ_API_KEY": "k"}, catalog=FakeCatalog())


def test_a_file_without_accounts_takes_those_of_the_environment(from_file: FromFile):
    """What it says besides holds."""
    setup = from_file("strategy: declared", "f.yaml", GROQ_API_KEY="k")
    assert [account.id for account in setup.accounts] == ["groq"]
    assert setup.strategy == "declared"


def test_arguments_win_over_the_file(tmp_path: Path):
    """Field by field; accounts and aliases are each taken whole."""
    path = tmp_path / "f.yaml"
    path.write_text(
        "accounts: [{provider: groq}]\n"
        "aliases: {a: best}\n"
        "strategy: declared\n"
        "deadline: 9\n"
        "timeouts: {attempt: 5, idle: 6}\n"
        "default_model: best\n"
    )
    arguments = {
        "accounts": [{"provider": "xai", "api_key": "k"}],
        "timeouts": {"attempt": 7},
        "strategy": "priority",
        "default_model": "fast",
    }
    setup = load_file(path, {}, arguments=arguments, catalog=FakeCatalog())
    assert [account.id for account in setup.accounts] == ["xai"]
    assert (setup.strategy, setup.default_model) == ("priority", "fast")
    assert setup.budgets == Budgets(deadline=9, attempt=7, idle=6)
    assert "a" in setup.aliases


def test_an_argument_wins_over_the_same_thing_in_other_words(tmp_path: Path):
    """Older words as an argument win over ours in a file."""
    path = tmp_path / "f.yaml"
    path.write_text("attempts: 9\ntimeouts: {attempt: 9}")
    setup = load_file(
        path,
        {"GROQ_API_KEY": "k"},
        arguments={"retry": {"maxRetries": 1}, "timeoutMs": 1000},
        catalog=FakeCatalog(),
    )
    assert (setup.budgets.attempts, setup.budgets.attempt) == (2, 1)


def test_arguments_win_over_a_mapping_in_any_spelling():
    """The same key in two spellings is no contradiction between two sources."""
    fields = {"accounts": [{"provider": "groq", "api_key": "k"}], "defaultModel": "best"}
    setup = load_mapping(fields, {}, arguments={"default_model": "fast"}, catalog=FakeCatalog())
    assert setup.default_model == "fast"


def test_an_error_in_an_argument_is_told_from_one_in_the_file(tmp_path: Path):
    """Each names its own source."""
    path = tmp_path / "f.yaml"
    path.write_text("accounts: [{provider: groq, api_key: k}]")
    with pytest.raises(ConfigError) as caught:
        load_file(path, {}, arguments={"queue": "x"}, catalog=FakeCatalog())
    assert caught.value.where == "arguments"
    path.write_text("queue: x")
    with pytest.raises(ConfigError) as caught:
        load_file(path, {}, arguments={"accounts": []}, catalog=FakeCatalog())
    assert caught.value.where in {"arguments", str(path)}


def test_arguments_alone_take_the_accounts_of_the_environment():
    """`Router(strategy=...)` is enough."""
    environ = {"GROQ_API_KEY": "k"}
    setup = load_env(environ, arguments={"strategy": "declared"}, catalog=FakeCatalog())
    assert (setup.strategy, [account.id for account in setup.accounts]) == ("declared", ["groq"])


def test_the_environment_wins_over_the_catalog():
    """A key and a local server's host come from it where the file is silent."""
    environ = {"OLLAMA_HOST": "gpu:1", "GROQ_API_KEY": "k"}
    fields = {"accounts": [{"provider": "ollama"}, {"provider": "groq"}]}
    setup = load_mapping(fields, environ, catalog=FakeCatalog())
    assert setup.accounts[0].base_url == "http://gpu:1/v1"
    assert setup.accounts[1].secret_env == "GROQ_API_KEY"


@pytest.mark.parametrize(
    ("text", "mode", "warns"),
    [
        ("accounts: [{provider: groq, api_key: k}]", 0o644, True),
        ("accounts: [{provider: groq, api_key: k}]", 0o640, True),
        ("accounts: [{provider: groq, api_key: k}]", 0o600, False),
        ("accounts: [{provider: groq, api_key: '${A}'}]", 0o644, False),
        ("accounts: [{provider: groq, api_key: 'k${A}'}]", 0o644, False),
        ("accounts: [{provider: groq, api_key: '${B:-k}'}]", 0o644, True),
        ("accounts: [{provider: groq}]", 0o644, False),
    ],
)
def test_a_file_with_keys_that_others_may_read_warns(
    from_file: FromFile, text: str, mode: int, warns: bool
):
    """Only when it really holds one."""
    setup = from_file(text, "f.yaml", mode, A="1", GROQ_API_KEY="k")
    assert any("others may read it" in told for told in setup.warnings) is warns


def test_an_open_file_is_no_matter_when_the_keys_came_as_arguments(tmp_path: Path):
    """The file holds none."""
    path = tmp_path / "f.yaml"
    path.write_text("strategy: declared")
    path.chmod(0o644)
    arguments = {"accounts": [{"provider": "groq", "api_key": "k"}]}
    setup = load_file(path, {}, arguments=arguments, catalog=FakeCatalog())
    assert setup.warnings == ()


def test_a_language_that_nobody_speaks_is_told():
    """Before anything is sent, with the nearest one."""
    with pytest.raises(ConfigError, match=r"provider groq: dialect: there is no dialect 'openai'"):
        load_env({"GROQ_API_KEY": "k"}, catalog=FakeCatalog(), dialects={"gemini"})
    own = {"providers": [{"name": "mine", "base_url": "https://h.test/v1"}]}
    own["accounts"] = [{"provider": "mine", "models": ["m"], "free": True}]
    with pytest.raises(ConfigError, match=r"no dialect 'openai'; did you mean 'openai2'\?"):
        load_mapping(own, {}, catalog=FakeCatalog(), dialects={"openai2"})
    assert load_mapping(own, {}, catalog=FakeCatalog(), dialects={"openai"}).accounts


KEYS_OF_A_FILE = ["accounts", "providers", "models", "aliases", "modelAliases", "default_model",
                  "timeouts", "retry", "stateStore", "max_wait", "queue", "strategy"]  # fmt: skip
KEYS_WITHIN = ["provider", "type", "name", "id", "auth", "api_key", "base_url", "limits", "models",
               "model_limits", "rpm", "free", "daily_free", "quota_unit", "prices", "metric", "per",
               "amount", "alias", "model", "steps", "enabled", "headers", "timeout"]  # fmt: skip
WORDS = st.sampled_from(["groq", "mine", "day", "rpm", "requests", "https://h.test/v1", "${K}"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | WORDS
NAMES = st.sampled_from(KEYS_WITHIN) | st.text(max_size=9)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)
ENTRIES = st.dictionaries(st.sampled_from(KEYS_WITHIN), VALUES, max_size=6).map(
    lambda entry: {"provider": "groq", "api_key": "k"} | entry
)


@given(
    st.dictionaries(st.sampled_from(KEYS_OF_A_FILE), VALUES, max_size=5),
    st.none() | st.lists(ENTRIES, min_size=1, max_size=3),
)
def test_any_mapping_is_a_configuration_or_refused(fields: dict[str, Any], accounts: Any):
    """There is no other outcome."""
    whole = fields | ({} if accounts is None else {"accounts": accounts})
    with suppress(ConfigError):
        assert load_mapping(whole, {"K": "1"}, catalog=FakeCatalog()).accounts


@pytest.mark.parametrize(("text", "name"), [(OLDER_YAML, "f.yaml"), (OLDER_JSON, "f.json")])
def test_the_older_examples_load_with_the_shipped_catalog(tmp_path: Path, text: str, name: str):
    """As a user's do."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    setup = load_file(path, KEYS)
    assert {account.provider for account in setup.accounts} == set(setup.providers)
    assert "best" in setup.aliases


def test_the_environment_works_with_the_shipped_catalog():
    """One key is enough."""
    setup = load_env({"GROQ_API_KEY": "k", "OLLAMA_HOST": "127.0.0.1"})
    assert [account.id for account in setup.accounts] == ["groq", "ollama"]


def test_a_provider_in_the_catalogs_format_is_read_by_the_catalog():
    """In a user's spelling."""
    rows = {"mine": {"baseUrl": "https://h.test/v1", "models": [{"id": "m", "tier": 1}]}}
    fields = {"providers": rows, "accounts": [{"provider": "mine", "free": True}]}
    setup = load_mapping(fields, {})
    assert [model.id for model in setup.providers["mine"].models] == ["m"]
    rows["mine"]["modles"] = []
    with pytest.raises(ConfigError, match=r"providers\.mine: modles: unknown key.*'models'"):
        load_mapping(fields, {})
