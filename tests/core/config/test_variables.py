"""Accounts out of the environment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from freetier.config import environment, load_env, load_file
from freetier.errors import ConfigError
from freetier.values.accounts import Secret
from freetier.values.setup import Setup
from tests.core.config.fakes import FakeCatalog


def _env(**variables: str) -> Setup:
    return load_env(variables, catalog=FakeCatalog())


def test_every_provider_whose_key_is_set_joins_with_one_account():
    """In the catalog's order, under the provider's name, with the shipped aliases."""
    setup = _env(GEMINI_API_KEY="g", GROQ_API_KEY="q\n", UNRELATED="x")
    assert [(a.id, a.provider, a.secret, a.secret_env) for a in setup.accounts] == [
        ("groq", "groq", Secret("q"), "GROQ_API_KEY"),
        ("gemini", "gemini", Secret("g"), "GEMINI_API_KEY"),
    ]
    assert list(setup.aliases) == ["best", "fast"]
    assert (setup.strategy, setup.origin) == ("free-first", "environment")


def test_only_the_files_of_those_providers_are_read():
    """The others cost nothing."""
    catalog = FakeCatalog()
    load_env({"GROQ_API_KEY": "k"}, catalog=catalog)
    assert catalog.read == ["groq"]


def test_two_variables_of_one_provider_are_one_account():
    """The first that is set holds."""
    setup = _env(GEMINI_API_KEY="a", GOOGLE_API_KEY="b")
    assert [account.secret for account in setup.accounts] == [Secret("a")]


def test_an_empty_variable_is_not_set():
    """Blank counts as empty."""
    assert [a.id for a in _env(GROQ_API_KEY=" ", KILO_API_KEY="k").accounts] == ["kilo"]


def test_a_local_server_joins_when_its_host_is_set():
    """Only then; on this machine it is free."""
    setup = _env(OLLAMA_HOST="127.0.0.1:9")
    assert [(a.id, a.base_url, a.free) for a in setup.accounts] == [
        ("ollama", "http://127.0.0.1:9/v1", True)
    ]


def test_a_host_variable_of_another_kind_of_provider_means_nothing():
    """`GROQ_HOST` is nobody's."""
    with pytest.raises(ConfigError, match="no account"):
        _env(GROQ_HOST="x")


def test_a_provider_that_is_gone_does_not_join():
    """`GITHUB_TOKEN` is set on many machines for other reasons."""
    with pytest.raises(ConfigError, match="no account"):
        _env(GITHUB_TOKEN="t")


def test_no_key_at_all_names_the_variables_that_would_do():
    """And the way by a file."""
    with pytest.raises(ConfigError) as caught:
        _env()
    for word in ("GROQ_API_KEY", "freetier init", "FREETIER_CONFIG"):
        assert word in str(caught.value)


def test_a_file_without_accounts_is_named_when_the_environment_has_none_either(tmp_path):
    """Both places that were looked at stand in the error."""
    path = tmp_path / "freetier.yaml"
    path.write_text("strategy: priority\n", "utf-8")
    with pytest.raises(ConfigError, match=r"freetier\.yaml: accounts: no account.*GROQ_API_KEY"):
        load_file(path, {}, catalog=FakeCatalog())


def test_a_url_that_lacks_a_variable_leaves_its_provider_out():
    """Its token may be there for other programs; alone, it is the error."""
    setup = _env(CLOUDFLARE_API_TOKEN="t", GROQ_API_KEY="k")
    assert [account.id for account in setup.accounts] == ["groq"]
    assert any("CLOUDFLARE_ACCOUNT_ID is not set" in told for told in setup.warnings)
    with pytest.raises(ConfigError, match="CLOUDFLARE_ACCOUNT_ID is not set"):
        _env(CLOUDFLARE_API_TOKEN="t")
    assert _env(CLOUDFLARE_API_TOKEN="t", CLOUDFLARE_ACCOUNT_ID="7").accounts[0].base_url == (
        "https://api.cloudflare.test/accounts/7/ai/v1"
    )


def test_a_key_that_no_header_can_carry_is_left_out():
    """With a warning that does not show it."""
    setup = _env(GROQ_API_KEY="two canaries", KILO_API_KEY="k")
    assert any("groq takes no part: GROQ_API_KEY" in told for told in setup.warnings)
    assert "canaries" not in repr(setup)


def test_the_environment_is_a_copy():
    """Later changes do not reach it."""
    assert environment() == dict(os.environ)


def test_loading_from_the_environment_needs_neither_yaml_nor_pydantic():
    """Both are for files; a start without one does not pay for them."""
    code = """
import sys
from freetier.config import load_env
from tests.core.config.fakes import FakeCatalog
load_env({"GROQ_API_KEY": "k"}, catalog=FakeCatalog())
print(sorted({"yaml", "pydantic", "zoneinfo", "difflib"} & set(sys.modules)))
"""
    paths = os.pathsep.join(path for path in ["core", ".", *sys.path] if path)
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": paths},
    )
    assert run.stdout.strip() == "[]"
