"""Rows of limits as limits."""

from __future__ import annotations

from typing import Any

import pytest

from freetier import catalog
from freetier.errors import ConfigError
from freetier.values.providers import Provider
from freetier.values.quota import Kind, Metric, Scope

CITED = {"source": "me", "as_of": "2026-11-21"}
RPM = {"metric": "requests", "per": "minute", "amount": 30, **CITED}


def parsed(**more: Any) -> Provider:
    """Return a provider with this in its file."""
    return catalog.parse_provider(
        {"name": "acme", "base_url": "https://api.acme.test/v1", **more}, "acme.yaml"
    )


def model(**more: Any) -> dict[str, Any]:
    """Return a model's row."""
    return {"id": "m", "tier": 1, **more}


def told(**more: Any) -> str:
    """Return the error text for a file with this in it."""
    with pytest.raises(ConfigError) as error:
        parsed(**more)
    return str(error.value)


def figure(amount: int, confidence: str, source: str = "groq-docs") -> dict[str, Any]:
    """Return what one source says."""
    return {"amount": amount, "confidence": confidence, "source": source, "as_of": "2026-11"}


class TestFigures:
    def paced(self, *figures: dict[str, Any]):
        """Return the limit that comes of these figures."""
        return parsed(limits=[{"metric": "requests", "per": "day", "figures": figures}]).limits[0]

    def test_the_lowest_trusted_figure_paces(self):
        """Of sources that disagree the most careful one of those that are trusted wins."""
        limit = self.paced(figure(1000, "high"), figure(14400, "medium"), figure(50, "low"))
        assert (limit.amount, limit.source, limit.as_of) == (1000, "official", "2026-11")

    def test_where_none_is_trusted_the_lowest_paces_and_is_a_guess(self):
        """A guess is marked, so that it may be tried out."""
        limit = self.paced(figure(200, "low"), figure(100, "low"))
        assert (limit.amount, limit.source) == (100, "guess")

    @pytest.mark.parametrize(
        ("source", "kind"),
        [("live-0928", "observed"), ("freelm", "survey"), ("prior", "guess"), ("me", "user")],
    )
    def test_a_source_tells_how_far_it_is_trusted(self, source, kind):
        """Whoever is not in the list of sources is the user himself."""
        assert self.paced(figure(1, "high", source)).source == kind

    @pytest.mark.parametrize(
        ("missing", "hint"),
        [
            ("source", "say where the figure comes from"),
            ("as_of", "say of which day the figure is"),
        ],
    )
    def test_a_limit_without_source_or_date_is_refused(self, missing, hint):
        """The place is named: the account's limits, a set, or a model's row."""
        bad = {key: value for key, value in RPM.items() if key != missing}
        text = f"a limit needs `{missing}`: {hint}"
        sets = {"limit_sets": {"s": [bad]}, "models": [model(limit_set="s", **CITED)]}
        assert told(limits=[bad]) == f"acme.yaml: limits[0]: {text}"
        assert told(**sets) == f"acme.yaml: limit_sets.s[0]: {text}"
        assert told(models=[model(limits=[bad])]) == f"acme.yaml: models[0].limits[0]: {text}"

    def test_a_row_cites_for_its_own_limits(self):
        """Source and date of a model's row hold for the figures in it."""
        bare = {"metric": "requests", "per": "minute", "amount": 30}
        limit = parsed(models=[model(limits=[bare], **CITED)]).models[0].limits[0]
        assert (limit.source, limit.as_of) == ("user", "2026-11-21")


class TestClocks:
    def test_a_window_runs_as_the_providers_clocks_say(self):
        """One line holds for all limits of a span."""
        clocks = {"day": {"kind": "calendar", "zone": "America/Los_Angeles"}}
        window = parsed(clocks=clocks, limits=[{**RPM, "per": "day"}]).limits[0].window
        assert (window.kind, window.unit) == (Kind.CALENDAR, "day")
        assert (window.zone, window.span) == ("America/Los_Angeles", 86_400)

    def test_a_window_nobody_speaks_of_is_unknown(self):
        """The number is known, the clock is not."""
        assert parsed(limits=[RPM]).limits[0].window.kind is Kind.UNKNOWN

    def test_a_limit_may_have_a_clock_of_its_own(self):
        """It beats the provider's."""
        paced = {**RPM, "kind": "pace", "burst": 2}
        window = parsed(clocks={"minute": {"kind": "bucket"}}, limits=[paced]).limits[0].window
        assert (window.kind, window.burst) == (Kind.PACE, 2)

    def test_the_day_of_the_provider_is_the_calendars(self):
        """A calendar without a zone of its own has the provider's."""
        limit = {**RPM, "per": "month", "kind": "calendar"}
        window = parsed(day_zone="Europe/Paris", limits=[limit]).limits[0].window
        assert (window.unit, window.zone) == ("month", "Europe/Paris")

    def test_a_calendar_has_no_minutes(self):
        """Only days, weeks and months begin by the calendar."""
        text = told(limits=[{**RPM, "kind": "calendar"}])
        assert text == "acme.yaml: limits[0].per: a calendar has days, weeks and months"

    def test_places_at_once_have_no_window(self):
        """A limit on what is under way knows no span."""
        limit = parsed(limits=[{"metric": "concurrent", "amount": 1, **CITED}]).limits[0]
        assert (limit.window.kind, limit.window.span) == (Kind.CONCURRENT, 0)

    def test_a_span_may_be_any_number_of_seconds(self):
        """Sessions of five hours exist."""
        assert parsed(limits=[{**RPM, "per": 18_000}]).limits[0].window.span == 18_000


class TestScopes:
    def test_limits_of_the_file_hold_over_the_account(self):
        """All models of the account count together."""
        provider = parsed(limits=[RPM], models=[model()])
        assert provider.limits[0].scope is Scope.ACCOUNT
        assert provider.models[0].limits == ()

    def test_a_models_limit_replaces_that_of_its_set(self):
        """Same metric, span and scope: the row wins; all else adds up."""
        own = {**RPM, "amount": 5}
        tokens = {"metric": "total_tokens", "per": "minute", "amount": 8000, **CITED}
        provider = parsed(
            limit_sets={"standard": [RPM, tokens]},
            models=[model(limit_set="standard", limits=[own], **CITED)],
        )
        limits = {limit.metric: limit for limit in provider.models[0].limits}
        assert {metric: limit.amount for metric, limit in limits.items()} == {
            Metric.REQUESTS: 5,
            Metric.TOTAL: 8000,
        }
        assert {limit.scope for limit in limits.values()} == {Scope.MODEL}

    def test_a_limit_of_one_model_does_not_stand_over_the_account(self):
        """It would not say which model."""
        assert "limits[0].scope: a limit of one model" in told(limits=[{**RPM, "scope": "model"}])

    def test_an_unknown_set_is_told_with_the_nearest(self):
        """A typing error costs one look."""
        text = told(limit_sets={"standard": [RPM]}, models=[model(limit_set="standart")])
        assert text.endswith(
            "models[0].limit_set: there is no set 'standart'; did you mean 'standard'?"
        )


class TestCounting:
    def test_how_it_counts_is_the_providers_habit(self):
        """Said once for all limits, or where one differs."""
        other = {**RPM, "per": "day", "counted_at": "answered", "counts_refused": True}
        limits = parsed(counted_at="sent", counts_refused=False, limits=[RPM, other]).limits
        assert [limit.counted_at for limit in limits] == ["sent", "answered"]
        assert [limit.counts_refused for limit in limits] == [False, True]

    def test_silence_is_unknown_and_careful(self):
        """When it counts is not known; what it refuses is taken to count."""
        limit = parsed(limits=[RPM]).limits[0]
        assert (limit.counted_at, limit.counts_refused, limit.precharge) == ("unknown", True, False)

    def test_units_need_a_rate(self):
        """A limit in a provider's own unit says how many a token takes, there or in the row."""
        units = {**RPM, "metric": "units"}
        assert "limits[0]: a limit in units needs a `rate`" in told(limits=[units])
        shared = {"limit_sets": {"s": [units]}}
        row = model(limit_set="s", unit_rate=0.25)
        assert parsed(**shared, models=[row]).models[0].limits[0].rate == 0.25
        assert parsed(limits=[{**units, "rate": 2}]).limits[0].rate == 2
