"""What a fleet writes as configuration, the router's own configuration reads."""

from __future__ import annotations

import pytest

from freetier.config import load_mapping
from freetier.testing import FakeAccount, FakeModel, FakeProvider, Fleet, Limit
from freetier.testing.entries import window_text

LIMITS = (
    Limit(30, counts_refused=True),
    Limit(1000, "day", kind="bucket", burst=50),
    Limit(8000, metric="total_tokens", kind="bucket"),
    Limit(9000, "hour", metric="input_tokens", charge="end"),
    Limit(5, metric="concurrent"),
    Limit(50, "day", kind="calendar", zone="Europe/Oslo"),
    Limit(7, 20, kind="counter"),
    Limit(3, 2.5, kind="pace", burst=2),
    Limit(9, "minute", kind="first"),
    Limit(9, "hour", kind="fixed"),
    Limit(6, "hour", scope="model"),
    Limit(100, "hour", scope="pool"),
    Limit(4, "minute", models=("small",)),
)


def test_every_limit_arrives_as_it_is_enforced() -> None:
    """Metric, amount, kind, length, scope, burst and charge, read back from the router's values."""
    provider = FakeProvider("mine", accounts=[FakeAccount(label="a", pool="team")], limits=LIMITS)
    setup = load_mapping(Fleet(provider).config(limits=True), {})
    (account,) = setup.accounts
    read = [*account.limits, *account.model_limits["small"]]
    assert account.pool == "team"
    for written, limit in zip(LIMITS, read, strict=True):
        assert (limit.metric, limit.amount, limit.scope) == (
            written.metric,
            written.amount,
            written.scope,
        )
        assert limit.counts_refused == written.counts_refused
        if written.metric == "concurrent":
            continue
        assert (limit.window.kind, limit.window.span) == (written.kind, written.span)
        assert limit.precharge == (
            written.metric.endswith("tokens") and written.charge == "reserve"
        )
        if limit.window.burst is not None:
            assert limit.window.burst == written.capacity


def test_models_of_a_provider_of_ones_own_bring_their_facts() -> None:
    """Context and dimensions; a vendor's models are in the catalog."""
    models = ["plain", FakeModel("long", context=9000), FakeModel("vectors", dimensions=8)]
    own = Fleet(FakeProvider("mine", models=models)).config()["accounts"][0]["models"]
    assert own == [
        "plain",
        {"id": "long", "context": 9000},
        {"id": "vectors", "dimensions": 8, "normalised": True},
    ]
    vendor = Fleet(FakeProvider("groq", models=models)).config()["accounts"][0]["models"]
    assert vendor == ["plain", "long", "vectors"]


@pytest.mark.parametrize(
    "limit", [Limit(1, kind="fixed", phase=5), Limit(1, models=("small", "large"))]
)
def test_what_no_configuration_can_say_is_an_error(limit: Limit) -> None:
    """A phase, or a limit over several models together."""
    with pytest.raises(ValueError, match="no configuration"):
        Fleet(FakeProvider("mine", limits=[limit])).config(limits=True)


def test_windows_in_words() -> None:
    """As people write them."""
    assert window_text(Limit(1, "month", kind="calendar")) == "month@UTC"
    assert window_text(Limit(1, 0.5)) == "rolling 0.5s"
