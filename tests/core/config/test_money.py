"""What is free, what costs, and what nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.values.models import Prices
from tests.core.config.conftest import Load, Refusal

REMOTE = {"provider": "mine", "base_url": "https://h.test/v1", "models": ["m"]}
LOCAL = {"provider": "mine", "base_url": "http://127.0.0.1:9/v1", "models": ["m"]}
COSTS = {"prices": {"input": 1e-6, "output": 2e-6}}
DAILY = {"daily_free": 10, "quota_unit": "requests"}


@pytest.mark.parametrize(
    ("account", "free"),
    [
        (LOCAL, True),
        (LOCAL | COSTS, False),
        (LOCAL | {"free": False}, False),
        (LOCAL | COSTS | {"free": True}, True),
        (REMOTE | {"free": True}, True),
        (REMOTE | {"free": False}, False),
        (REMOTE | DAILY, True),
        (REMOTE | DAILY | COSTS, True),
        (REMOTE | COSTS, False),
        (REMOTE | {"models": [{"id": "m", "prices": {"input": 1e-6}}]}, False),
        ({"provider": "groq", "api_key": "k"}, None),
        ({"provider": "openai", "api_key": "k"} | COSTS, None),
        ({"provider": "openai", "api_key": "k"} | DAILY, True),
        ({"provider": "groq", "base_url": "http://localhost:1/v1"}, True),
    ],
)
def test_the_users_word_and_the_address_say_what_is_free(
    load: Load, account: dict[str, Any], free: bool | None
):
    """`None` leaves it to the catalog."""
    assert load({"accounts": [account]}).accounts[0].free is free


def test_a_url_of_ones_own_needs_one_of_three_words(refusal: Refusal):
    """The error names them."""
    told = refusal({"accounts": [REMOTE]})
    assert "accounts[0]: " in told
    assert all(word in told for word in ("`free: true`", "`daily_free`", "`prices`"))


def test_an_older_price_of_zero_is_no_price(refusal: Refusal):
    """There it meant that nobody knows, so it does not open the wall."""
    assert "it is not known" in refusal({"accounts": [REMOTE | {"cost_per_input_token": 0}]})


def test_free_and_not_free_at_once_is_refused(refusal: Refusal):
    """`daily_free` says free."""
    assert "daily_free: says that" in refusal({"accounts": [REMOTE | DAILY | {"free": False}]})


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"cost_per_token": 2e-6}, Prices(input=2e-6, output=2e-6)),
        ({"cost_per_token": 2e-6, "costPerInputToken": 1e-6}, Prices(input=1e-6)),
        (
            {
                "cost_per_input_token": 1e-7, "cost_per_output_token": 4e-7,
                "cost_per_audio_input_token": 3e-7, "cost_per_image_input_token": 2e-7,
                "cost_per_video_input_token": 5e-7, "cost_per_embedding_input_token": 6e-7,
            },
            Prices(
                input=1e-7, output=4e-7, audio_input=3e-7, image_input=2e-7, video_input=5e-7,
                embedding_input=6e-7,
            ),
        ),
        ({"prices": {"input": 0, "audioInput": 1e-6}}, Prices(input=0, audio_input=1e-6)),
        ({"prices": {"input": 1e-6}, "cost_per_input_token": 9e-6}, Prices(input=1e-6)),
    ],
)  # fmt: skip
def test_prices_are_dollars_per_token(load: Load, written: dict[str, Any], expected: Prices):
    """By direction and modality, in either system's words; ours win."""
    account = {"provider": "openai", "api_key": "k"} | written
    assert load({"accounts": [account]}).accounts[0].prices == expected


def test_a_spend_cap_of_zero_is_no_cap_and_warns(load: Load):
    """As in every older key."""
    account = {"provider": "openai", "api_key": "k", "max_daily_spend": 0}
    setup = load({"accounts": [account]})
    assert setup.accounts[0].max_daily_spend is None
    assert any("max_daily_spend is 0, which means no cap" in told for told in setup.warnings)
