"""What providers tell in their headers, with somebody else at the same account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from freetier import QuotaExhausted, Router
from freetier.stores import MemoryStore
from freetier.testing import FakeAccount, FakeProvider, Fleet, Limit, VirtualClock
from freetier.testing.replies import Incoming
from freetier.values.listing import QuotaRow
from freetier.values.reports import RouteEvent

MODELS = {
    "groq": "openai/gpt-oss-20b",
    "cerebras": "gpt-oss-120b",
    "mistral": "mistral-small-latest",
}
LIMITS = {
    "groq": Limit(61, "day", "requests", "bucket", "model"),
    "cerebras": Limit(31, "minute", "requests", "bucket", "model"),
    "mistral": Limit(31, "minute", "requests", "bucket"),
}
ASKED: dict[str, Any] = {"max_wait": 0, "max_tokens": 16}


class Scene:
    """One fake vendor, our router that believes the catalogue, and a stranger with our key."""

    def __init__(
        self,
        vendor: str,
        there: Sequence[Limit],
        *,
        accounts: int | Sequence[FakeAccount] = 1,
        latency: float | Callable[[], float] = 0.1,
        store: str | None = None,
        **more: Any,
    ) -> None:
        self.vendor, self.model = vendor, MODELS[vendor]
        self.name = f"{vendor}/{self.model}"
        fake = FakeProvider(
            vendor, accounts=accounts, models=[self.model], limits=there, latency=latency
        )
        self.fleet, self.clock = Fleet(fake), VirtualClock()
        self.store = store or MemoryStore(self.clock)
        self.more = more
        self.router = self.opened()

    def opened(self, **fields: Any) -> Router:
        """Return one more router over the same accounts and store."""
        config = self.fleet.config()
        for account in config["accounts"]:
            account.pop("pool", None)  # nobody told us
            account.update(self.more)
        transport = self.fleet.transport(self.clock)
        fields.setdefault("store", self.store)
        return Router(config, transport=transport, clock=self.clock, seed=3, **fields)

    def stranger(self, times: int, account: str | None = None) -> None:
        """Somebody else uses the account, past our router."""
        provider = self.fleet.providers[self.vendor]
        key = self.fleet.key(account or f"{self.vendor}-1")
        body = {"model": self.model, "messages": [{"role": "user", "content": "Hi"}]}
        asked = Incoming(
            method="POST",
            path=provider.form.base_path + "/chat/completions",
            headers={"authorization": f"Bearer {key}", "content-type": "application/json"},
            body=json.dumps({**body, "max_tokens": 4}).encode(),
        )
        for _ in range(times):
            assert provider.reply(asked, self.clock.now()).status == 200

    def ask(self, times: int = 1, router: Router | None = None) -> int:
        """Ask so often, or until we are told no; return how often we were answered."""
        for n in range(times):
            try:
                (router or self.router).complete(
                    "Hello", model=f"{self.vendor}/{self.model}", **ASKED
                )
            except QuotaExhausted:
                return n
        return times

    def row(self, window: str, router: Router | None = None) -> QuotaRow:
        """Return the line of requests in a window."""
        rows = (router or self.router).quota_status()
        return next(r for r in rows if r.metric == "requests" and r.window.startswith(window))

    @property
    def refused(self) -> int:
        """How many requests met a 429; the stranger's never do."""
        return len(self.fleet.books.refused())


WINDOW = {"groq": "bucket:86400", "cerebras": "bucket:60", "mistral": "pace:60"}
GAP = {"groq": 2.1, "cerebras": 0.0, "mistral": 2.0}  # seconds, for the other windows' sake


@pytest.mark.parametrize("vendor", sorted(MODELS))
def test_what_a_stranger_used_before_us_is_not_asked_for(vendor: str) -> None:
    """After the first answer we know what is left, and are never refused."""
    scene = Scene(vendor, [LIMITS[vendor]])
    scene.stranger(20)
    asked = 0
    while scene.ask() and asked < 100:
        asked += 1
        scene.clock.advance(GAP[vendor])
    assert not scene.refused


@pytest.mark.parametrize("vendor", ["cerebras", "groq"])
def test_what_a_stranger_left_is_ours_to_the_last(vendor: str) -> None:
    """Of a window that hardly refills meanwhile we take exactly the rest."""
    scene = Scene(vendor, [LIMITS[vendor]])
    scene.stranger(20)
    asked = 0
    while scene.ask():
        asked += 1
        scene.clock.advance(GAP[vendor])
    left = LIMITS[vendor].amount - 20
    assert left <= asked <= left + 1
    assert not scene.refused


@pytest.mark.parametrize("vendor", sorted(MODELS))
def test_a_stranger_who_goes_on_beside_us_costs_no_refusal(vendor: str) -> None:
    """One of his for each of ours: each answer tells anew, and we stop where it ends."""
    scene = Scene(vendor, [LIMITS[vendor]])
    for _ in range((LIMITS[vendor].amount - 1) // 2):
        assert scene.ask()
        scene.stranger(1)
        scene.clock.advance(GAP[vendor])
    assert scene.ask()
    scene.ask(5)
    assert not scene.refused


@pytest.mark.parametrize("vendor", sorted(MODELS))
def test_a_told_limit_is_learned_up_and_down_and_shown_with_its_date(vendor: str) -> None:
    """The row names the header and the day; Cerebras' limit is higher than the catalogue's."""
    scene = Scene(vendor, [LIMITS[vendor]])
    before = scene.row(WINDOW[vendor])
    scene.ask()
    after = scene.row(WINDOW[vendor])
    told = LIMITS[vendor].amount
    assert before.limit != told
    assert before.source != "header"
    assert (after.limit, after.source) == (told, "header")
    assert after.as_of == datetime.fromtimestamp(scene.clock.now(), UTC).date().isoformat()
    assert (after.used, after.reserved) == (1, 0)


def test_a_higher_limit_is_used_at_once() -> None:
    """The catalogue's five a minute hold until the first answer tells of 31."""
    scene = Scene("cerebras", [LIMITS["cerebras"]])
    assert 31 <= scene.ask(60) <= 33  # some come back while the others are asked
    assert not scene.refused


def test_a_limit_of_the_users_own_is_not_raised() -> None:
    """What he wrote is a wish, and its source stays his."""
    own = [{"metric": "requests", "amount": 3, "per": "bucket 60s"}]
    scene = Scene("cerebras", [LIMITS["cerebras"]], limits=own)
    assert scene.ask(9) == 3
    row = scene.row("bucket:60")
    assert (row.limit, row.source) == (3, "user")


def test_a_remark_that_was_overtaken_gives_nothing_back() -> None:
    """A slow answer tells what was left when it was sent; the later remark stands."""
    slow = iter([5.0])
    scene = Scene("groq", [LIMITS["groq"]], latency=lambda: next(slow, 0.1))

    async def ask() -> None:
        await scene.router.acomplete("Hello", model=scene.name, **ASKED)

    async def both() -> None:
        first = asyncio.ensure_future(ask())
        await asyncio.sleep(1)
        scene.stranger(20)
        await asyncio.sleep(1)
        await ask()
        assert scene.row("bucket:86400").used == 21
        await first

    scene.clock.run(both())
    row = scene.row("bucket:86400")
    assert (row.used, row.reserved, row.left) == (22, 0, 39)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_fresh_router_knows_what_another_was_told(kind: str, tmp_path: Path) -> None:
    """From a shared store, with its first look: limit, usage and source."""
    url = f"sqlite:///{tmp_path / 'quota.db'}"
    store = {"store": None if kind == "memory" else url}
    scene = Scene("cerebras", [LIMITS["cerebras"]], **store)
    scene.stranger(10)
    scene.ask()
    fresh = scene.opened()
    assert scene.ask(60, fresh) in {20, 21, 22}
    assert not scene.refused
    row = scene.row("bucket:60", scene.opened())
    assert (row.limit, row.source) == (31, "header")
    fresh.close()
    scene.router.close()


@pytest.mark.parametrize("pooled", [True, False])
def test_two_accounts_that_are_one_are_found_through_the_headers(pooled: bool) -> None:
    """A sentence in `router.warnings` and one event, once; nothing if they are what they seem."""
    told: list[RouteEvent] = []
    limit = Limit(500, "day", "requests", "bucket", "pool")
    accounts = [FakeAccount(label=f"g{n}", pool="same" if pooled else None) for n in (1, 2)]
    scene = Scene("groq", [limit], accounts=accounts)
    router = scene.opened(listeners=[told.append])
    before = len(router.warnings)
    for n in range(60):
        router.complete("Hello", model=scene.name, max_tokens=16, only=[f"g{n // 2 % 2 + 1}"])
        scene.clock.advance(2.1)
    found = router.warnings[before:]
    assert [text.split(":")[0] for text in found] == (
        ["accounts 'g1' and 'g2' drain together"] if pooled else []
    )
    assert [event.detail for event in told if event.kind == "warning"] == list(found)
    assert not scene.refused


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_window_that_the_catalogue_does_not_list_holds_once_it_is_told(
    kind: str, tmp_path: Path
) -> None:
    """Cerebras tells of a day of requests: unseen before, then counted as any other limit."""
    day = Limit(20, "day", "requests", "bucket", "model")
    store = f"sqlite:///{tmp_path / 'quota.db'}" if kind == "sqlite" else None
    scene = Scene("cerebras", [day, LIMITS["cerebras"]], store=store)
    assert not [row for row in scene.router.quota_status() if row.limit > 10**9]
    assert ("requests", "bucket:86400") not in [
        (row.metric, row.window) for row in scene.router.quota_status()
    ]

    scene.stranger(8)
    asked = scene.ask(60)
    row = scene.row("bucket:86400")
    assert (row.limit, row.source, asked) == (20, "header", 12)
    assert not scene.refused
    other = scene.opened()
    assert scene.ask(3, other) == 0
    assert not scene.refused
    other.close()
