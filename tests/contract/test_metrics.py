"""Limits in units that few providers count in, from configuration to `quota_status()`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freetier import QuotaExhausted, Router
from freetier.testing import VirtualClock
from freetier.values.quota import Metric
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts

PROMPT, CACHED, SAID = 40, 25, 7
DIMENSIONS = 4


class Once:
    """A body that comes in one piece."""

    def __init__(self, said: object) -> None:
        self._pieces = [json.dumps(said).encode()]

    def read(self, timeout: float | None) -> bytes | Broken:
        """Return it, then nothing."""
        del timeout
        return self._pieces.pop() if self._pieces else b""

    def close(self) -> None:
        """Nothing is held."""


class Told:
    """A provider whose answers all have the same usage."""

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Answer a chat or an embedding."""
        del timeouts
        asked = json.loads(request.body)
        usage = {
            "prompt_tokens": PROMPT,
            "completion_tokens": 0 if "input" in asked else SAID,
            "prompt_tokens_details": {"cached_tokens": CACHED},
        }
        said: dict[str, Any] = {"model": "m", "usage": usage}
        if "input" in asked:
            vector = [1.0] + [0.0] * (DIMENSIONS - 1)
            rows = range(len(asked["input"]))
            said["data"] = [{"index": n, "embedding": vector} for n in rows]
        else:
            message = {"role": "assistant", "content": "So it is."}
            said["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return Answer(status=200, headers=(("content-type", "application/json"),), body=Once(said))

    def close(self) -> None:
        """Nothing is held."""


def _router(**limit: Any) -> Router:
    vectors = {"id": "v", "dimensions": DIMENSIONS, "normalised": True}
    own = {"provider": "own", "base_url": "http://127.0.0.1:9/v1", "models": [{"id": "m"}, vectors]}
    config = {"accounts": [{**own, "limits": [{"per": "day", **limit}]}]}
    return Router(config, transport=Told(), clock=VirtualClock())


def _used(router: Router) -> int:
    (row,) = router.quota_status()[:1]
    assert row.reserved == 0
    return row.used


@pytest.mark.parametrize(
    ("metric", "rate", "each"),
    [
        (Metric.UNITS, 0.1, 5),  # 47 tokens: 4.7 units, rounded up
        (Metric.UNITS, 3, 141),
        (Metric.UNITS, 1, 47),
        (Metric.UNCACHED, 1, PROMPT - CACHED),
        (Metric.INPUT, 1, PROMPT),
        (Metric.OUTPUT, 1, SAID),
        (Metric.TOTAL, 1, PROMPT + SAID),
    ],
)
def test_an_answer_takes_its_part_of_a_limit(metric: Metric, rate: float, each: int) -> None:
    """What the provider reports is used, in the limit's own unit, whatever was estimated."""
    more = {"rate": rate} if metric is Metric.UNITS else {}
    router = _router(metric=metric.value, amount=100_000, **more)
    for n in range(1, 4):
        router.complete("Hello", model="own/m", max_tokens=20, max_wait=0)
        assert _used(router) == n * each


@pytest.mark.parametrize("rate", [0.1, 3.0])
def test_units_are_spent_to_the_last_request_that_fits(rate: float) -> None:
    """What is used at the end leaves no room for one more, and never passes the limit."""
    amount = round(400 * rate)
    router = _router(metric="units", amount=amount, rate=rate)

    def spend() -> None:
        for _ in range(99):
            router.complete("Hello", model="own/m", max_tokens=20, max_wait=0)

    with pytest.raises(QuotaExhausted):
        spend()
    assert amount - 60 * rate <= _used(router) <= amount


def test_texts_are_counted_one_by_one() -> None:
    """A limit of embedding inputs holds for texts, not for calls; what does not fit is denied."""
    router = _router(metric="inputs", amount=10)
    router.embed(["a", "b", "c", "d"], model="own/v", max_wait=0)
    assert _used(router) == 4
    router.complete("Hello", model="own/m", max_wait=0)
    assert _used(router) == 4
    with pytest.raises(QuotaExhausted):
        router.embed(["a"] * 7, model="own/v", max_wait=0)
    router.embed(["a"] * 6, model="own/v", max_wait=0)
    assert _used(router) == 10


def test_texts_take_units_and_input_tokens() -> None:
    """An embedding has no output; its provider counts what it read."""
    router = _router(metric="units", amount=1000, rate=0.5)
    router.embed(["a", "b"], model="own/v", max_wait=0)
    assert _used(router) == PROMPT // 2


@pytest.mark.parametrize(
    ("limit", "large"),
    [
        ({"metric": "units", "amount": 20, "rate": 0.05}, 330),
        ({"metric": "output_tokens", "amount": 100}, 95),
        ({"metric": "total_tokens", "amount": 600}, 540),
        ({"metric": "uncached_tokens", "amount": 70}, None),
        ({"metric": "input_tokens", "amount": 85}, None),
    ],
)
def test_a_small_request_goes_where_a_large_one_did_not_fit(
    limit: dict[str, Any], large: int | None
) -> None:
    """In whatever unit the window counts; the small one has all that is left."""
    router = _router(**limit)
    router.complete("Hello", model="own/m", max_tokens=20, max_wait=0)
    before = _used(router)
    words, bound = ("Hello", large) if large else ("It is cold in the north. " * 3, 20)
    with pytest.raises(QuotaExhausted):
        router.complete(words, model="own/m", max_tokens=bound, max_wait=0)
    router.complete("Hello", model="own/m", max_tokens=20, max_wait=0)
    assert _used(router) == 2 * before
