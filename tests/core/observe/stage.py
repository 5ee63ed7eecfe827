"""A router on the virtual clock that answers, fails over, waits and gives up."""

from __future__ import annotations

from freetier import QuotaExhausted, Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults

CANARY = "a prompt that nobody else may see"


def staged(clock=None, **parts):
    """Return a router over two accounts, one of which refuses its second call."""
    fleet = Fleet(
        FakeProvider("cerebras", answer="First.", latency=0.25),
        FakeProvider("groq", limits=[Limit(2, "minute")], answer="Second.", latency=0.5),
    )
    clock = clock or VirtualClock()
    config = fleet.config(limits=True)
    day_is_gone = faults.RateLimited(wait=86_400, window="day", amount=1)
    fleet.script("cerebras-1", {2: day_is_gone})  # nothing told the router before
    config["strategy"] = "declared"
    transport = fleet.transport(clock)
    return Router(config, transport=transport, clock=clock, environ={}, **parts)


def played(router):
    """Ask until somebody is out of quota: three answers, one fail-over, one give-up."""
    for _ in range(3):
        router.complete(CANARY, model="gpt-oss-120b", max_wait=0, tags=("job-7",))
    try:
        router.complete(CANARY, model="gpt-oss-120b", max_wait=0)
    except QuotaExhausted:
        return
    raise AssertionError("a fifth answer")
