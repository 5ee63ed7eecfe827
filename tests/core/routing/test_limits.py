"""Which limits hold: the catalog's, overridden key by key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.limits import capacity, class_of, key_of, merge, span_class
from freetier.values.quota import Limit, Scope
from tests.core.routing.setups import account, limit, model, provider

RPM, RPD, TPM = (
    limit("requests", 30),
    limit("requests", 1000, "day"),
    limit("total_tokens", 6000),
)


def merged(*, told=(), of_model=(), written=(), written_for_model=None) -> list[Limit]:
    """Return the limits of one candidate."""
    row = model("m", canonical="the-model", limits=tuple(of_model))
    own = account("a", "p", limits=tuple(written), model_limits=written_for_model or {})
    return list(merge(provider("p", row, limits=tuple(told)), row, own))


def test_a_partial_override_keeps_the_rest():
    """One figure of the user's leaves all others of the catalog as they are."""
    own = limit("requests", 10)
    assert merged(told=[RPM, RPD, TPM], written=[own]) == [RPD, TPM, own]


def test_a_limit_of_a_model_replaces_the_general_one_of_its_scope():
    """Within the catalog the more special figure holds."""
    special = limit("requests", 5)
    assert merged(told=[RPM, RPD], of_model=[special]) == [RPD, special]


def test_limits_of_different_scopes_hold_together():
    """A model's own day does not free it from the account's day."""
    shared = limit("requests", 50, "day", scope=Scope.ACCOUNT)
    special = limit("requests", 20, "day")
    assert merged(told=[shared], of_model=[special]) == [shared, special]


def test_a_daily_allowance_replaces_every_day_limit_of_its_metric():
    """Calendar or rolling, of the provider or the model: a day is a day; minutes stay."""
    daily = limit("requests", 1500, "day", zone="UTC", scope=Scope.ACCOUNT)
    of_model = limit("requests", 250, "day", zone="America/Los_Angeles")
    tokens = limit("total_tokens", 100_000, "day")
    assert merged(told=[RPM, RPD], of_model=[of_model, tokens], written=[daily]) == [
        RPM,
        tokens,
        daily,
    ]


COUNTING = {"counted_at", "counts_refused", "precharge", "rate"}
PLACED = {"scope", "pool"}
KNOWN = limit(
    "total_tokens",
    30_000,
    kind="bucket",
    scope=Scope.POOL,
    pool="big",
    counted_at="answered",
    counts_refused=False,
    precharge=True,
    source="official",
)


@pytest.mark.parametrize(
    ("unsaid", "kept"),
    [
        (set(), {}),
        (COUNTING, {"counted_at": "answered", "counts_refused": False, "precharge": True}),
        ({"precharge"}, {"precharge": True}),
        (PLACED, {"scope": Scope.POOL, "pool": "big"}),
        ({"window"}, {"window": KNOWN.window}),
    ],
)
def test_what_is_left_open_is_as_the_catalog_has_it(unsaid, kept):
    """Amount and source are the user's; of the rest, what he did not say stays."""
    own = limit("total_tokens", 5000, scope=Scope.ACCOUNT, unsaid=frozenset(unsaid))
    assert merged(told=[KNOWN], written=[own]) == [replace(own, **kept)]
    assert merged(told=[RPM], written=[own]) == [RPM, own]


def test_a_bare_figure_keeps_the_window_of_one_that_headers_speak_of():
    """The catalog knows how it runs, though not how much it holds."""
    own = limit("total_tokens", 5000, unsaid=frozenset({"window"}))
    row = model("m")
    there = provider("p", row, untold=(KNOWN,))
    assert merge(there, row, account("a", "p", limits=(own,))) == (
        replace(own, window=KNOWN.window),
    )


def test_of_several_limits_the_one_of_the_same_scope_is_meant():
    """A figure for the account is filled in from the account's, whatever comes first."""
    whole = limit("requests", 60, kind="fixed", scope=Scope.ACCOUNT, counts_refused=False)
    own = limit("requests", 7, scope=Scope.ACCOUNT, unsaid=frozenset({"window", *COUNTING}))
    filled = replace(own, window=whole.window, counts_refused=False)
    assert merged(told=[RPM, whole], written=[own]) == [filled]


def test_a_figure_for_a_model_goes_before_an_open_one_for_the_account():
    """Once the catalog has said that both count over the model, the special one holds."""
    general = limit("requests", 10, scope=Scope.ACCOUNT, unsaid=frozenset(PLACED))
    special = limit("requests", 20)
    assert merged(told=[RPM], written=[general]) == [replace(general, scope=Scope.MODEL)]
    assert merged(told=[RPM], written=[general], written_for_model={"m": (special,)}) == [special]


@pytest.mark.parametrize("name", ["m", "the-model", "THE-Model"])
def test_limits_of_a_model_are_found_by_id_and_canonical_name(name):
    """Users write either, in any case."""
    own = limit("requests", 3)
    assert merged(told=[RPM], written_for_model={name: (own,)}) == [own]


def test_what_is_written_for_another_model_changes_nothing():
    """Only the named model is meant."""
    assert merged(told=[RPM], written_for_model={"other": (RPD,)}) == [RPM]


def test_the_users_account_and_model_limits_hold_together():
    """An account-wide figure counts the requests of every model, also of limited ones."""
    whole = limit("requests", 60, scope=Scope.ACCOUNT)
    one = limit("requests", 10)
    assert merged(told=[RPM], written=[whole], written_for_model={"m": (one,)}) == [whole, one]


@pytest.mark.parametrize(
    ("span", "name"),
    [
        (1, "second"),
        (60, "minute"),
        (3600, "hour"),
        (86_400, "day"),
        (604_800, "week"),
        (28 * 86_400, "month"),
        (31 * 86_400, "month"),
        (900, 900),
        (18_000, 18_000),
    ],
)
def test_lengths_have_names(span, name):
    """Odd lengths stand for themselves, so that they never replace a minute or an hour."""
    assert class_of(span) == name


def test_a_calendar_window_is_called_by_its_unit():
    """Its nominal length does not matter."""
    assert span_class(limit("requests", 1, "month", zone="UTC").window) == "month"


def test_what_is_under_way_at_once_is_a_class_of_its_own():
    """A concurrency limit replaces no window."""
    assert span_class(limit("concurrent", 2, kind="concurrent").window) == "concurrent"


@pytest.mark.parametrize(
    ("made", "most"),
    [
        (limit("total_tokens", 6000), 6000),
        (limit("total_tokens", 6000, kind="bucket"), 6000),
        (limit("total_tokens", 6000, kind="bucket", burst=500), 500),
        (limit("requests", 30, kind="pace", burst=1.5), 1),
        (limit("requests", 0, kind="pace", burst=2), 0),
    ],
)
def test_a_burst_bounds_what_one_request_may_take(made, most):
    """A bucket never holds more than its capacity."""
    assert capacity(made) == most


limits = st.builds(
    limit,
    st.sampled_from(["requests", "total_tokens", "input_tokens"]),
    st.integers(0, 10_000),
    st.sampled_from(["minute", "hour", "day", "month"]),
    scope=st.sampled_from([Scope.ACCOUNT, Scope.MODEL]),
)


@given(st.lists(limits), st.lists(limits), st.lists(limits))
def test_merging_is_by_key(told, of_model, written):
    """All that the user wrote holds, and of the catalog exactly the keys he did not write."""
    found = merged(told=told, of_model=of_model, written=written)
    assert found[len(found) - len(written) :] == written
    kept = found[: len(found) - len(written)]
    theirs = {key_of(one) for one in written}
    assert {key_of(one) for one in kept} == {key_of(o) for o in (*told, *of_model)} - theirs
