"""What a name means, in the order of the look-up."""

from __future__ import annotations

import pytest

from freetier.errors import ConfigError, UnknownModel
from freetier.routing.resolve import resolve
from freetier.values.accounts import Alias, Selector, Step
from freetier.values.models import Capability, Prices
from tests.core.routing.setups import account, index, model, provider

GROQ = provider(
    "groq",
    model("llama-70b-versatile", canonical="llama-70b", variants=("Llama-70B-Instruct",)),
    model("openai/gpt-oss", canonical="gpt-oss", tier=4),
    model("llama-8b", tier=1),
)
ROUTER = provider(
    "openrouter",
    model("meta/llama-70b:free", canonical="llama-70b"),
    model("openai/gpt-oss", canonical="gpt-oss", tier=4),
    model("openrouter/auto", tier=2),
)
OWN = provider("mine", status="own", base_url="http://localhost:1")
BEST = Alias(name="best", selector=Selector(tiers=(5, 4, 3, 2, 1)))
FAST = Alias(name="fast", selector=Selector(tiers=(1, 2, 3), descending=False, first_found=True))


def ladder(name: str, *steps: Step | str, **more) -> Alias:
    """Return a user's alias."""
    made = tuple(Step(model=s) if isinstance(s, str) else s for s in steps)
    return Alias(name=name, steps=made, **more)


def keys(name: str, *parts, **more) -> list[str]:
    """Return the keys behind a name."""
    return [c.key for c in resolve(index(*parts, **more), name).candidates]


BOTH = (GROQ, ROUTER)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llama-70b", ["groq-1/llama-70b-versatile", "openrouter-1/meta/llama-70b:free"]),
        ("LLAMA-70b", ["groq-1/llama-70b-versatile", "openrouter-1/meta/llama-70b:free"]),
        ("llama-70b-instruct", ["groq-1/llama-70b-versatile", "openrouter-1/meta/llama-70b:free"]),
        ("gpt-oss", ["groq-1/openai/gpt-oss", "openrouter-1/openai/gpt-oss"]),
        # the whole string as an upstream id, wherever it is served
        ("openai/gpt-oss", ["groq-1/openai/gpt-oss", "openrouter-1/openai/gpt-oss"]),
        ("OpenAI/GPT-oss", ["groq-1/openai/gpt-oss", "openrouter-1/openai/gpt-oss"]),
        ("meta/llama-70b:free", ["openrouter-1/meta/llama-70b:free"]),
        ("llama-70b-versatile", ["groq-1/llama-70b-versatile"]),
        # `provider:model` pins
        ("groq:openai/gpt-oss", ["groq-1/openai/gpt-oss"]),
        ("groq:llama-70b", ["groq-1/llama-70b-versatile"]),
        ("groq-1:llama-70b", ["groq-1/llama-70b-versatile"]),
        ("groq:never-heard-of", ["groq-1/never-heard-of"]),
        # `provider/model` where the provider has it
        ("groq/llama-70b", ["groq-1/llama-70b-versatile"]),
        ("groq/openai/gpt-oss", ["groq-1/openai/gpt-oss"]),
        ("openrouter/meta/llama-70b:free", ["openrouter-1/meta/llama-70b:free"]),
        # `a/b` that is an upstream id although `a` is a provider
        ("openrouter/auto", ["openrouter-1/openrouter/auto"]),
        # sent as written where `a` has an account
        ("groq/never-heard-of", ["groq-1/never-heard-of"]),
        ("mine/any/thing", ["mine-1/any/thing"]),
        ("mine:any", ["mine-1/any"]),
    ],
)
def test_names_are_looked_up_in_order(name, expected):
    """Canonical names, then ids: pinned, `a/b`, whole, as written."""
    assert keys(name, *BOTH, OWN) == expected


def test_a_users_ladder_wins_over_everything():
    """Also over a canonical name of the same spelling."""
    assert keys("llama-70b", *BOTH, ladder("llama-70b", "gpt-oss")) == [
        "groq-1/openai/gpt-oss",
        "openrouter-1/openai/gpt-oss",
    ]


def test_a_canonical_name_wins_over_a_shipped_alias():
    """Shipped aliases never hide a model."""
    shipped = Alias(name="gpt-oss", selector=Selector(tiers=(1,)))
    assert keys("gpt-oss", GROQ, shipped) == ["groq-1/openai/gpt-oss"]


def test_a_users_alias_may_shadow_a_shipped_one():
    """`best` is what the user says it is."""
    assert keys("best", GROQ, ladder("best", "llama-8b")) == ["groq-1/llama-8b"]


def test_best_goes_down_the_tiers():
    """Highest tier first, then the declared order; the order by tier is passed on."""
    found = resolve(index(*BOTH, BEST), "best")
    assert [c.model.tier for c in found.candidates] == [4, 4, 3, 3, 2, 1]
    assert found.by_tier
    assert [found.tier_rank(c) for c in found.candidates] == [-4, -4, -3, -3, -2, -1]
    assert not any(c.named for c in found.candidates)


def test_a_shipped_alias_is_found_in_any_case():
    """As canonical names are."""
    assert keys("BEST", GROQ, BEST) == keys("best", GROQ, BEST)


def test_fast_takes_the_lowest_tier_there_is():
    """From tier 1 upwards, until something is found."""
    assert keys("fast", *BOTH, FAST) == ["groq-1/llama-8b"]
    assert keys("fast", ROUTER, FAST) == ["openrouter-1/openrouter/auto"]
    assert keys("fast", provider("p", model("big", tier=5)), FAST) == []


def test_fast_does_not_stop_at_a_tier_that_costs_money():
    """Requests that may not pay still find the free tier behind it, in that order."""
    paid = provider("p", model("small", tier=1, free=False), model("middle", tier=2))
    found = resolve(index(paid, FAST), "fast")
    assert [c.model.id for c in found.candidates] == ["small", "middle"]
    assert [found.tier_rank(c) for c in found.candidates] == [1, 2]
    only = provider("p", model("small", tier=1, free=False), model("big", tier=3, free=False))
    assert keys("fast", only, FAST) == ["p-1/small"]


def test_shipped_aliases_leave_out_what_is_not_for_everyone():
    """Withdrawn, special and embedding models, and those an account may not serve."""
    rows = (
        model("gone", status="retired"),
        model("rotated", status="rotated_out"),
        model("guard", special=True),
        model("vectors", capabilities=frozenset({Capability.EMBEDDINGS})),
        model("fine"),
        model("not-mine"),
    )
    own = account("a", "p", models=("gone", "guard", "vectors", "fine"))
    assert keys("best", provider("p", *rows), own, BEST) == ["a/fine"]


def test_a_selector_asks_for_capabilities_and_context():
    """`vision` and `long` are selectors as well; an unknown context is not long."""
    rows = (
        model("blind", context=200_000),
        model("eyes", capabilities=frozenset({Capability.VISION}), context=None),
        model("both", capabilities=frozenset({Capability.VISION}), context=200_000),
    )
    sees = Selector(tiers=(3,), needs=frozenset({Capability.VISION}))
    far = Selector(tiers=(3,), min_context=128_000)
    p = provider("p", *rows)
    assert keys("vision", p, Alias(name="vision", selector=sees)) == ["p-1/eyes", "p-1/both"]
    assert keys("long", p, Alias(name="long", selector=far)) == ["p-1/blind", "p-1/both"]


def test_a_ladder_numbers_its_steps():
    """Each step is taken at every account that serves it, in declared order."""
    steps = (Step(model="gpt-oss", provider="openrouter"), Step(model="llama-70b", weight=3.0))
    found = resolve(
        index(*BOTH, account("g", "groq"), account("h", "groq"), ladder("mine", *steps)), "mine"
    )
    assert [(c.key, c.step, c.weight) for c in found.candidates] == [
        ("openrouter-1/openai/gpt-oss", 0, 1.0),
        ("g/llama-70b-versatile", 1, 3.0),
        ("h/llama-70b-versatile", 1, 3.0),
        ("openrouter-1/meta/llama-70b:free", 1, 3.0),
    ]
    assert all(c.named for c in found.candidates)
    assert not found.by_tier
    assert {found.tier_rank(c) for c in found.candidates} == {0}


def test_a_step_may_pin_one_account():
    """The others of its provider are left alone."""
    one = ladder("x", Step(model="llama-8b", account="h"))
    assert keys("x", GROQ, account("g", "groq"), account("h", "groq"), one) == ["h/llama-8b"]


def test_a_candidate_found_twice_keeps_its_first_step():
    """Nobody is asked twice in one request."""
    twice = ladder("x", "llama-8b", Step(model="llama-8b", provider="groq"), "gpt-oss")
    found = resolve(index(GROQ, twice), "x").candidates
    assert [(c.key, c.step) for c in found] == [
        ("groq-1/llama-8b", 0),
        ("groq-1/openai/gpt-oss", 2),
    ]


def test_aliases_may_name_aliases():
    """Steps within steps are counted through; an alias of `best` alone orders by tier."""
    inner = ladder("inner", "llama-8b", "gpt-oss")
    outer = ladder("outer", "inner", "llama-70b", strategy="declared")
    nested = resolve(index(GROQ, inner, outer), "outer")
    assert [(c.model.id, c.step) for c in nested.candidates] == [
        ("llama-8b", 0),
        ("openai/gpt-oss", 1),
        ("llama-70b-versatile", 2),
    ]
    assert nested.strategy == "declared"
    same = resolve(index(GROQ, BEST, ladder("d", "best")), "d")
    assert same.by_tier
    assert [c.model.tier for c in same.candidates] == [4, 3, 1]


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
def test_a_circle_of_aliases_is_an_error(names):
    """It says who names whom."""
    around = [ladder(n, names[(i + 1) % len(names)]) for i, n in enumerate(names)]
    with pytest.raises(ConfigError, match=" -> ".join((*names, "a"))):
        resolve(index(GROQ, *around), "a")


def test_an_alias_may_be_named_twice_without_a_circle():
    """Only coming back to where one is makes a circle."""
    parts = (ladder("leaf", "llama-8b"), ladder("l", "leaf"), ladder("top", "l", "leaf"))
    assert keys("top", GROQ, *parts) == ["groq-1/llama-8b"]


def test_withdrawn_models_come_last_with_a_note():
    """What a person names is sent all the same; the note has the date and the replacement."""
    gone = model("old", status="retired", gone_since="2026-06-01", replaced_by="new")
    found = resolve(
        index(provider("p", gone, model("new")), ladder("x", "old", "new"), account("a", "p")), "x"
    )
    assert [(c.model.id, c.named) for c in found.candidates] == [("new", True), ("old", True)]
    (note,) = found.notes
    assert all(word in note for word in ("p/old", "2026-06-01", "new"))


def test_a_model_whose_end_has_come_has_a_note():
    """It is sent where it stands: some may still have it."""
    ending = {"status": "old_accounts_only", "gone_since": "2026-12-01", "replaced_by": "new"}
    made = index(provider("p", model("old", **ending), model("new")), account("a", "p"))
    assert resolve(made, "old", "2026-11-30").notes == ()
    (note,) = resolve(made, "old", "2026-12-01").notes
    assert note == "p/old was announced to be gone since 2026-12-01, replaced by new"


def test_two_accounts_of_a_withdrawn_model_make_one_note():
    """One warning is enough."""
    gone = provider("p", model("old", status="rotated_out"))
    found = resolve(index(gone, account("a", "p"), account("b", "p")), "old")
    assert len(found.candidates) == 2
    assert len(found.notes) == 1


def test_what_is_sent_as_written_is_noted():
    """Unless the provider is the user's own or local, where only he knows what there is."""
    parts = (GROQ, OWN, provider("ollama", model("small"), status="local"))
    assert "groq is not known to have 'x'" in resolve(index(*parts), "groq/x").notes[0]
    assert resolve(index(*parts), "mine/x").notes == ()
    assert resolve(index(*parts), "ollama/x").notes == ()


def test_a_step_that_nobody_serves_is_left_out_with_a_note():
    """The rest of the ladder answers."""
    found = resolve(index(GROQ, ladder("x", Step(model="m", provider="gone"), "llama-8b")), "x")
    assert [c.key for c in found.candidates] == ["groq-1/llama-8b"]
    assert "no account serves 'gone'" in found.notes[0]


def test_a_step_that_means_nothing_is_an_error():
    """It names the alias besides the nearest name."""
    with pytest.raises(UnknownModel, match=r"'lama-8b'; did you mean 'llama-8b'.*alias 'x'"):
        resolve(index(GROQ, ladder("x", "lama-8b")), "x")


@pytest.mark.parametrize("name", ["constructor", "toString", "__class__", "keys", "/", ":", "a/b"])
def test_unknown_names_are_unknown(name):
    """Names of Python's or anybody's insides mean nothing."""
    with pytest.raises(UnknownModel):
        resolve(index(*BOTH, OWN, BEST), name)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("lama-70b", "llama-70b"),
        ("GTP-OSS", "gpt-oss"),
        ("bst", "best"),
        ("grok/llama-8b", "groq/llama-8b"),
    ],
)
def test_an_unknown_name_has_the_nearest_ones(wrong, right):
    """Aliases, canonical names, ids and `provider/id` are suggested."""
    with pytest.raises(UnknownModel) as caught:
        resolve(index(*BOTH, BEST), wrong)
    assert right in caught.value.nearest


def test_without_accounts_the_error_says_so():
    """A wrong name is not what is wrong then."""
    with pytest.raises(UnknownModel, match="there is no account"):
        resolve(index(BEST), "llama")


@pytest.mark.parametrize(("default", "expected"), [("fast", [1]), (None, [4, 3, 1])])
def test_an_empty_name_means_the_default(default, expected):
    """Which is `best` if the setup names none."""
    found = resolve(index(GROQ, BEST, FAST, default_model=default), "")
    assert [c.model.tier for c in found.candidates] == expected


def test_an_alias_brings_its_own_ways():
    """Strategy and what to do with refused content travel with it."""
    made = ladder("x", "llama-8b", strategy="priority", on_content_refused="next")
    found = resolve(index(GROQ, made), "x")
    assert (found.strategy, found.on_content_refused) == ("priority", "next")


def test_what_was_resolved_can_be_kept():
    """It is hashable, and its candidates are the same objects each time it is used."""
    found = resolve(index(GROQ), "llama-8b")
    assert {found: "kept"}[found] == "kept"
    assert len({*found.candidates, *found.candidates}) == 1


def test_prices_do_not_hide_a_named_model():
    """A person who names a paid model gets it; whether it may be paid is asked later."""
    paid = provider("p", model("m", free=False, prices=Prices(input=1.0)), status="paid_only")
    assert keys("m", paid) == ["p-1/m"]
