"""Where a key comes from."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.values.accounts import Secret
from tests.core.config.conftest import Load, Refusal


def _one(**fields: Any) -> dict[str, Any]:
    return {"accounts": [{"provider": "groq"} | fields]}


@pytest.mark.parametrize("fields", [{"auth": {"api_key": "${MINE}"}}, {"apiKey": "${MINE}"}])
def test_a_key_from_a_variable_remembers_its_name(load: Load, fields: dict[str, Any]):
    """So that a pickled router can be rebuilt elsewhere."""
    account = load(_one(**fields), MINE="k1\n").accounts[0]
    assert (account.secret, account.secret_env) == (Secret("k1"), "MINE")


@pytest.mark.parametrize("key", ["k1", "k${PART}", "${MINE:-k1}", Secret("k1")])
def test_other_keys_have_no_variable(load: Load, key: Any):
    """A literal, a composed one, a default."""
    account = load(_one(api_key=key), PART="1").accounts[0]
    assert (account.secret, account.secret_env) == (Secret("k1"), None)


def test_a_key_that_is_not_written_is_the_providers_own_variable(load: Load):
    """The file says nothing, so the environment does."""
    account = load(_one(), GROQ_API_KEY="k1").accounts[0]
    assert (account.secret, account.secret_env) == (Secret("k1"), "GROQ_API_KEY")


def test_the_second_variable_of_a_provider_will_do(load: Load):
    """Gemini's keys have two names; an empty one is none."""
    fields = {"accounts": [{"provider": "gemini"}]}
    account = load(fields, GEMINI_API_KEY="", GOOGLE_API_KEY="k1").accounts[0]
    assert account.secret_env == "GOOGLE_API_KEY"


def test_no_key_is_taken_from_another_vendor(refusal: Refusal):
    """`OPENAI_API_KEY` is not sent to Groq."""
    told = refusal(_one(), OPENAI_API_KEY="canary")
    assert "accounts[0].auth.api_key: account 'groq' has no key" in told
    assert "GROQ_API_KEY" in told
    assert "canary" not in told


def test_no_key_is_taken_for_another_host(refusal: Refusal):
    """A key of the environment goes to its own provider only."""
    told = refusal(_one(base_url="https://proxy.test/v1"), GROQ_API_KEY="canary")
    assert "sent to its own provider only" in told


def test_the_providers_own_host_may_be_written_out(load: Load):
    """The same host is no other host."""
    setup = load(_one(base_url="https://api.groq.test/other/v1/"), GROQ_API_KEY="k1")
    assert setup.accounts[0].secret == Secret("k1")


def test_a_provider_without_a_variable_wants_its_key_written(refusal: Refusal):
    """Nothing else is offered."""
    row = {"base_url": "https://h.test/v1", "status": "free"}
    told = refusal({"providers": {"mine": row}, "accounts": [{"provider": "mine"}]})
    assert told.endswith("account 'mine' has no key: write it here")


@pytest.mark.parametrize("provider", ["kilo", "ollama"])
def test_some_need_no_key(load: Load, provider: str):
    """Keyless providers and local servers."""
    assert load({"accounts": [{"provider": provider}]}).accounts[0].secret == Secret("")


def test_a_server_on_this_machine_needs_no_key(load: Load):
    """Whatever it calls itself."""
    assert not load(_one(base_url="http://127.0.0.1:9/v1")).accounts[0].secret


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"auth": {"api_key": "${GONE}"}}, "auth.api_key: the variable GONE is not set (account"),
        ({"auth": {"api_key": "${EMPTY}"}}, "the variable EMPTY is empty (account 'mine')"),
        ({"auth": {"api_key": ""}}, "auth.api_key: the key is empty (account 'mine')"),
        ({"api_key": "two words"}, "api_key: the key holds a blank"),
        ({"api_key": "kéy"}, "a character that no header can carry"),
        ({"api_key": ["k"]}, "api_key: must be text"),
        ({"api_key": True}, "api_key: must be text"),
        ({"api_key": "k", "auth": {"api_key": "k"}}, "is given twice"),
    ],
)
def test_keys_that_cannot_be_used_are_refused(refusal: Refusal, fields: dict[str, Any], told: str):
    """With variable or account, never with the key."""
    text = refusal(_one(id="mine", **fields), EMPTY="")
    assert told in text
    assert "two words" not in text
