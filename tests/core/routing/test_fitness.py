"""Why a candidate cannot take a request at all."""

from __future__ import annotations

import pytest

from freetier.routing.estimate import cost_of
from freetier.routing.fitness import Reason, abilities, unfit
from freetier.routing.lengths import Lengths
from freetier.routing.needs import Needs
from freetier.values.models import Capability, Prices
from freetier.values.options import RouteOptions
from freetier.values.quirks import Quirks
from tests.core.routing.setups import candidate, limit

TEXT = Needs(text_tokens=1000, text_bound=4000)
PAID = {"free": False, "paid_enabled": True, "prices": Prices(input=1e-6, output=1e-6)}


def judged(*limits, needs: Needs = TEXT, options: RouteOptions | None = None, **more):
    """Return (reason, detail) or None of one candidate and one request."""
    options, one = options or RouteOptions(), candidate(*limits, **more)
    found = unfit(needs, options, one, cost_of(needs, one, Lengths(), options))
    if found is None:
        return None
    assert found.candidate == one.key
    assert found.detail
    return found.reason


def asking(*capabilities: Capability, **more) -> Needs:
    """Return the needs of a request for these capabilities."""
    return Needs(text_tokens=10, capabilities=frozenset(capabilities), **more)


def test_a_plain_request_fits_a_plain_model():
    """Nothing is asked for, nothing is missing."""
    assert judged() is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"only": {"prov"}}, None),
        ({"only": {"acc"}}, None),
        ({"only": {"mod"}}, None),
        ({"only": {"canon"}}, None),
        ({"only": {"acc/mod"}}, None),
        ({"only": {"other", "acc"}}, None),
        ({"only": {"other"}}, Reason.NOT_WANTED),
        ({"exclude": {"other"}}, None),
        ({"exclude": {"prov"}}, Reason.NOT_WANTED),
        ({"exclude": {"acc"}}, Reason.NOT_WANTED),
        ({"exclude": {"canon"}}, Reason.NOT_WANTED),
        ({"exclude": {"acc/mod"}}, Reason.NOT_WANTED),
        ({"only": {"prov"}, "exclude": {"acc"}}, Reason.NOT_WANTED),
    ],
)
def test_wishes_name_providers_accounts_models_or_keys(options, expected):
    """`exclude` wins over `only`."""
    wishes = {name: frozenset(names) for name, names in options.items()}
    assert judged(options=RouteOptions(**wishes), canonical="canon") == expected


@pytest.mark.parametrize(
    ("models", "expected"), [((), None), (("MOD",), None), (("x",), Reason.NOT_ALLOWED)]
)
def test_an_account_serves_only_what_it_lists(models, expected):
    """If it lists anything."""
    assert judged(models=models) == expected


@pytest.mark.parametrize(
    ("free", "enabled", "allow", "expected"),
    [
        (True, False, False, None),
        (True, True, False, None),
        (False, False, False, Reason.PAID),
        (False, True, False, Reason.PAID),
        (False, False, True, Reason.PAID),
        (False, True, True, None),
    ],
)
def test_money_needs_two_permissions(free, enabled, allow, expected):
    """The request's and the account's."""
    options = RouteOptions(allow_paid=allow)
    assert judged(free=free, paid_enabled=enabled, options=options) == expected


@pytest.mark.parametrize(
    ("trains", "free", "allow", "expected"),
    [
        (True, True, True, None),
        (True, True, False, Reason.TRAINS),
        (False, True, False, None),
        (None, True, False, None),
        (True, False, False, None),
    ],
)
def test_free_use_may_be_trained_on(trains, free, allow, expected):
    """Who minds is not sent where it is known to happen; paid use is not meant."""
    options = RouteOptions(allow_paid=True, allow_training=allow)
    assert judged(trains=trains, free=free, paid_enabled=True, options=options) == expected


@pytest.mark.parametrize(
    ("able", "quirks", "needed", "expected"),
    [
        ({Capability.TOOLS}, {}, {Capability.TOOLS}, None),
        (set(), {}, {Capability.TOOLS}, Reason.LACKS),
        ({Capability.TOOLS}, {}, {Capability.TOOLS, Capability.TOOL_CHOICE}, Reason.LACKS),
        (
            {Capability.TOOLS, Capability.TOOL_CHOICE},
            {},
            {Capability.TOOLS, Capability.TOOL_CHOICE},
            None,
        ),
        ({Capability.TOOL_CHOICE}, {"tool_choice": "strings"}, {Capability.TOOL_CHOICE}, None),
        ({Capability.TOOL_CHOICE}, {"tool_choice": "auto"}, {Capability.TOOL_CHOICE}, Reason.LACKS),
        ({Capability.TOOL_CHOICE}, {"tool_choice": "none"}, {Capability.TOOL_CHOICE}, Reason.LACKS),
        ({Capability.TOOLS}, {}, {Capability.PARALLEL_TOOLS}, Reason.LACKS),
        ({Capability.JSON_SCHEMA}, {}, {Capability.JSON_OBJECT}, Reason.LACKS),
        ({Capability.JSON_SCHEMA}, {"json_object_as_schema": True}, {Capability.JSON_OBJECT}, None),
        (set(), {"json_object_as_schema": True}, {Capability.JSON_OBJECT}, Reason.LACKS),
        ({Capability.JSON_OBJECT}, {}, {Capability.JSON_SCHEMA}, Reason.LACKS),
        (
            {Capability.JSON_SCHEMA, Capability.TOOLS},
            {},
            {Capability.JSON_SCHEMA, Capability.SCHEMA_WITH_TOOLS},
            Reason.LACKS,
        ),
        ({Capability.TOOLS}, {}, {Capability.VISION}, Reason.LACKS),
        ({Capability.TOOLS}, {}, {Capability.AUDIO}, Reason.LACKS),
        ({Capability.TOOLS}, {}, {Capability.VIDEO}, Reason.LACKS),
        ({Capability.TOOLS}, {}, {Capability.FILES}, Reason.LACKS),
        ({Capability.VISION}, {}, {Capability.VISION}, None),
    ],
)
def test_a_model_can_what_it_can(able, quirks, needed, expected):
    """By its row, and by what its provider's quirks leave of it."""
    needs = asking(*needed)
    made = Quirks(**quirks)
    assert judged(capabilities=frozenset(able), quirks=made, needs=needs) == expected


def test_what_is_missing_is_named():
    """All of it, in words a person can look up."""
    needs, one = asking(Capability.VISION, Capability.TOOLS), candidate(capabilities=frozenset())
    found = unfit(needs, RouteOptions(), one, cost_of(needs, one, Lengths()))
    assert found.detail == "no tools, vision"


def test_quirks_are_part_of_the_abilities():
    """What cannot be said to a provider cannot be asked of it."""
    made = Quirks(tool_choice="auto", json_object_as_schema=True)
    able = abilities(
        candidate(capabilities={Capability.TOOL_CHOICE, Capability.JSON_SCHEMA}, quirks=made)
    )
    assert able == {Capability.JSON_SCHEMA, Capability.JSON_OBJECT}


def test_a_model_that_makes_vectors_cannot_chat():
    """Whatever else its row says."""
    assert (
        judged(capabilities=frozenset({Capability.EMBEDDINGS, Capability.TOOLS})) == Reason.EMBEDS
    )


@pytest.mark.parametrize(("fetches", "expected"), [(True, None), (False, Reason.LACKS)])
def test_an_image_by_address_needs_somebody_to_fetch_it(fetches, expected):
    """Some providers take bytes only."""
    needs = asking(Capability.VISION, image_urls=True)
    made = Quirks(image_urls=fetches)
    assert judged(capabilities=frozenset({Capability.VISION}), quirks=made, needs=needs) == expected


@pytest.mark.parametrize(
    ("max_tokens", "max_output", "expected"),
    [
        (None, 10, None),
        (10, 10, None),
        (11, 10, Reason.OUTPUT),
        (10_000, None, None),
    ],
)
def test_a_bound_must_be_within_what_the_model_answers(max_tokens, max_output, expected):
    """A provider would refuse it."""
    needs = Needs(text_tokens=10, max_tokens=max_tokens)
    assert judged(needs=needs, max_output=max_output) == expected


@pytest.mark.parametrize(
    ("context", "max_tokens", "expected"),
    [
        (1001, None, None),
        (1000, None, Reason.CONTEXT),
        (1500, 500, None),
        (1499, 500, Reason.CONTEXT),
        (None, 500, None),
    ],
)
def test_the_context_holds_prompt_and_answer(context, max_tokens, expected):
    """An answer that nobody bounded may be one token long."""
    needs = Needs(text_tokens=1000, max_tokens=max_tokens)
    assert judged(needs=needs, context=context) == expected


NEVER = Reason.NEVER_FITS


@pytest.mark.parametrize(
    ("made", "max_tokens", "expected"),
    [
        (limit("requests", 1), None, None),
        (limit("requests", 0), None, NEVER),
        (limit("total_tokens", 0), None, NEVER),
        (limit("input_tokens", 1000), 5000, None),
        (limit("input_tokens", 999), None, NEVER),
        (limit("uncached_tokens", 999), None, NEVER),
        (limit("total_tokens", 1001), None, None),
        (limit("total_tokens", 1000), None, NEVER),
        (limit("total_tokens", 1500), 500, None),
        (limit("total_tokens", 1499), 500, NEVER),
        (limit("output_tokens", 1), None, None),
        (limit("output_tokens", 99), 100, NEVER),
        (limit("total_tokens", 1001, precharge=True), None, None),
        (limit("total_tokens", 1499, precharge=True), 500, NEVER),
        (limit("total_tokens", 9000, kind="bucket", burst=1000), None, NEVER),
        (limit("total_tokens", 9000, kind="bucket", burst=1001), None, None),
        (limit("units", 2002, rate=2.0), None, None),
        (limit("units", 2001, rate=2.0), None, NEVER),
        (limit("units", 2999, rate=2.0), 500, NEVER),
        (limit("concurrent", 1, kind="concurrent"), None, None),
        (limit("inputs", 1), None, None),
    ],
)
def test_what_can_never_fit_is_not_waited_for(made, max_tokens, expected):
    """The least the request can take is more than a whole window holds."""
    needs = Needs(text_tokens=1000, max_tokens=max_tokens)
    assert judged(made, needs=needs) == expected


@pytest.mark.parametrize(
    ("more", "max_cost", "expected"),
    [
        (PAID, None, None),
        (PAID, 1.0, None),
        (PAID, 0.0001, Reason.TOO_DEAR),
        (PAID | {"prices": Prices(input=1e-6)}, None, None),
        (PAID | {"prices": Prices(input=1e-6)}, 1.0, Reason.NO_PRICE),
        (PAID | {"max_daily_spend": 0.0001}, None, Reason.TOO_DEAR),
        (PAID | {"max_daily_spend": 0.0}, None, Reason.TOO_DEAR),
        (PAID | {"max_daily_spend": 5.0, "prices": Prices()}, None, Reason.NO_PRICE),
        ({"prices": Prices()}, 0.0, None),
    ],
)
def test_a_spend_cap_is_a_wall(more, max_cost, expected):
    """What has no price, or may cost too much, is left out; what is free is not asked."""
    options = RouteOptions(allow_paid=True, max_cost=max_cost)
    assert judged(options=options, **more) == expected
