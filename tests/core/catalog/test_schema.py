"""The format of a provider file, and what is said of a file that is not in it."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.catalog.checks import checked
from freetier.catalog.schema import ProviderRow
from freetier.errors import ConfigError

LIMIT = {"metric": "requests", "per": "minute", "amount": 30, "source": "me", "as_of": "2026-11"}
MODEL = {"id": "m", "tier": 1}


def told(**more: Any) -> str:
    """Return the error text for a file with this in it."""
    mapping = {"name": "acme", "base_url": "https://api.acme.test/v1", **more}
    with pytest.raises(ConfigError) as error:
        checked(ProviderRow, mapping, "acme.yaml")
    return str(error.value)


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a row without a key."""
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"base_ulr": ""}, "base_ulr: unknown key; did you mean 'base_url'?"),
        ({"quirks": {"max_token_field": "x"}}, "quirks.max_token_field: unknown key; did you mean"),
        ({"models": [{**MODEL, "capabilties": []}]}, "models[0].capabilties: unknown key; did you"),
        ({"terms": {"several_accounts": "moot", "by": 1}}, "terms.by: unknown key; there are: as_"),
        ({"headers": {"x-left": {"roll": "limit"}}}, "headers.x-left.roll: unknown key; did you"),
        ({"errors": [{"status": 400, "clas": "auth"}]}, "errors[0].clas: unknown key; did you mea"),
        ({"limit_sets": {"a": [{**LIMIT, "scop": 1}]}}, "limit_sets.a[0].scop: unknown key; did y"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(more, text):
    """The path leads to the key, and the right one stands beside it."""
    assert told(**more).startswith(f"acme.yaml: {text}")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"models": [without(MODEL, "tier")]}, "models[0].tier: is missing; say how large it is"),
        ({"models": [without(MODEL, "id")]}, "models[0].id: is missing"),
        ({"errors": [{"status": 400}]}, "errors[0].class: is missing"),
        (
            {"limits": [{**without(LIMIT, "amount"), "figures": [{"amount": 1, "as_of": "2026"}]}]},
            "limits[0].figures[0].source: is missing; say where the figure comes from",
        ),
    ],
)
def test_what_is_missing_is_told(more, text):
    """A model without a tier and a figure without a source are refused."""
    assert told(**more).startswith(f"acme.yaml: {text}")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"key_env": "A_KEY"}, "key_env: must be a list, not a text"),
        ({"models": {}}, "models: must be a list, not a mapping"),
        (
            {"models": [{**MODEL, "tier": "1"}]},
            "models[0].tier: must be a whole number, not a text",
        ),
        ({"models": [{**MODEL, "tier": 7}]}, "models[0].tier: must be at most 5"),
        ({"models": [{**MODEL, "context": None}, 3]}, "models[1]: must be a mapping, not a number"),
        ({"status": "fre"}, "status: must be one of free, trial_credit,"),
        ({"trains": "no"}, "trains: must be true or false, not a text"),
        ({"base_url": "ftp://x"}, "base_url: must be a URL such as https://host/v1"),
        ({"base_url": "https://api.acme.test/v1/"}, "base_url: must be a URL such as"),
        ({"name": "Ac me"}, "name: must be small letters, digits"),
        ({"quirks": {"tool_choice": "some"}}, "quirks.tool_choice: must be one of all,"),
        ({"limits": [{**LIMIT, "amount": -1}]}, "limits[0].amount: must be at least 0"),
        (
            {"limits": [{**LIMIT, "amount": True}]},
            "limits[0].amount: must be a whole number, not yes",
        ),
        (
            {"limits": [{**LIMIT, "metric": "request"}]},
            "limits[0].metric: must be one of requests,",
        ),
        (
            {"limits": [{**LIMIT, "per": "minit"}]},
            "limits[0].per: 'minit' is no span; did you",
        ),
        ({"limits": [{**LIMIT, "per": 0}]}, "limits[0].per: must be more than 0"),
        ({"limits": [{**LIMIT, "as_of": "soon"}]}, "limits[0].as_of: 'soon' is no date like 2026"),
        ({"day_zone": "Mars/Base"}, "day_zone: 'Mars/Base' is no time zone that this machine kno"),
        ({"day_zone": "../etc"}, "day_zone: '../etc' is no time zone that this machine knows"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(more, text):
    """The path leads to the value, and its kind is told."""
    assert told(**more).startswith(f"acme.yaml: {text}")


def test_the_nearest_right_value_is_told():
    """Where there is a list of them."""
    assert "did you mean 'requests'?" in told(limits=[{**LIMIT, "metric": "request"}])
    assert "did you mean" not in told(limits=[{**LIMIT, "metric": 3}])


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (without(LIMIT, "amount"), "a limit has either an `amount` or `figures`"),
        ({**LIMIT, "figures": [{"amount": 1, "source": "me", "as_of": "2026"}]}, "a limit has eit"),
        (without(LIMIT, "per"), "every limit but one on `concurrent` says `per` which span"),
        ({**LIMIT, "metric": "concurrent"}, "every limit but one on `concurrent` says `per` whic"),
        ({**LIMIT, "pool": "free"}, "`pool` and `scope: pool` go together"),
        ({**LIMIT, "scope": "pool"}, "`pool` and `scope: pool` go together"),
    ],
)
def test_a_limit_says_all_that_it_needs(limit, text):
    """Amount, span and pool fit together."""
    assert told(limits=[limit]).startswith(f"acme.yaml: limits[0]: {text}")


def test_a_header_of_a_window_says_which():
    """What is left of a window means nothing without the window; a reset may stand alone."""
    text = told(headers={"x-left": {"role": "remaining", "metric": "requests"}})
    assert "headers.x-left: a header of role 'remaining' says `metric` and `per`" in text


def test_a_key_in_the_wrong_place_is_not_repeated():
    """Error texts go to logs, and somebody may have pasted his key here."""
    key = "sk-canary-0123456789"
    assert key not in told(key_env=key) + told(trains=key) + told(base_url=key) + told(status=key)


@pytest.mark.parametrize("as_of", ["2026", "2026-11", "2026-11-21", 2026])
def test_a_date_may_be_a_year_a_month_or_a_day(as_of):
    """Nobody has to invent a day; YAML reads a year as a number and a day as a date."""
    row = checked(ProviderRow, {"name": "a", "base_url": "https://a.test", "as_of": as_of}, "a")
    assert row.as_of == str(as_of)
