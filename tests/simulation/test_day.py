"""A day of traffic on the virtual clock, and a judge who sees only the fleet's books."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from freetier import Router
from freetier.errors import RouteError
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from tests.simulation.replay import Place, Replay

HOUR = 3600.0
DAY = 24 * HOUR
REQUESTS = 3000
DEADLINE = 20.0
LIMITS = {
    "alpha": [Limit(6, "minute", "requests", "rolling"), Limit(500, "day", "requests", "rolling")],
    "beta": [Limit(4, "minute", "requests", "rolling"), Limit(450, "day", "requests", "rolling")],
    "gamma": [Limit(3, "minute", "requests", "rolling"), Limit(250, "day", "requests", "rolling")],
    "delta": [Limit(9, "minute", "requests", "rolling"), Limit(900, "day", "requests", "rolling")],
}
ACCOUNTS = {"alpha": 2, "beta": 2, "gamma": 2, "delta": 1}


def _fleet() -> Fleet:
    return Fleet(
        *(
            FakeProvider(
                name,
                "generic",
                accounts=ACCOUNTS[name],
                limits=LIMITS[name],
                latency=(0.1, 1.5),
                seed=n,
            )
            for n, name in enumerate(LIMITS)
        )
    )


def _weather(fleet: Fleet, begin: float) -> None:
    """Outages of hours, spells of rate limits, a wrong key from ten, a model retired at noon."""
    fleet.outage("alpha", begin + 2 * HOUR, begin + 5 * HOUR, faults.Status(500))
    fleet.outage("beta", begin + 4 * HOUR, begin + 6 * HOUR, faults.Unreachable())
    fleet.outage("beta-1", begin + 14 * HOUR, begin + 15 * HOUR, faults.Status(503))
    fleet.outage("gamma", begin + 8 * HOUR, begin + 9 * HOUR, faults.Stall())
    fleet.outage("alpha-2", begin + 9 * HOUR, begin + 9.5 * HOUR, faults.RateLimited(wait=120))
    fleet.outage("gamma-2", begin + 10 * HOUR, begin + 2 * DAY, faults.VendorError("bad_key"))
    fleet.outage("delta", begin + 12 * HOUR, begin + 2 * DAY, faults.VendorError("no_model"))


async def _day(
    router: Router, clock: VirtualClock, begin: float
) -> tuple[Counter[str], list[tuple[float, RouteError]]]:
    """Send the day's requests; more of them in the afternoon."""
    dice = random.Random(11)
    moments = sorted(DAY * dice.betavariate(2, 1.5) for _ in range(REQUESTS))
    served: Counter[str] = Counter()
    failed: list[tuple[float, RouteError]] = []

    async def one(at: float) -> None:
        await asyncio.sleep(begin + at - clock.now())
        asked_at = clock.now()
        try:
            answer = await router.acomplete(
                "Hello", model="any", deadline=DEADLINE, max_wait=None, timeout=6
            )
            served[answer.report.account or ""] += 1
        except RouteError as error:
            failed.append((asked_at, error))

    await asyncio.gather(*(one(at) for at in moments))
    return served, failed


def test_no_request_of_a_day_fails_while_somebody_could_have_answered_it() -> None:
    """Judged by a replay of the books; and every failure says what stood in the way where."""
    fleet, clock = _fleet(), VirtualClock()
    begin = clock.now()
    _weather(fleet, begin)
    config = fleet.config(limits=True)
    config["aliases"] = [
        {"alias": "any", "models": [{"provider": name, "model": "m"} for name in LIMITS]}
    ]
    router = Router(config, transport=fleet.transport(clock), clock=clock, seed=3)
    served, failed = clock.run(_day(router, clock, begin))

    places = [
        Place.of(name, f"{name}-{n + 1}", LIMITS[name])
        for name in LIMITS
        for n in range(ACCOUNTS[name])
    ]
    replay = Replay(fleet.books.entries)
    print(f"served {dict(served)}; failed {Counter(type(e).__name__ for _, e in failed)}")
    chances = []
    for asked_at, error in failed:
        chance = replay.chance(places, asked_at, asked_at + DEADLINE)
        if chance is not None:
            chances.append(
                f"asked at {asked_at - begin:.1f}: {chance[0]} had room and was well at"
                f" {chance[1] - begin:.1f}; {error}"
            )
    assert not chances, f"{len(chances)} of {len(failed)}: {chances[0]}"
    assert sum(served.values()) + len(failed) == REQUESTS
    for _, error in failed:
        for place in places:
            assert place.account in str(error), error
    assert not [row for row in router.quota_status() if row.reserved]
    refused = fleet.books.refused()
    assert {entry.why for entry in refused} <= {"RateLimited"}  # never by a known limit


def test_the_judge_sees_a_chance_that_was_missed() -> None:
    """The control: an account that nobody asked could have answered; a busy or ill one not."""
    fleet, clock = _fleet(), VirtualClock()
    transport = fleet.transport(clock)
    config = fleet.config(limits=True)
    config["aliases"] = {"any": "gamma/m"}
    router = Router(config, transport=transport, clock=clock)
    for _ in range(6):
        router.complete("Hello", model="any")
    replay = Replay(fleet.books.entries)
    places = [Place.of("gamma", f"gamma-{n}", LIMITS["gamma"]) for n in (1, 2)]
    now = clock.now()
    assert replay.chance(places, now, now + 5) is None
    late = replay.chance(places, now, now + 70)
    assert late is not None
    assert late[1] - now > 50
    idle = Place.of("alpha", "alpha-1", LIMITS["alpha"])
    assert replay.chance([idle], now, now) == ("alpha-1", now)
