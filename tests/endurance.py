"""Endurance: `make endurance` runs a real hour over sockets, the test suite a virtual week.

Twenty accounts at five providers, one store file. The run is cut into phases: each begins
with a new router from a configuration file that was changed (a reload), has an outage of one
provider in its middle, and ends with the router closed (a restart). At every sample memory,
file handles, tasks, sockets and the size of the store are taken down; they must stay flat.
After each phase the router's quota must equal the fleet's own books.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from freetier import Router
from freetier.errors import FreetierError, QuotaExhausted
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.reports import RouteEvent
from tests.chaos import held, sockets

PROVIDERS = ("alpha", "beta", "gamma", "delta", "epsilon")
ACCOUNTS = 4
DAY = 86_400.0
MINUTE = Limit(30, "minute", "requests", "rolling")
DAILY = Limit(100_000, "day", "requests", "calendar")
TOKENS = Limit(100_000_000, "day", "total_tokens", "calendar")
RELOADED = (30, 25)
"""Requests a minute in the configuration, in turns; never more than the fleet gives."""

BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long everything takes, in seconds of the clock it runs on.

    Attributes:
        lasts: The whole run.
        phase: From one restart to the next.
        sample: Between two samples.
        rate: Requests a second.
        leaves: The share of streams that are left in the middle.
    """

    lasts: float
    phase: float
    sample: float
    rate: float
    leaves: float = 0.0


REAL_HOUR = Pace(lasts=3600, phase=240, sample=15, rate=6.0, leaves=0.1)
VIRTUAL_WEEK = Pace(lasts=7 * DAY, phase=4 * 3600, sample=3600, rate=1 / 150)


@dataclass(frozen=True)
class Sample:
    """What the process held at one instant."""

    resident: int
    objects: int
    handles: int
    tasks: int
    sockets: int
    store: int


ALLOWED = {  # growth from the second quarter to the last: a share and an amount
    "resident": (0.05, 4_000_000),
    "objects": (0.05, 5_000),
    "handles": (0.10, 6),
    "tasks": (0.25, 8),
    "sockets": (0.10, 6),
    "store": (0.10, 120_000),
}


@dataclass(kw_only=True)
class Found:
    """What came of a run.

    Attributes:
        outcomes: Of the requests.
        samples: In order.
        refused: Calls that a provider's limit refused.
        phases: How many there were.
        wrong: Where the router's quota and the fleet's books differ, in words.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    refused: int = 0
    phases: int = 0
    compared: int = 0
    wrong: list[str] = field(default_factory=list)

    def grown(self) -> list[str]:
        """Return what did not stay flat, in words."""
        quarter = len(self.samples) // 4
        if not quarter:
            return ["too few samples"]
        words = []
        for name, (share, amount) in ALLOWED.items():
            values = [getattr(sample, name) for sample in self.samples]
            before, after = median(values[quarter : 2 * quarter]), median(values[-quarter:])
            if after > before * (1 + share) + amount:
                words.append(f"{name} grew from {before:,.0f} to {after:,.0f}")
        return words

    def __str__(self) -> str:
        outcomes = ", ".join(f"{count} {what}" for what, count in self.outcomes.most_common())
        head = (
            f"{sum(self.outcomes.values())} requests in {self.phases} phases: {outcomes}; "
            f"{self.refused} x 429; {self.compared} counters compared with the fleet's books, "
            f"{len(self.wrong)} differ"
        )
        curves = [self._curve(name) for name in ALLOWED]
        return "\n".join([head, *curves, *self.wrong, *self.grown()])

    def _curve(self, name: str) -> str:
        values = [getattr(sample, name) for sample in self.samples]
        step = max(1, len(values) // 64)
        thin = [max(values[n : n + step]) for n in range(0, len(values), step)]
        low, high = min(values), max(values)
        scale = (len(BARS) - 1) / max(1, high)
        drawn = "".join(BARS[int(value * scale)] for value in thin)
        return f"{name:>9} {drawn} {low:,} to {high:,}, {values[-1]:,} at the end"


class Endurance:
    """One run.

    Args:
        fleet: Twenty accounts.
        pace: How long everything takes.
        folder: For the store and the configuration.
        clock: Virtual, or `None` over real sockets.
        now: Seconds since 1970 UTC.
    """

    def __init__(self, fleet: Fleet, pace: Pace, folder: Path, clock: VirtualClock | None) -> None:
        self.found = Found()
        self._fleet = fleet
        self._pace = pace
        self._folder = folder
        self._clock = clock
        self._dice = random.Random(1)
        self._counts: Counter[tuple[int, str, str]] = Counter()
        self._unknown: Counter[tuple[int, str]] = Counter()
        self._moment: Callable[[], float] = clock.now if clock else _wall

    async def run(self) -> Found:
        """Run every phase."""
        end = self._moment() + self._pace.lasts
        while self._moment() < end - 1:
            await self._phase(min(end, self._phase_end()))
            self.found.phases += 1
            if (rest := DAY - self._moment() % DAY) < 2:  # a phase is over shortly before it
                await asyncio.sleep(rest)
        return self.found

    def _phase_end(self) -> float:
        """Return when the phase ends; never across midnight, so that a day's books are one."""
        now = self._moment()
        midnight = (now // DAY + 1) * DAY
        return midnight if midnight - now < 1.5 * self._pace.phase else now + self._pace.phase

    async def _phase(self, end: float) -> None:
        path = self._configured()
        parts: dict[str, Any] = {}
        if self._clock is not None:
            parts = {"clock": self._clock, "transport": self._fleet.transport(self._clock)}
        with ExitStack() as outage:
            async with Router(path, seed=self.found.phases, **parts) as router:
                router.listen(self._hear)
                await self._load(router, end, outage)
                self._compare(router)

    def _configured(self) -> Path:
        """Write a configuration that differs from the last one in every account's limit."""
        config = self._fleet.config(limits=True)
        rpm = RELOADED[self.found.phases % len(RELOADED)]
        for account in config["accounts"]:
            account["limits"] = [
                {**limit, "amount": rpm} if limit["amount"] == MINUTE.amount else limit
                for limit in account["limits"]
            ]
        models = [{"provider": name, "model": "m"} for name in PROVIDERS]
        config["aliases"] = [{"alias": "any", "models": models}]
        config["strategy"] = ("free-first", "least-used", "harvest")[self.found.phases % 3]
        config["store"] = f"sqlite:///{self._folder / 'quota.db'}"
        path = self._folder / "freetier.yaml"
        path.write_text(yaml.safe_dump(config), "utf-8")
        path.chmod(0o600)
        return path

    async def _load(self, router: Router, end: float, outage: ExitStack) -> None:
        pace, began = self._pace, self._moment()
        tasks: set[asyncio.Task[None]] = set()
        sampled, sent = began, 0
        dark = self._dice.choice(PROVIDERS)
        is_dark = False
        while self._moment() < end - 0.5:
            now = self._moment()
            share = (now - began) / max(1.0, end - began)
            if 0.4 < share < 0.6 and not is_dark:
                is_dark = True
                self._darken(dark, outage, end - now)
            elif share >= 0.6 and is_dark:
                is_dark = False
                outage.close()
            if now - sampled >= pace.sample:
                sampled = now
                self._sample()
            tasks.add(task := asyncio.create_task(self._one(router)))
            task.add_done_callback(tasks.discard)
            sent += 1
            await asyncio.sleep(max(0.0, min(began + sent / pace.rate, end - 0.4) - self._moment()))
        await asyncio.gather(*tasks)

    def _darken(self, name: str, outage: ExitStack, seconds: float) -> None:
        if self._clock is None:
            outage.enter_context(self._fleet.down(name))
        else:
            now = self._clock.now()
            self._fleet.outage(name, now, now + seconds / 3, faults.Status(503))

    async def _one(self, router: Router) -> None:
        dice = self._dice.random()
        given = {"model": "any", "max_tokens": 40, "max_wait": 5}
        try:
            if dice < 0.3:
                await self._streamed(router, given)
            else:
                await router.acomplete("Hello there, how are you?", **given)
            self.found.outcomes["answered"] += 1
        except QuotaExhausted:
            self.found.outcomes["told when"] += 1
        except FreetierError as error:
            self.found.outcomes[type(error).__name__] += 1

    async def _streamed(self, router: Router, given: dict[str, Any]) -> None:
        leaves = self._dice.random() < self._pace.leaves
        async with router.astream("Hello there, how are you?", **given) as stream:
            async for _ in stream:
                if leaves:
                    break

    def _sample(self) -> None:
        memory = held()
        handles = Path("/proc/self/fd")
        self.found.samples.append(
            Sample(
                resident=memory.resident,
                objects=memory.objects,
                handles=len(list(handles.iterdir())) if handles.is_dir() else 0,
                tasks=len(asyncio.all_tasks()),
                sockets=sockets(),
                store=(self._folder / "quota.db").stat().st_size,  # its log is bounded by SQLite
            )
        )

    def _hear(self, event: RouteEvent) -> None:
        """Count attempts that broke off under way: nobody knows whether they were counted."""
        attempt = event.attempt
        if event.kind == "attempt" and attempt is not None and attempt.fault is not None:
            self._unknown[int(self._moment() // DAY), attempt.account] += not attempt.status

    def _compare(self, router: Router) -> None:
        """Hold the router's day windows against the fleet's books of that day.

        A request that was cut on its way may or may not have been counted; the router holds
        that it was. So it may count more by those, and never less.
        """
        day = int(self._moment() // DAY)
        for entry in self._fleet.books.entries:
            if entry.verdict == "admitted":
                key = int(entry.at // DAY), entry.account
                self._counts[*key, "requests"] += 1
                self._counts[*key, "total_tokens"] += entry.input_tokens + entry.output_tokens
            self.found.refused += entry.verdict == "refused"
        self._fleet.books.clear()
        for row in router.quota_status():
            if not row.window.startswith("day") or (self._pace.leaves and row.metric != "requests"):
                continue  # of a stream that was left nobody told the router the tokens
            self.found.compared += 1
            booked = self._counts[day, row.account, row.metric]
            unknown = self._unknown[day, row.account] if self._clock is None else 0
            if not booked <= row.used <= booked + unknown or row.reserved:
                self.found.wrong.append(
                    f"phase {self.found.phases}: {row.account} {row.metric}: the router counts "
                    f"{row.used} and {row.reserved} reserved, the fleet {booked}, "
                    f"{unknown} were cut on their way"
                )
        for key in [key for key in self._counts if key[0] < day]:
            del self._counts[key]


def _wall() -> float:
    import time

    return time.time()


def _fleet(clock: VirtualClock | None) -> Fleet:
    fakes = [
        FakeProvider(
            name,
            "generic",
            accounts=ACCOUNTS,
            limits=[MINUTE, DAILY, TOKENS],
            latency=(0.01, 0.3),
            answer="I am fine, thank you for asking.",
        )
        for name in PROVIDERS
    ]
    return Fleet(*fakes) if clock is None else Fleet(*fakes, clock=clock)


def virtual(pace: Pace = VIRTUAL_WEEK) -> Found:
    """Run on a virtual clock."""
    clock = VirtualClock()
    with tempfile.TemporaryDirectory() as folder:
        run = Endurance(_fleet(clock), pace, Path(folder), clock)
        return clock.run(run.run())


def real(pace: Pace = REAL_HOUR) -> Found:
    """Run over sockets."""
    with tempfile.TemporaryDirectory() as folder, _fleet(None) as fleet:
        return asyncio.run(Endurance(fleet, pace, Path(folder), None).run())


def main() -> None:
    """Run an hour over sockets, or as long as is said; leave with 1 if anything grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--virtual", action="store_true", help="a virtual week instead")
    given = parser.parse_args()
    seconds = given.minutes * 60
    pace = Pace(
        lasts=seconds,
        phase=min(REAL_HOUR.phase, seconds / 4),
        sample=min(REAL_HOUR.sample, seconds / 40),
        rate=REAL_HOUR.rate,
        leaves=REAL_HOUR.leaves,
    )
    found = virtual() if given.virtual else real(pace)
    print(found)
    sys.exit(bool(found.grown() or found.wrong or found.refused))


if __name__ == "__main__":
    main()
