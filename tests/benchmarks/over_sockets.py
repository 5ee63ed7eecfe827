"""A scenario over real HTTP on loopback and in real time: the same fleet, callers and router."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

from freetier import QuotaExhausted, RouteError, Router
from freetier.testing.simulation import Scenario
from freetier.testing.simulation.fleet import config_of, fleet_of, prompt
from freetier.testing.simulation.traffic import Caller, callers
from tests.benchmarks.harvest import best


def over_sockets(scenario: Scenario, seed: int) -> dict[str, Any]:
    """Run a scenario over sockets and return its figures, with the wall time it took."""
    scenario = replace(scenario, start=time.time())
    return asyncio.run(_run(scenario, seed))


async def _run(scenario: Scenario, seed: int) -> dict[str, Any]:
    fleet = fleet_of(scenario, seed)
    async with fleet, Router(config_of(scenario, fleet), seed=seed) as router:
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        first = loop.time()

        async def one(caller: Caller) -> str:
            await asyncio.sleep(first + caller.at - loop.time())
            text = prompt(caller.prompt, caller.output)
            try:
                await router.acomplete(text, max_wait=caller.patience, max_tokens=caller.max_tokens)
            except QuotaExhausted:
                return "told_no"
            except RouteError:
                return "failed"
            return "served"

        coming = callers(scenario.traffic, scenario.seconds, seed)
        ends = await asyncio.gather(*(one(caller) for caller in coming))
        wall = time.monotonic() - began
    refused, calls = len(fleet.books.refused()), len(fleet.books)
    most = best(scenario, seed)
    return {
        "scenario": scenario.name,
        "seed": seed,
        "offered": len(ends),
        **{name: ends.count(name) for name in ("served", "told_no", "failed")},
        "calls": calls,
        "refused": refused,
        "optimum_in_all": most.served(),
        "served_of_optimum_in_all": ends.count("served") / most.served(),
        "wall_seconds": wall,
    }
