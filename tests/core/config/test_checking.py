"""Every mapping is checked; what is wrong is told by its key path, never by its value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.config.conftest import Load, Refusal

GROQ = {"provider": "groq", "api_key": "k"}


def _account(**fields: Any) -> dict[str, Any]:
    return {"accounts": [GROQ | fields]}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"acounts": []}, "freetier.yaml: acounts: unknown key; did you mean 'accounts'?"),
        (_account(apikey="x"), "accounts[0].apikey: unknown key; did you mean 'api_key'?"),
        (_account(auth={"apiKye": "x"}), "accounts[0].auth.apiKye: unknown key; did you mean"),
        (_account(dailyFre=1), "accounts[0].dailyFre: unknown key; did you mean 'daily_free'?"),
        (_account(auth="x"), "accounts[0].auth: must be a mapping"),
        (_account(priority="high"), "accounts[0].priority: must be a whole number"),
        (_account(priority=1.5), "accounts[0].priority: must be a whole number"),
        (_account(priority=True), "accounts[0].priority: must be a number, not true or false"),
        (_account(priority="9" * 5000), "accounts[0].priority: is too large a number"),
        (_account(enabled="maybe"), "accounts[0].enabled: must be true or false"),
        (_account(models="x"), "accounts[0].models: must be a list"),
        (_account(models=[1]), "accounts[0].models[0]: must be the name of a model"),
        (_account(id=["x"]), "accounts[0].id: must be text"),
        (_account(id=""), "accounts[0].id: must not be empty"),
        (_account(id="x" * 201), "accounts[0].id: must be at most 200 characters"),
        (_account(headers=["x"]), "accounts[0].headers: must be a mapping"),
        (_account(quotaUnit="token"), "accounts[0].quotaUnit: must be one of"),
        (_account(quotaUnit="token"), "did you mean 'tokens'?"),
        (_account(prices={"input": -1}), "accounts[0].prices.input: must not be negative"),
        (_account(rpm=-1), "accounts[0].rpm: must not be negative"),
        (_account(max_concurrency=0), "accounts[0].max_concurrency: must be at least 1"),
        (_account(max_daily_spend=float("nan")), "max_daily_spend: must be a finite number"),
        (_account(max_daily_spend=1e9), "max_daily_spend: must be at most 1,000,000"),
        (_account(capabilities=["tool"]), "accounts[0].capabilities[0]: must be one of"),
        (_account(api_key="x", apiKey="y"), "accounts[0]: a key is given here in two spellings"),
        ({"accounts": {}}, "accounts: must be a list of accounts"),
        ({"accounts": [3]}, "accounts[0]: must be a mapping"),
        ({"accounts": [{}]}, "accounts[0].provider: is missing"),
        ({"queue": "newest"}, "queue: must be one of booked, newest-first"),
    ],
)
def test_the_first_thing_that_is_wrong_is_told(refusal: Refusal, fields: dict[str, Any], told: str):
    """File, key path as written, what would be right, the nearest right word."""
    assert told in refusal(fields)


def test_numbers_may_come_from_variables(load: Load):
    """A variable is text; where a number is wanted it is read as one."""
    setup = load(_account(rpm="${RPM:-30}", priority="${P}"), P="-2")
    assert [limit.amount for limit in setup.accounts[0].limits] == [30]
    assert setup.accounts[0].priority == -2


def test_a_number_may_stand_for_a_name(load: Load):
    """`id: 7` is the name 7."""
    assert load(_account(id=7)).accounts[0].id == "7"
