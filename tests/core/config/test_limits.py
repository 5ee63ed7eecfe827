"""Limits, in our words and in the older ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freetier import catalog
from freetier.config import load_mapping
from freetier.routing.limits import key_of, merge
from freetier.values.quota import Kind, Limit, Metric, Scope, Window
from tests.core.config.conftest import Load, Refusal

MINUTE = Window(kind=Kind.ROLLING, span=60)
DAY = Window(kind=Kind.ROLLING, span=86_400)


def _groq(**fields: Any) -> dict[str, Any]:
    return {"accounts": [{"provider": "groq", "api_key": "k"} | fields]}


def _gemini(**fields: Any) -> dict[str, Any]:
    return {"accounts": [{"provider": "gemini", "api_key": "k"} | fields]}


def _of_account(metric: Metric, amount: int, window: Window) -> Limit:
    return Limit(metric=metric, amount=amount, window=window, scope=Scope.ACCOUNT)


@pytest.mark.parametrize(
    ("unit", "written", "metric", "amount"),
    [
        ("requests", 1500, Metric.REQUESTS, 1500),
        ("tokens", 5_000_000, Metric.TOTAL, 5_000_000),
        ("dollars", 0.1, Metric.MONEY, 100_000_000),
    ],
)
def test_daily_free_is_a_limit_on_the_providers_own_day(
    load: Load, unit: str, written: float, metric: Metric, amount: int
):
    """It holds for the whole account, and declares it free."""
    account = load(_gemini(daily_free=written, quota_unit=unit)).accounts[0]
    pacific = Window(kind=Kind.CALENDAR, span=86_400, unit="day", zone="America/Los_Angeles")
    own = replace(_of_account(metric, amount, pacific), source="allowance")
    assert account.limits == (own,)
    assert account.free is True


def test_the_day_is_utc_where_the_providers_is_not_known(load: Load):
    """As decisions 4 say."""
    account = load(_groq(dailyFree=1, quotaUnit="requests")).accounts[0]
    assert account.limits[0].window == Window(
        kind=Kind.CALENDAR, span=86_400, unit="day", zone="UTC"
    )


def test_zero_in_an_older_key_is_not_limited(load: Load):
    """And a daily_free of 0 does not make a paid account free."""
    account = load(
        _groq(
            rpm=0, rph=0, rpd=0, daily_free=0, quota_unit="tokens", model_limits={"m": {"rpm": 0}}
        )
    ).accounts[0]
    assert account.limits == ()
    assert account.model_limits == {"m": ()}
    assert account.free is None


def test_zero_in_our_limits_means_never(load: Load):
    """In either form."""
    short = load(_groq(limits={"rpm": 0})).accounts[0].limits
    line = {"metric": "requests", "amount": 0, "per": "minute"}
    assert short == load(_groq(limits=[line])).accounts[0].limits
    assert short == (_of_account(Metric.REQUESTS, 0, MINUTE),)


def test_the_older_keys_roll_over_the_account(load: Load):
    """`rpm`, `rph` and `rpd` are requests in the last minute, hour and day."""
    limits = load(_groq(rpm=30, rph=900, rpd=14_400)).accounts[0].limits
    assert [(x.metric, x.amount, x.window.label, x.scope) for x in limits] == [
        (Metric.REQUESTS, 30, "rolling:60", Scope.ACCOUNT),
        (Metric.REQUESTS, 900, "rolling:3600", Scope.ACCOUNT),
        (Metric.REQUESTS, 14_400, "rolling:86400", Scope.ACCOUNT),
    ]


def test_model_limits_hold_for_one_model_each(load: Load):
    """Short keys or lines; the model is named as the user wrote it."""
    written = {
        "llama-3.1-8b": {"rpm": 10, "tpd": 1000},
        "x": [{"metric": "tokens", "amount": 0, "per": "day"}],
    }
    limits = load(_groq(modelLimits=written)).accounts[0].model_limits
    assert limits["llama-3.1-8b"] == (
        Limit(metric=Metric.REQUESTS, amount=10, window=MINUTE, scope=Scope.MODEL),
        Limit(metric=Metric.TOTAL, amount=1000, window=DAY, scope=Scope.MODEL),
    )
    assert limits["x"][0].amount == 0


def test_short_keys_name_metric_and_window(load: Load):
    """Requests, tokens, input and output tokens; seconds to days; places at once."""
    limits = load(_groq(limits={"rps": 1, "tpm": 2, "itph": 3, "otpd": 4, "concurrent": 5}))
    assert [(x.metric, x.amount, x.window.span) for x in limits.accounts[0].limits] == [
        (Metric.REQUESTS, 1, 1), (Metric.TOTAL, 2, 60), (Metric.INPUT, 3, 3600),
        (Metric.OUTPUT, 4, 86_400), (Metric.CONCURRENT, 5, 0),
    ]  # fmt: skip


def test_a_line_may_say_everything(load: Load):
    """Every field of a limit that is the user's to say."""
    line = {
        "metric": "units", "amount": 10_000, "per": "bucket 24h", "scope": "pool", "pool": "org",
        "countedAt": "answered", "countsRefused": False, "precharge": True,
        "burst": 50, "rate": 2.5,
    }  # fmt: skip
    assert load(_groq(limits=[line])).accounts[0].limits == (
        Limit(
            metric=Metric.UNITS,
            amount=10_000,
            window=Window(kind=Kind.BUCKET, span=86_400, burst=50),
            scope=Scope.POOL,
            counted_at="answered",
            counts_refused=False,
            precharge=True,
            rate=2.5,
            pool="org",
        ),
    )


def test_dollars_are_counted_in_nano_dollars(load: Load):
    """Without an error of binary fractions."""
    line = {"metric": "dollars", "amount": 0.29, "per": "month"}
    assert load(_groq(limits=[line])).accounts[0].limits[0].amount == 290_000_000


def test_what_is_under_way_at_once_has_no_window(load: Load):
    """So a line on it says no `per`."""
    line = {"metric": "concurrent", "amount": 4}
    assert load(_groq(limits=[line])).accounts[0].limits == (
        _of_account(Metric.CONCURRENT, 4, Window(kind=Kind.CONCURRENT, span=0)),
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"limits": [{"metric": "requests", "amount": -1, "per": "day"}]}, "[0].amount: must not"),
        ({"limits": [{"metric": "request", "amount": 1, "per": "day"}]}, "mean 'requests'"),
        ({"limits": [{"metric": "requests", "amount": 1.5, "per": "day"}]}, "a whole number"),
        ({"limits": [{"metric": "requests", "amount": 1}]}, "limits[0].per: is missing"),
        ({"limits": [{"metric": "units", "amount": 1, "per": "day", "rate": 0}]}, "more than 0"),
        ({"limits": [{"metric": "requests", "per": "day"}]}, "limits[0].amount: is missing"),
        ({"limits": [{"metric": "requests", "amount": 2**60, "per": "day"}]}, "must be at most"),
        ({"limits": [{"metric": "dollars", "amount": 1e8, "per": "day"}]}, "9,007,199 dollars"),
        ({"limits": [{"metric": "concurrent", "amount": 1, "per": "day"}]}, "has no window"),
        (
            {"limits": [{"metric": "requests", "amount": 1, "per": "day", "scope": "pool"}]},
            "scope 'pool' and the pool's name",
        ),
        ({"limits": {"rpmm": 1}}, "accounts[0].limits.rpmm: unknown key; did you mean 'rpm'?"),
        ({"limits": {"rpm": -1}}, "accounts[0].limits.rpm: must not be negative"),
        ({"limits": {"rpm": True}}, "accounts[0].limits.rpm: must be a number"),
        ({"limits": 30}, "must be a list of limits, or short keys"),
        ({"limits": {"rpm": 1}, "rpm": 2}, "requests per rolling:60 is given twice"),
        ({"modelLimits": {"m": {"rpm": -3}}}, "modelLimits.m.rpm: must not be negative"),
        ({"modelLimits": {"m": 3}}, "modelLimits.m: must be a list"),
        ({"daily_free": 3}, "quota_unit: is missing: requests, tokens or dollars"),
        ({"daily_free": 1.5, "quota_unit": "tokens"}, "daily_free: must be a whole number"),
        ({"daily_free": -1, "quota_unit": "tokens"}, "daily_free: must not be negative"),
    ],
)
def test_limits_that_are_none_are_refused(refusal: Refusal, fields: dict[str, Any], told: str):
    """Negative, half, doubled or nameless, each with its key path."""
    assert told in refusal(_groq(**fields))


COUNTING = {"counted_at", "counts_refused", "precharge", "rate"}
PLACED = {"scope", "pool"}
LINE = {"metric": "tokens", "amount": 5, "per": "minute"}


@pytest.mark.parametrize(
    ("fields", "unsaid"),
    [
        ({"limits": {"tpm": 5}}, {"window"} | COUNTING | PLACED),
        ({"rpm": 5}, COUNTING),  # rolling and over the account, as decisions 4 say
        ({"daily_free": 5, "quota_unit": "tokens"}, COUNTING),
        ({"limits": [LINE]}, COUNTING | PLACED),
        ({"limits": [LINE | {"precharge": False, "scope": "model"}]}, COUNTING - {"precharge"}),
        ({"model_limits": {"m": {"tpm": 5}}}, {"window"} | COUNTING),
        ({"model_limits": {"m": [LINE]}}, COUNTING),
    ],
)
def test_what_a_user_leaves_open_is_noted(load: Load, fields: dict[str, Any], unsaid: set[str]):
    """So that the catalog's facts survive a figure of the user's."""
    account = load(_groq(**fields)).accounts[0]
    (found,) = account.limits or account.model_limits["m"]
    assert found.unsaid == unsaid


@pytest.mark.parametrize("place", ["limits", "model_limits"])
def test_a_figure_for_cerebras_is_still_charged_before_the_answer(place: str):
    """Its limiter takes prompt and `max_tokens` at once, however much an account may."""
    figure: dict[str, Any] = {"tpm": 5000}
    wanted = figure if place == "limits" else {"gpt-oss-120b": figure}
    entry = {"provider": "cerebras", "api_key": "k", place: wanted}
    account = load_mapping({"accounts": [entry]}, {}, catalog=catalog).accounts[0]
    provider = catalog.provider("cerebras")
    model = next(each for each in provider.models if each.id == "gpt-oss-120b")
    key = (Metric.TOTAL, "minute")
    (told,) = (each for each in model.limits if key_of(each) == key)
    (found,) = (e for e in merge(provider, model, account) if key_of(e) == key)
    assert found.precharge
    assert found == replace(told, amount=5000, source="user", as_of=None)
