"""What is accepted but does less than it seems is said in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.config.conftest import Load


def _groq(name: str, key: str, **fields: Any) -> dict[str, Any]:
    return {"provider": "groq", "id": name, "api_key": key} | fields


def test_two_accounts_with_one_key_are_one_pool(load: Load):
    """With one warning; the pool is the first one's."""
    setup = load({"accounts": [_groq("a", "k"), _groq("b", "k"), _groq("c", "other")]})
    assert [account.pool for account in setup.accounts] == ["a", "a", None]
    assert "accounts a, b have the same key; they are one pool" in setup.warnings


def test_a_pool_that_was_written_stays(load: Load):
    """And the second account with the key joins it."""
    setup = load({"accounts": [_groq("a", "k", pool="org"), _groq("b", "k")]})
    assert [account.pool for account in setup.accounts] == ["org", "org"]


def test_the_same_key_at_two_providers_is_two_keys(load: Load):
    """The older example has `...` everywhere."""
    accounts = [_groq("a", "..."), {"provider": "cerebras", "api_key": "..."}]
    assert [account.pool for account in load({"accounts": accounts}).accounts] == [None, None]


def test_accounts_that_share_a_pool_warn(load: Load):
    """A second key adds nothing there."""
    setup = load({"accounts": [_groq("a", "k", pool="org"), _groq("b", "j", pool="org")]})
    assert any("a, b share the pool 'org'" in told for told in setup.warnings)


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ("groq", "accounts a, b of Groq: its terms forbid several accounts"),
        ("gemini", "accounts a, b of Gemini: its consumer terms forbid several accounts"),
    ],
)
def test_terms_that_forbid_several_accounts_are_told_once(load: Load, provider: str, told: str):
    """The accounts work all the same: the user wrote them down."""
    accounts = [{"provider": provider, "id": x, "api_key": x} for x in "ab"]
    setup = load({"accounts": accounts})
    assert len([warning for warning in setup.warnings if warning.startswith(told)]) == 1
    assert len(setup.accounts) == 2


def test_one_account_breaks_no_terms(load: Load):
    """Nor do two providers."""
    setup = load({"accounts": [_groq("a", "k"), {"provider": "gemini", "api_key": "j"}]})
    assert setup.warnings == ()


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ({"provider": "cerebras"}, "Cerebras gives a trial credit"),
        ({"provider": "openai"}, "account 'openai' costs money and is not used without paid"),
        ({"provider": "xai", "paid_enabled": True, "max_daily_spend": 1}, "without a price"),
        ({"provider": "xai", "daily_free": 1, "quota_unit": "dollars"}, "no price is known"),
        ({"provider": "groq", "models": ["lama-3.3-70b"]}, "models: Groq does not list 'lama"),
        ({"provider": "groq", "model_limits": {"nil": {"rpm": 1}}}, "model_limits: Groq does not"),
        (
            {"provider": "mine", "base_url": "http://10.0.0.7/v1", "free": True},
            "its key travels unencrypted",
        ),
    ],
)
def test_what_does_less_than_it_seems_warns(load: Load, account: dict[str, Any], told: str):
    """Once, in a readable sentence."""
    warnings = load({"accounts": [account | {"api_key": "k"}]}).warnings
    assert len([warning for warning in warnings if told in warning]) == 1


@pytest.mark.parametrize(
    "account",
    [
        {"provider": "openai", "paid_enabled": True, "max_daily_spend": 1},
        {"provider": "xai", "paid_enabled": True, "max_daily_spend": 1, "prices": {"input": 1e-6}},
        {"provider": "cerebras", "free": True},
        {"provider": "mine", "base_url": "http://127.0.0.1:1/v1"},
        {"provider": "groq", "models": ["Llama-3.3-70B"]},
    ],
)
def test_what_is_in_order_does_not_warn(load: Load, account: dict[str, Any]):
    """A price of the catalog counts; what the user declared is his."""
    assert load({"accounts": [account | {"api_key": "k"}]}).warnings == ()
