"""The shipped provider files, proof-read by rules."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest
import yaml

from freetier import catalog
from freetier.dialects.faults import Faults
from freetier.values.accounts import Account, Candidate, Selector
from freetier.values.faults import Fault
from freetier.values.models import Capability, Model
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Metric, Scope
from tests.core.catalog.folder import NAMES, SHIPPED
from tests.wire.samples import Sample, samples

FREE = [name for name in NAMES if catalog.provider(name).status == "free"]
COPIES = ("gemini-openai", "cohere-native", "ollama-native")
SOURCES = yaml.safe_load((SHIPPED / "sources.yaml").read_text("utf-8"))

each = pytest.mark.parametrize("name", NAMES)


@cache
def written(name: str) -> dict[str, Any]:
    """Return a file as it stands."""
    return yaml.safe_load((SHIPPED / "providers" / f"{name}.yaml").read_text("utf-8"))


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of all models of a file."""
    return [*written(name).get("models", ()), *written(name).get("embeddings", ())]


def figures(name: str) -> list[dict[str, Any]]:
    """Return every figure of a limit, with the source and date that hold for it."""
    found = []
    sets = written(name).get("limit_sets", {}).values()
    alone = [*written(name).get("limits", ()), *(limit for limits in sets for limit in limits)]
    for limit in alone:
        found += limit.get("figures", [limit])
    for row in rows(name):
        cited = {"source": row.get("source"), "as_of": row.get("as_of")}
        for limit in row.get("limits", ()):
            found += [{**cited, **figure} for figure in limit.get("figures", [limit])]
    return found


class TestFacts:
    @each
    def test_it_is_named_after_its_file(self, name):
        """A provider is found by its file's name, and tells where its facts come from."""
        provider = catalog.provider(name)
        assert provider.name == name
        assert provider.title
        assert provider.as_of is not None
        assert provider.source is not None

    @each
    def test_every_figure_has_a_source_and_a_date(self, name):
        """Nothing is claimed without saying who says so, and when."""
        cited = [*figures(name), *rows(name)]
        if name not in COPIES:
            cited.append(written(name))
        if any("prices" in row for row in rows(name)):
            cited.append(written(name)["prices_from"])
        for what in cited:
            assert what.get("source") in SOURCES, what
            assert what.get("as_of"), what

    @each
    def test_terms_are_told_with_their_day(self, name):
        """A verdict on several accounts is dated, or says that nobody looked."""
        terms = written(name).get("terms", {"several_accounts": "moot"})
        if terms["several_accounts"] not in {"not_verified", "moot"}:
            assert terms["as_of"]
            assert terms["source"] in SOURCES
            assert terms["note"]

    @each
    def test_keys_go_over_tls(self, name):
        """Only a server on this machine is spoken to in the clear."""
        provider = catalog.provider(name)
        start = "http://localhost:" if provider.status == "local" else "https://"
        assert provider.base_url.startswith(start)

    @each
    def test_an_active_free_provider_says_how_to_get_in(self, name):
        """Who wants an account finds the variable to set, and what it gives."""
        provider = catalog.provider(name)
        assert provider.note
        if provider.status in {"free", "trial_credit", "free_uncertain", "paid_only"}:
            assert provider.key_env

    @pytest.mark.parametrize("name", FREE)
    def test_where_free_use_is_limited_a_limit_or_its_absence_is_told(self, name):
        """A free provider has limits, or a sentence on why there are none to count."""
        provider = catalog.provider(name)
        counted = provider.limits or any(model.limits for model in provider.models)
        assert counted or "cents a month" in provider.note


class TestModels:
    @each
    def test_the_tier_follows_the_size(self, name):
        """1 up to 8B, 2 9-35B, 3 36-100B, 4 over 100B (decisions 5)."""
        for row in written(name).get("models", ()):
            size = row.get("params")
            if size is not None:
                expected = 1 if size <= 8 else 2 if size <= 35 else 3 if size <= 100 else 4
                assert row["tier"] == expected, row["id"]

    @each
    def test_a_tiny_context_joins_no_alias(self, name):
        """Under 8,192 tokens no shipped alias takes a model."""
        for model in catalog.provider(name).models:
            if model.context is not None and model.context < 8_192 and not model.embeds:
                assert model.special or model.withdrawn, model.id

    @each
    def test_calls_can_only_be_forced_or_parallel_where_there_are_tools(self, name):
        """A capability that rests on another comes with it."""
        for model in catalog.provider(name).models:
            if {Capability.TOOL_CHOICE, Capability.PARALLEL_TOOLS} & model.capabilities:
                assert Capability.TOOLS in model.capabilities, model.id

    @each
    def test_no_call_is_forced_where_the_provider_does_not_heed_it(self, name):
        """`tool_choice: auto` and `none` are providers without forced calls."""
        provider = catalog.provider(name)
        if provider.quirks.tool_choice in {"auto", "none"}:
            living = [model for model in provider.models if not model.withdrawn]
            assert not any(Capability.TOOL_CHOICE in model.capabilities for model in living)

    @each
    def test_what_is_gone_names_what_replaces_it(self, name):
        """Who asks for a withdrawn model is told of one that lives, somewhere."""
        for model in catalog.provider(name).models:
            if model.withdrawn:
                assert model.replaced_by in living(), (model.id, model.replaced_by)

    def test_one_name_is_one_model_everywhere(self):
        """Copies of a model at several providers agree on its family and tier."""
        copies: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for name in NAMES:
            for model in catalog.provider(name).models:
                copies[model.canonical].add((model.family, model.tier))
        assert {canonical for canonical, found in copies.items() if len(found) > 1} == set()

    def test_equal_vectors_have_equal_length(self):
        """Hosts that share the name of an embedding model share its dimensions."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in NAMES:
            for model in catalog.provider(name).models:
                if model.embeds and model.dimensions is not None:
                    lengths[model.canonical].add(model.dimensions)
        assert all(len(found) == 1 for found in lengths.values())

    @pytest.mark.parametrize(
        "asked",
        [
            "llama-3.3-70b",
            "qwen-3-32b",
            "llama-3.1-8b",
            "gpt-oss-120b",
            "llama-3.3-70b-versatile",
            "llama-3.1-8b-instant",
            "qwen/qwen3-32b",
            "openai/gpt-oss-120b",
            "gemini-2.0-flash",
            "grok-3-fast",
            "gpt-4o-mini",
        ],
    )
    def test_the_names_of_the_earlier_systems_are_known(self, asked):
        """What users of the two earlier systems have written still means something."""
        models = [model for name in NAMES for model in catalog.provider(name).models]
        assert any(asked in {m.id, m.canonical, *m.variants} for m in models)


@cache
def living() -> frozenset[str]:
    """Return the canonical names of all models that are still there."""
    models = [model for name in NAMES for model in catalog.provider(name).models]
    return frozenset(model.canonical for model in models if not model.withdrawn)


def taken(provider: Provider, selector: Selector) -> list[Model]:
    """Return the models that an alias takes on the key of one provider alone."""
    return [
        model
        for model in provider.models
        if model.status == "active"
        and model.free
        and not model.special
        and model.tier in selector.tiers
        and selector.needs <= model.capabilities
        and (model.context or 0) >= selector.min_context
    ]


class TestAliases:
    @pytest.mark.parametrize("alias", ["best", "fast"])
    @pytest.mark.parametrize("name", FREE)
    def test_the_key_of_any_free_provider_is_enough(self, name, alias):
        """With one free provider's key alone `best` and `fast` have a candidate (issue 5)."""
        selector = next(a.selector for a in catalog.shipped_aliases() if a.name == alias)
        assert taken(catalog.provider(name), selector)

    @pytest.mark.parametrize("alias", [a.name for a in catalog.shipped_aliases()])
    def test_every_shipped_alias_finds_a_free_model_somewhere(self, alias):
        """None of them is an empty promise."""
        selector = next(a.selector for a in catalog.shipped_aliases() if a.name == alias)
        assert any(taken(catalog.provider(name), selector) for name in FREE)

    def test_no_alias_looks_like_a_model(self):
        """An alias never hides a vendor's model."""
        aliases = {alias.name for alias in catalog.shipped_aliases()}
        for name in NAMES:
            for model in catalog.provider(name).models:
                assert not aliases & {model.id, model.canonical, *model.variants}


# (provider, metric, span in seconds) -> amount, kind, scope; by hand from the facts.
CLOCKS = {
    ("groq", "openai/gpt-oss-120b", Metric.REQUESTS, 60): (30, Kind.BUCKET, Scope.MODEL),
    ("groq", "openai/gpt-oss-120b", Metric.REQUESTS, 86_400): (1_000, Kind.BUCKET, Scope.MODEL),
    ("groq", "openai/gpt-oss-120b", Metric.TOTAL, 60): (8_000, Kind.BUCKET, Scope.MODEL),
    ("groq", "qwen/qwen3.8-27b", Metric.INPUT, 60): (7_000, Kind.BUCKET, Scope.MODEL),
    ("cerebras", "gpt-oss-120b", Metric.REQUESTS, 60): (5, Kind.BUCKET, Scope.MODEL),
    ("gemini", "gemini-3.8-flash", Metric.REQUESTS, 86_400): (20, Kind.CALENDAR, Scope.MODEL),
    ("gemini", "gemini-3.8-flash", Metric.REQUESTS, 60): (5, Kind.UNKNOWN, Scope.MODEL),
    ("gemini", "gemma-4-31b-it", Metric.INPUT, 60): (16_000, Kind.UNKNOWN, Scope.MODEL),
    ("openrouter", "openrouter/free", Metric.REQUESTS, 86_400): (50, Kind.CALENDAR, Scope.POOL),
    ("openrouter", "openrouter/free", Metric.REQUESTS, 60): (20, Kind.UNKNOWN, Scope.POOL),
    ("mistral", "ministral-14b-2512", Metric.REQUESTS, 60): (30, Kind.UNKNOWN, Scope.MODEL),
    ("cohere", "command-r7b-12-2024", Metric.REQUESTS, 60): (20, Kind.UNKNOWN, Scope.MODEL),
    ("zai", "glm-4.5-flash", Metric.CONCURRENT, 0): (1, Kind.CONCURRENT, Scope.MODEL),
}
OVER_ACCOUNT = {
    ("nvidia", Metric.REQUESTS, 60): (40, Kind.UNKNOWN, Scope.ACCOUNT),
    ("mistral", Metric.REQUESTS, 60): (60, Kind.PACE, Scope.ACCOUNT),
    ("cohere", Metric.REQUESTS, 2_592_000): (1_000, Kind.CALENDAR, Scope.ACCOUNT),
    ("kilo", Metric.REQUESTS, 3_600): (200, Kind.UNKNOWN, Scope.MACHINE),
    ("llm7", Metric.REQUESTS, 3_600): (100, Kind.UNKNOWN, Scope.MACHINE),
}


class TestLimits:
    @pytest.mark.parametrize(("what", "expected"), CLOCKS.items())
    def test_a_models_limits_have_the_clocks_of_the_facts(self, what, expected):
        """Amount, kind of window and scope are those that were told or measured."""
        name, model_id, metric, span = what
        model = next(m for m in catalog.provider(name).models if m.id == model_id)
        limit = next(x for x in model.limits if (x.metric, x.window.span) == (metric, span))
        assert (limit.amount, limit.window.kind, limit.scope) == expected

    @pytest.mark.parametrize(("what", "expected"), OVER_ACCOUNT.items())
    def test_an_accounts_limits_have_the_clocks_of_the_facts(self, what, expected):
        """The same for limits over all models of an account."""
        name, metric, span = what
        limits = catalog.provider(name).limits
        limit = next(x for x in limits if (x.metric, x.window.span) == (metric, span))
        assert (limit.amount, limit.window.kind, limit.scope) == expected

    def test_the_day_of_gemini_ends_in_los_angeles(self):
        """Midnight Pacific, not midnight UTC."""
        provider = catalog.provider("gemini")
        days = {x.window.zone for m in provider.models for x in m.limits if x.window.unit == "day"}
        assert days == {provider.day_zone} == {"America/Los_Angeles"}

    def test_all_free_models_of_openrouter_share_one_pool(self):
        """The vendor counts them together."""
        models = [m for m in catalog.provider("openrouter").models if m.limits]
        assert {x.pool for m in models for x in m.limits} == {"free"}

    def test_a_neuron_costs_what_the_model_costs(self):
        """Units of Cloudflare: a dearer model takes more of the same day."""
        models = {m.id: m for m in catalog.provider("cloudflare").models}
        rate = {
            name: next(x.rate for x in models[name].limits if x.metric is Metric.UNITS)
            for name in ("@cf/openai/gpt-oss-120b", "@cf/meta/llama-3.2-3b-instruct")
        }
        assert rate["@cf/openai/gpt-oss-120b"] == pytest.approx((3 * 0.35 + 0.75) / 4 / 11, 1e-3)
        assert rate["@cf/meta/llama-3.2-3b-instruct"] < rate["@cf/openai/gpt-oss-120b"]


# What each class of the samples' index means, by hand from decisions 8.
MEANS = {
    "auth": Fault.UNAUTHORISED,
    "forbidden": Fault.FORBIDDEN,
    "payment": Fault.PAYMENT,
    "not_in_free_tier": Fault.NOT_FREE,
    "rate_limit": Fault.RATE_LIMITED,
    "rate_limit_minute": Fault.RATE_LIMITED,
    "rate_limit_day": Fault.QUOTA_GONE,
    "rate_limit_month": Fault.QUOTA_GONE,
    "rate_limit_window": Fault.QUOTA_GONE,
    "concurrency": Fault.RATE_LIMITED,
    "too_large_for_limit": Fault.TOO_LARGE,
    "model_busy": Fault.OVERLOADED,
    "model_loading": Fault.OVERLOADED,
    "transient": Fault.OVERLOADED,
    "model_gone": Fault.MODEL_GONE,
    "server": Fault.SERVER,
    "timeout": Fault.TIMED_OUT,
    "bad_generation": Fault.MALFORMED,
    "context_length": Fault.CONTEXT_TOO_LONG,
    "content_filter": Fault.CONTENT_REFUSED,
    "bad_request": Fault.BAD_REQUEST,
}
# A "rate limit" whose text names a day is a quota that is gone.
DAYS = {
    "cerebras/429_tokens_day.json",
    "groq/429_requests_per_day.json",
    "groq/429_tokens_per_day.json",
}
ERRORS = [
    sample
    for sample in samples()
    if sample.expect_class is not None and sample.file.endswith(".json")
]


class TestErrors:
    @pytest.mark.parametrize("sample", ERRORS, ids=lambda sample: sample.file)
    def test_a_recorded_error_means_what_it_is_known_to_mean(self, sample: Sample):
        """Each provider's rules and the general table give the expected fault."""
        candidate = Candidate(
            key="a/m",
            account=Account(id="a", provider=sample.provider),
            model=Model(id="m", canonical="m"),
            provider=catalog.provider(sample.provider),
        )
        faults = Faults(catalog.fault_table())
        if sample.status == 200:
            refused = faults.within_answer(candidate, yaml.safe_load(sample.body))
        else:
            refused = faults.of_answer(candidate, sample.status, sample.headers, sample.body)
        expected = Fault.QUOTA_GONE if sample.file in DAYS else MEANS[sample.expect_class]
        assert refused.fault is expected

    def test_a_spent_day_waits_for_the_calendar(self):
        """Gemini's retryDelay and OpenRouter's headers do not outrun midnight."""
        for name, text in (("gemini", "PerDay"), ("openrouter", "free-models-per-day")):
            signs = [sign for sign in catalog.provider(name).signs if text in sign.text]
            assert signs
            assert all(sign.calendar and sign.span == 86_400 for sign in signs)
