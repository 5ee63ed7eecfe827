"""A router over a fake fleet on a virtual clock, for tests of what later requests meet."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from freetier import Router
from freetier.errors import RouteError
from freetier.stores import MemoryStore
from freetier.testing import FakeProvider, Fleet, VirtualClock
from freetier.values.reports import RouteEvent


@dataclass(kw_only=True)
class Stage:
    """Accounts by provider, one alias `any` over all of them in declared order."""

    providers: dict[str, int] = field(default_factory=lambda: {"alpha": 1, "beta": 1})
    fields: dict[str, Any] = field(default_factory=dict)
    fake: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Set it up."""
        fakes = [
            FakeProvider(name, "generic", accounts=count, **self.fake)
            for name, count in self.providers.items()
        ]
        self.fleet, self.clock = Fleet(*fakes), VirtualClock()
        self.transport = self.fleet.transport(self.clock)
        self.store = MemoryStore(self.clock)
        self.told: list[RouteEvent] = []
        self.router = self.another()

    def another(self, through: Any = None, **fields: Any) -> Router:
        """Return a router over the same store, as another process would have one."""
        config = self.fleet.config(limits=True)
        config["strategy"] = "declared"
        config["aliases"] = [
            {"alias": "any", "models": [{"provider": n, "model": "m"} for n in self.providers]}
        ]
        config |= self.fields | fields
        return Router(
            config,
            transport=through or self.transport,
            clock=self.clock,
            store=self.store,
            seed=7,
            listeners=[self.told.append],
        )

    def ask(self, router: Router | None = None, **more: Any) -> str:
        """Return who answered, or the name of the error."""
        try:
            return (router or self.router).complete("Hello", model="any", **more).report.account
        except RouteError as error:
            return type(error).__name__

    def timed(self, **more: Any) -> tuple[str | None, float]:
        """Return who answered a task, and after how many seconds."""

        async def one() -> tuple[str | None, float]:
            began = self.clock.monotonic()
            answer = await self.router.acomplete("Hello", model="any", **more)
            return answer.report.account, self.clock.monotonic() - began

        return self.clock.run(one())

    def leaves(self, after: float, **more: Any) -> None:
        """Let a task ask, and walk away after so many seconds."""

        async def one() -> None:
            call = asyncio.create_task(self.router.acomplete("Hello", model="any", **more))
            await asyncio.sleep(after)
            call.cancel()
            await asyncio.wait([call])

        self.clock.run(one())

    def calls(self, account: str) -> list[float]:
        """Return when an account was called, in seconds since the clock began."""
        began = self.clock.now() - self.clock.monotonic()
        return [round(e.at - began, 3) for e in self.fleet.books.entries if e.account == account]

    def kinds(self, *wanted: str) -> list[tuple[str, float | None]]:
        """Return the events of some kinds, with their seconds."""
        return [(e.kind, e.seconds) for e in self.told if e.kind in wanted]
