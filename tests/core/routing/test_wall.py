"""The money wall: what counts as free."""

from __future__ import annotations

import pytest

from freetier.errors import ConfigError
from freetier.routing.wall import check, is_free, merge_prices, on_loopback
from freetier.values.models import Prices
from tests.core.routing.setups import account, model, provider

FREE_STATUS = ["free", "keyless", "local", "trial_credit", "free_uncertain"]


@pytest.mark.parametrize("status", FREE_STATUS)
def test_a_free_row_at_a_free_provider_is_free(status):
    """Trial credit and disputed free tiers count as free."""
    assert is_free(account("a", "p"), provider("p", status=status), model("m"))


@pytest.mark.parametrize("status", FREE_STATUS)
def test_a_paid_row_at_a_free_provider_is_paid(status):
    """The provider's free tier does not cover every model."""
    assert not is_free(account("a", "p"), provider("p", status=status), model("m", free=False))


@pytest.mark.parametrize("status", ["paid_only", "retired", "own"])
def test_other_providers_are_paid(status):
    """Nothing is free by silence."""
    assert not is_free(account("a", "p"), provider("p", status=status), model("m"))


@pytest.mark.parametrize("free", [True, False])
def test_the_users_own_word_counts_first(free):
    """`free: true` (which `daily_free` implies) and `free: false` both win."""
    status = "paid_only" if free else "free"
    own = account("a", "p", free=free, base_url="http://localhost:1")
    assert is_free(own, provider("p", status=status), model("m")) is free


def test_a_server_on_this_machine_is_free():
    """Whatever it calls itself."""
    own = account("a", "p", base_url="http://127.0.0.1:8080/v1")
    assert is_free(own, provider("p", status="own"), model("m", free=False))


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:11434/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://127.0.0.1", True),
        ("http://127.9.8.7:1", True),
        ("http://[::1]:8080/v1", True),
        ("http://api.localhost", True),
        ("https://localhost.example.com/v1", False),
        ("https://127.0.0.1.example.com", False),
        ("https://api.example.com/localhost", False),
        ("http://192.168.1.7", False),
        ("http://0.0.0.0", False),
        ("http://[not-an-address", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(url, here):
    """A name that merely contains the word is somebody else's."""
    assert on_loopback(url) is here


def test_an_own_url_that_nothing_is_known_of_is_refused():
    """The text names the three ways to say what it costs."""
    own = account("mine", "p", base_url="https://llm.example.com/v1")
    with pytest.raises(ConfigError) as caught:
        check(own, provider("p", status="own"), where="my.yaml", path="accounts[0]")
    text = str(caught.value)
    assert text.startswith("my.yaml: accounts[0]: account 'mine'")
    assert all(word in text for word in ("`free: true`", "`daily_free`", "cost_per_input_token"))


@pytest.mark.parametrize(
    ("own", "at"),
    [
        (account("a", "p", free=True), provider("p", status="own")),
        (account("a", "p", free=False), provider("p", status="own")),
        (account("a", "p", prices=Prices(input=1e-6)), provider("p", status="own")),
        (account("a", "p"), provider("p", model("m", prices=Prices(output=0.0)), status="own")),
        (account("a", "p", base_url="http://localhost"), provider("p", status="own")),
        (account("a", "p"), provider("p", status="paid_only")),
    ],
)
def test_one_word_about_money_is_enough(own, at):
    """Free, prices, or this machine; and the catalog's own providers are known."""
    check(own, at, where="", path="")


def test_prices_are_merged_one_by_one():
    """What the user wrote wins; what he left out is the catalog's."""
    row = model("m", prices=Prices(input=1.0, output=2.0, audio_input=3.0))
    own = account("a", "p", prices=Prices(output=5.0, image_input=0.0))
    expected = Prices(input=1.0, output=5.0, audio_input=3.0, image_input=0.0)
    assert merge_prices(own, row) == expected
    assert merge_prices(account("b", "p"), row) is row.prices
