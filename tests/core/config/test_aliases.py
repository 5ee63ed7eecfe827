"""The user's aliases, however they are written, against his accounts."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.values.accounts import Alias, Step
from tests.core.config.conftest import Load, Refusal

ACCOUNTS = [
    {"provider": "groq", "id": "g1", "api_key": "k"},
    {"provider": "grok", "api_key": "k"},
    {"provider": "gemini", "id": "off", "enabled": False},
]
STEPS = (Step(model="llama-3.1-8b"), Step(model="grok-3-fast", provider="xai"))
WRITTEN = ["llama-3.1-8b", {"provider": "grok", "model": "grok-3-fast"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"models": [{"alias": "a", "models": WRITTEN}]},
        {"models": [{"name": "a", "steps": WRITTEN}]},
        {"aliases": {"a": WRITTEN}},
        {"aliases": {"a": {"steps": WRITTEN}}},
        {"modelAliases": {"a": WRITTEN}},
    ],
)
def test_a_ladder_is_written_in_many_ways(load: Load, fields: dict[str, Any]):
    """They all mean the same; providers go by their own names."""
    assert load({"accounts": ACCOUNTS} | fields).aliases["a"] == Alias(name="a", steps=STEPS)


@pytest.mark.parametrize(
    ("target", "step"),
    [
        ("llama-3.1-8b", Step(model="llama-3.1-8b")),
        ("groq/new-model", Step(model="groq/new-model")),
        ("g1:new-model", Step(model="g1:new-model")),
        ("GROK/new", Step(model="GROK/new")),
        ("best", Step(model="best")),
        ("LLAMA-3.1-8B-inst", Step(model="LLAMA-3.1-8B-inst")),
        ({"model": "new", "account": "g1"}, Step(model="new", provider="groq", account="g1")),
        ({"model": "new", "provider": "groq", "weight": 2},
         Step(model="new", provider="groq", weight=2)),
    ],
)  # fmt: skip
def test_a_name_may_stand_for_anything_that_is_served(load: Load, target: Any, step: Step):
    """A canonical name or variant in any case, another alias, or a model pinned to its server."""
    assert load({"accounts": ACCOUNTS, "aliases": {"a": target}}).aliases["a"].steps == (step,)


def test_an_alias_may_have_its_own_strategy(load: Load):
    """And say what happens when the content is refused."""
    alias = {"alias": "a", "models": WRITTEN, "strategy": "declared", "onContentRefused": "next"}
    made = load({"accounts": ACCOUNTS, "models": [alias]}).aliases["a"]
    assert (made.strategy, made.on_content_refused) == ("declared", "next")


def test_the_users_aliases_come_before_the_shipped_ones(load: Load):
    """And win over them."""
    setup = load({"accounts": ACCOUNTS, "aliases": {"fast": "llama-3.1-8b", "mine": "best"}})
    assert list(setup.aliases) == ["fast", "mine", "best"]
    assert setup.aliases["fast"].selector is None


def test_a_ladder_wins_over_a_plain_alias(load: Load):
    """With a warning that the other is not used."""
    fields = {"models": [{"alias": "a", "models": WRITTEN}], "modelAliases": {"a": "best"}}
    setup = load({"accounts": ACCOUNTS} | fields)
    assert setup.aliases["a"].steps == STEPS
    assert "modelAliases.a is not used: models[0] has the same name" in setup.warnings


@pytest.mark.parametrize("step", [{"provider": "gemini", "model": "m"},
                                  {"account": "off", "model": "m"}])  # fmt: skip
def test_a_step_of_an_account_that_is_switched_off_is_left_out(load: Load, step: dict[str, str]):
    """With a warning; the ladder goes on without it."""
    setup = load({"accounts": ACCOUNTS, "aliases": {"a": [step, "best"]}})
    assert setup.aliases["a"].steps == (Step(model="best"),)
    assert "aliases.a[0] is not used: its account takes no part" in setup.warnings


def test_a_model_that_only_a_switched_off_account_may_know_warns(load: Load):
    """Switching an account off does not break the file."""
    setup = load({"accounts": ACCOUNTS, "aliases": {"a": "gemini-2.5-flash"}})
    assert any("unknown model 'gemini-2.5-flash'" in told for told in setup.warnings)


def test_a_withdrawn_model_is_named_with_what_replaces_it(load: Load):
    """The user named it, so it is tried, last."""
    accounts = [{"provider": "gemini", "api_key": "k"}]
    setup = load({"accounts": accounts, "defaultModel": "gemini-2.0-flash"})
    assert setup.default_model == "gemini-2.0-flash"
    assert any(
        "Gemini withdrew 'gemini-2.0-flash' on 2026-03-03; instead: gemini-2.5-flash" in told
        for told in setup.warnings
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"aliases": {"a": "a"}}, "aliases.a: aliases in a circle: a -> a"),
        ({"aliases": {"a": "b", "b": ["best", "c"], "c": "a"}}, "circle: a -> b -> c -> a"),
        ({"models": [{"alias": "a", "models": ["best"]}] * 2}, "models[1]: the alias 'a' is given"),
        ({"models": [{"alias": "a", "models": []}]}, "models[0].models: the alias 'a' has no step"),
        ({"aliases": {"a": []}}, "aliases.a: the alias 'a' has no step"),
        ({"aliases": {"a": None}}, "aliases.a[0]: must be a mapping"),
        ({"aliases": {"a": ""}}, "must not be empty"),
        ({"aliases": {" ": "best"}}, "an alias needs a name"),
        ({"models": [{"models": ["best"]}]}, "models[0].alias: is missing"),
        ({"models": [{"alias": "a", "models": ["x"], "steps": ["x"]}]}, "the same as `models`"),
        ({"models": [{"alias": "a", "model": "x"}]}, "models[0].model: unknown key; did you mean"),
        ({"models": 3}, "models: must be a list of aliases"),
        ({"aliases": {"a": {"alias": "b", "steps": ["best"]}}}, "stands before the colon"),
        ({"aliases": {"a": [{"provider": "groq"}]}}, "aliases.a[0].model: is missing"),
        ({"aliases": {"a": [{"model": "m", "provider": "cerebras"}]}},
         "aliases.a[0].provider: no account serves 'cerebras'; there are accounts of groq, xai"),
        ({"aliases": {"a": [{"model": "m", "provider": "gorq"}]}}, "did you mean 'groq'?"),
        ({"aliases": {"a": [{"model": "m", "account": "g2"}]}}, "account 'g2'; there are g1, xai"),
        ({"aliases": {"a": [{"model": "m", "account": "g1", "provider": "grok"}]}},
         "aliases.a[0].provider: the account 'g1' is of groq"),
        ({"aliases": {"a": [{"model": "m", "provider": "gemini"}]}}, "no account takes part that"),
        ({"aliases": {"a": {"steps": ["best"], "strategy": "x"}}}, "aliases.a.strategy: unknown"),
        ({"aliases": {"a": [{"model": "m", "weight": -1}]}}, "weight: must not be negative"),
    ],
)  # fmt: skip
def test_aliases_that_lead_nowhere_are_refused(refusal: Refusal, fields: dict[str, Any], told: str):
    """Each with its place, before any request."""
    assert told in refusal({"accounts": ACCOUNTS} | fields)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"default_model": "lama-3.1-8b"},
         "default_model: unknown model 'lama-3.1-8b'; did you mean 'llama-3.1-8b'?"),
        ({"defaultModel": "fsat"}, "defaultModel: unknown model 'fsat'; did you mean 'fast'?"),
        ({"default_embedding_model": "nothing-like-it"}, "default_embedding_model: unknown model"),
        ({"aliases": {"a": "lama-3.1-8b"}}, "aliases.a[0]: unknown model 'lama-3.1-8b'; did you"),
        ({"aliases": {"a": "nobody/x"}}, "unknown model 'nobody/x'"),
    ],
)  # fmt: skip
def test_names_that_mean_nothing_are_refused(refusal: Refusal, fields: dict[str, Any], told: str):
    """With the nearest name that exists."""
    assert told in refusal({"accounts": ACCOUNTS[:2]} | fields)


def test_what_the_catalog_cannot_know_is_pinned(refusal: Refusal, load: Load):
    """A bare name of a local server's model means nothing; with its server it does."""
    accounts = [{"provider": "ollama"}]
    assert "; write provider/model" in refusal({"accounts": accounts, "default_model": "qwen"})
    assert load({"accounts": accounts, "default_model": "ollama/qwen"}).default_model


def test_a_long_chain_of_aliases_is_no_circle(load: Load):
    """A thousand names, one after the other."""
    chain = {f"a{n}": f"a{n + 1}" for n in range(1000)} | {"a1000": "best"}
    assert len(load({"accounts": ACCOUNTS, "aliases": chain}).aliases) == 1003
