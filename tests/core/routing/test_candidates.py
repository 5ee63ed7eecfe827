"""Every account with every model, found by all names."""

from __future__ import annotations

import pytest

from freetier.errors import ConfigError
from freetier.routing.candidates import Index, allowed, build
from freetier.values.models import Capability, Prices
from freetier.values.setup import Setup
from tests.core.routing.setups import account, candidate, index, limit, model, provider, setup

P = provider("p", model("m1"), model("m2", canonical="the-two", variants=("vendor/Two",)))
Q = provider("q", model("two-q", canonical="the-two"))


def keys(found) -> list[str]:
    """Return the keys of candidates."""
    return [c.key for c in found]


def test_candidates_are_accounts_times_models():
    """In declared order, accounts first."""
    made = build(setup(P, Q, account("b", "q"), account("a", "p"), account("c", "p")))
    assert keys(made) == ["b/two-q", "a/m1", "a/m2", "c/m1", "c/m2"]
    assert [c.order for c in made] == sorted(c.order for c in made)


def test_keys_are_unique():
    """A row that stands twice in a catalog makes one candidate."""
    twice = provider("p", model("m", tier=1), model("m", tier=2))
    assert [(c.key, c.model.tier) for c in build(setup(twice))] == [("p-1/m", 1)]


def test_each_account_has_its_own_limits_money_and_prices():
    """What one account says does not leak into its neighbour of the same provider."""
    own = account("b", "p", limits=(limit("requests", 1),), free=False, prices=Prices(input=1e-6))
    at = provider("p", model("m"), limits=(limit("requests", 30),))
    first, second, third = build(setup(at, account("a", "p"), own, account("c", "p")))
    assert [x.limits[0].amount for x in (first, second, third)] == [30, 1, 30]
    assert [x.free for x in (first, second, third)] == [True, False, True]
    assert [x.prices.input for x in (first, second, third)] == [None, 1e-6, None]
    assert first.limits is third.limits


def test_an_account_of_no_provider_is_refused():
    """The text names the account and the place."""
    with pytest.raises(ConfigError, match=r"accounts\[0\].provider: account 'a' names .* 'x'"):
        build(Setup(accounts=(account("a", "x"),), origin="file"))


def test_the_wall_is_checked_for_each_account():
    """No candidate is made of a URL that may cost money unsaid."""
    with pytest.raises(ConfigError, match="daily_free"):
        build(setup(provider("p", model("m"), status="own", base_url="https://x.example")))


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        ((), True),
        (("mod",), True),
        (("CANON",), True),
        (("other",), False),
        (("other", "Mod"), True),
    ],
)
def test_an_accounts_list_names_its_models(models, expected):
    """By upstream id or canonical name, in any case; no list allows all."""
    assert allowed(candidate(models=models, canonical="canon")) is expected


def test_names_find_every_provider_of_a_model():
    """A variant that one provider's row has stands for the model, wherever it is served."""
    found = index(P, Q)
    for name in ("the-two", "THE-TWO", "vendor/two"):
        assert keys(found.named(name)) == ["p-1/m2", "q-1/two-q"]
    assert found.named("constructor") == ()


def test_upstream_ids_prefer_their_own_spelling():
    """Two ids that differ in case only are two models; any other case finds both."""
    found = index(provider("p", model("M"), model("m")))
    assert keys(found.with_id("M")) == ["p-1/M"]
    assert keys(found.with_id("m")) == ["p-1/m"]
    both = index(provider("p", model("aB"), model("Ab")))
    assert keys(both.with_id("AB")) == ["p-1/aB", "p-1/Ab"]


@pytest.mark.parametrize(
    ("owner", "ids"),
    [
        ("xai", ["one", "two"]),
        ("grok", ["one", "two"]),
        ("two", ["two"]),
        ("nobody", []),
    ],
)
def test_owners_are_providers_or_accounts(owner, ids):
    """Also by the other spelling of a provider."""
    found = index(provider("xai"), account("one", "xai"), account("two", "xai"))
    assert [a.id for a in found.accounts(owner)] == ids


def test_a_model_nobody_listed_is_made_as_written():
    """It can what a chat may need, and comes after the listed ones of its account."""
    found = index(P, account("a", "p"), account("b", "p"))
    made = found.written(found.accounts("p")[0], "new-model")
    assert (made.key, made.model.id, made.named) == ("a/new-model", "new-model", True)
    assert {Capability.TOOLS, Capability.VISION} <= made.model.capabilities
    assert not made.model.embeds
    assert found.by_key("a/m2").order < made.order < found.by_key("b/m1").order


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("free", None, False),
        ("trial_credit", None, False),
        ("local", None, True),
        ("keyless", None, True),
        ("free", True, True),
    ],
)
def test_a_model_nobody_listed_is_free_only_where_nobody_is_billed(status, said, expected):
    """A free tier is a list of rows; what is not on it may cost money."""
    found = index(provider("p", status=status), account("a", "p", free=said))
    made = found.written(found.accounts("p")[0], "new")
    assert made.free is expected


def test_limits_of_a_provider_hold_for_models_nobody_listed():
    """The account's windows count whatever model is asked for."""
    found = index(provider("p", limits=(limit("requests", 30),)))
    made = found.written(found.accounts("p")[0], "new")
    assert made.limits[0].amount == 30


def test_thousands_of_candidates_share_what_is_equal():
    """Accounts that differ in nothing share one tuple of limits per model."""
    rows = [model(f"m{n}") for n in range(5)]
    at = provider("p", *rows, limits=(limit("requests", 30),))
    accounts = [account(f"a{n}", "p") for n in range(50)]
    made = Index(setup(at, *accounts)).candidates
    assert len(made) == 250
    assert len({id(c.limits) for c in made}) <= len(rows)


ALLOWANCE = limit("requests", 1500, "day", zone="UTC", source="allowance")


def test_an_account_that_may_pay_goes_on_after_its_allowance():
    """As a second candidate that costs money and is not bound by the allowance."""
    own = account("a", "p", free=True, paid_enabled=True, limits=(ALLOWANCE,))
    at = provider("p", model("m"), model("n"), limits=(limit("requests", 30),))
    found = index(at, own)
    assert [(c.key, c.free, len(c.limits)) for c in found.candidates] == [
        ("a/m", True, 2),
        ("a/m+paid", False, 1),
        ("a/n", True, 2),
        ("a/n+paid", False, 1),
    ]
    assert [c.order for c in found.candidates] == sorted(c.order for c in found.candidates)
    assert keys(found.listed(own, "m")) == ["a/m", "a/m+paid"]
    assert keys(found.unlisted(own, "new")) == ["a/new", "a/new+paid"]


@pytest.mark.parametrize(
    "own",
    [
        account("a", "p", free=True, limits=(ALLOWANCE,)),
        account("a", "p", free=True, paid_enabled=True),
        account("a", "p", free=True, paid_enabled=True, limits=(limit("requests", 9, "day"),)),
        account("a", "p", free=False, paid_enabled=True, limits=(ALLOWANCE,)),
    ],
    ids=["may not pay", "no allowance", "a limit of another kind", "paid anyway"],
)
def test_nobody_else_is_asked_to_pay(own):
    """A limit that the user set for other reasons is no free allowance."""
    assert keys(index(provider("p", model("m")), own).candidates) == ["a/m"]
