"""Everything that is not an account, a provider or an alias."""

from __future__ import annotations

import math
from typing import Any

import pytest

from freetier.config.settings import STRATEGIES
from freetier.routing.strategies import STRATEGIES as ROUTING_STRATEGIES
from freetier.values.options import Budgets
from freetier.values.setup import Backoff, Setup
from tests.core.config.conftest import Load, Refusal

ONE = {"accounts": [{"provider": "groq", "api_key": "k"}]}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, Budgets()),
        ({"timeoutMs": 30_000}, Budgets(attempt=30)),
        ({"timeoutMs": 0}, Budgets(attempt=None)),
        ({"attempt_timeout": "2m"}, Budgets(attempt=120)),
        ({"attempt_timeout": "60s", "timeout_ms": 5}, Budgets(attempt=60)),
        ({"timeouts": {"attempt": 9}, "attempt_timeout": "60s"}, Budgets(attempt=9)),
        (
            {"timeouts": {"connect": "500ms", "firstContent": 0, "idle": None}},
            Budgets(connect=0.5, first_content=None, idle=None),
        ),
        ({"deadline": "5m"}, Budgets(deadline=300)),
        ({"deadline": 0}, Budgets(deadline=None)),
        ({"max_wait": 0}, Budgets(max_wait=0)),
        ({"maxWait": None}, Budgets(max_wait=None)),
        ({"attempts": 3}, Budgets(attempts=3)),
        ({"attempts": 0}, Budgets(attempts=None)),
        ({"retry": {"maxRetries": 2}}, Budgets(attempts=3)),
        ({"retry": {"max_retries": 0}}, Budgets(attempts=1)),
        ({"retry": {"maxRetries": 2}, "attempts": 7}, Budgets(attempts=7)),
    ],
)
def test_budgets_in_either_systems_words(load: Load, written: dict[str, Any], expected: Budgets):
    """0 means none; where both are written, ours win."""
    assert load(ONE | written).budgets == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"retry": {"initialBackoffMs": 500, "maxBackoffMs": 9000, "backoffMultiplier": 3}},
            Backoff(initial=0.5, maximum=9, multiplier=3),
        ),
        ({"retry": {"maxBackoffMs": 0, "backoffMultiplier": 0}}, Backoff(maximum=math.inf)),
        (
            {"backoff": {"initial": "250ms", "maximum": 4, "multiplier": 1.5}},
            Backoff(initial=0.25, maximum=4, multiplier=1.5),
        ),
        ({"backoff": {"initial": 2}}, Backoff(initial=2)),
    ],
)
def test_pauses_between_retries(load: Load, written: dict[str, Any], expected: Backoff):
    """In milliseconds there, in lengths of time here."""
    assert load(ONE | written).backoff == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"stateStore": {"type": "memory"}}, "memory"),
        ({"stateStore": {"type": "file", "path": "/var/lib/s/state.json"}},
         "sqlite:////var/lib/s/state.sqlite"),
        ({"stateStore": {"type": "file"}}, "sqlite:///state.sqlite"),
        ({"stateStore": {"type": "redis", "url": "redis://h:1/0", "prefix": "x"}}, "redis://h:1/0"),
        ({"store": "sqlite:///quota.db", "stateStore": {"type": "memory"}}, "sqlite:///quota.db"),
        ({"store": "memory"}, "memory"),
    ],
)  # fmt: skip
def test_stores_in_either_systems_words(load: Load, written: dict[str, Any], expected: str):
    """A JSON file becomes a SQLite file beside it."""
    assert load(ONE | written).store == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, "free-first"),
        ({"strategy": "least-used"}, "least-used"),
        ({"strategy": "Round_Robin"}, "round-robin"),
        ({"providers": [{"type": "groq", "apiKey": "k"}]}, "priority"),
        ({"providers": [{"type": "groq", "apiKey": "k"}], "strategy": "declared"}, "declared"),
    ],
)
def test_the_strategy_follows_the_shape(load: Load, written: dict[str, Any], expected: str):
    """The older JSON shape means `priority` unless it says otherwise."""
    fields = written if "providers" in written else ONE | written
    assert load(fields).strategy == expected


def test_every_strategy_of_the_router_has_a_name_here():
    """The two layers do not import each other, so this test does."""
    assert set(STRATEGIES) == set(ROUTING_STRATEGIES)


def test_plain_settings_arrive(load: Load):
    """Each under its own name."""
    written: dict[str, Any] = {
        "allowPaid": True, "allow_training": False, "onStoreFailure": "memory",
        "queue": "newest-first", "maxWaiters": 7, "strict_profile": True,
        "onStreamBreak": "continue", "fetchMedia": True,
    }  # fmt: skip
    setup = load(ONE | written)
    assert setup.allow_paid
    assert not setup.allow_training
    assert (setup.on_store_failure, setup.queue, setup.max_waiters) == ("memory", "newest-first", 7)
    assert setup.strict_profile
    assert setup.on_stream_break == "continue"
    assert setup.fetch_media


@pytest.mark.parametrize(
    ("written", "expected"),
    [(True, True), (False, False), ("800ms", 0.8), (2, 2.0), (0, False), (None, False)],
)
def test_hedging_is_learned_or_a_length_of_time(load: Load, written: object, expected: object):
    """Off unless it is asked for."""
    found = load(ONE | {"hedge": written}).hedge
    assert (found, type(found)) == (expected, type(expected))


def test_without_settings_the_defaults_hold(load: Load):
    """They stand in `Setup` and nowhere else."""
    setup, default = load(ONE), Setup()
    names = ("allow_paid", "allow_training", "store", "queue", "max_waiters", "backoff", "budgets")
    assert all(getattr(setup, name) == getattr(default, name) for name in names)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"throwOnExhausted": False}, "throwOnExhausted does nothing"),
        ({"debug": True}, "debug does nothing"),
        ({"stateStore": {"type": "file", "path": "s.json"}}, "the JSON file is not read"),
        ({"stateStore": {"type": "redis", "url": "redis://h", "prefix": "x"}}, "prefix"),
    ],
)
def test_older_keys_that_do_nothing_warn(load: Load, written: dict[str, Any], told: str):
    """They are accepted, and said to be idle."""
    assert any(told in warning for warning in load(ONE | written).warnings)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"strategy": "leastused"}, "unknown strategy 'leastused'; did you mean 'least-used'?"),
        ({"strategy": "zzz"}, "there are cost-first, declared"),
        ({"store": "redis"}, "store: must be memory"),
        ({"store": "mysql://h"}, "store: must be memory"),
        ({"stateStore": {"type": "redis"}}, "stateStore.url: is missing"),
        ({"stateStore": {"type": "fil"}}, "did you mean 'file'?"),
        ({"timeouts": {"attemp": 1}}, "timeouts.attemp: unknown key; did you mean 'attempt'?"),
        ({"timeouts": {"attempt": "x"}}, "timeouts.attempt: must be a length"),
        ({"deadline": -1}, "deadline: must not be negative"),
        ({"retry": {"maxRetries": -1}}, "retry.maxRetries: must not be negative"),
        ({"timeoutMs": -1}, "timeoutMs: must not be negative"),
        ({"maxWaiters": 0}, "maxWaiters: must be at least 1"),
        ({"backoff": {"multiplier": 0.5}}, "backoff.multiplier: must be at least 1"),
        ({"retries": 3}, "retries: unknown key; did you mean 'retry'?"),
    ],
)
def test_settings_that_are_none_are_refused(refusal: Refusal, written: dict[str, Any], told: str):
    """With key path and nearest right word."""
    assert told in refusal(ONE | written)
