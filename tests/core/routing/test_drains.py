"""Accounts that drain together are found; accounts that only look like it are not."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.routing.drains import ENOUGH, Drains
from freetier.values.quota import Charge, Kind, Metric, Observation

DAY = 86_400_000


@dataclass
class World:
    """A provider that counts accounts in pools of its own, and somebody who watches.

    Attributes:
        pools: The provider's pool of each account.
        per_model: Whether it counts each model by itself.
        kind: How its window runs; one that refills does so steadily.
    """

    pools: dict[str, str]
    per_model: bool = True
    kind: Kind = Kind.CALENDAR
    limit: int = 14_400
    now: float = 0.0
    used: dict[str, float] = field(default_factory=dict)
    under_way: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.drains = Drains(threading.Lock())

    def charge(self, account: str, model: str) -> Charge:
        """Return what one request is charged."""
        key = f"{{{account}}}|vendor/{model}|requests|{self.kind}:86400"
        return Charge(
            key=key,
            metric=Metric.REQUESTS,
            amount=1,
            ceiling=self.limit,
            kind=self.kind,
            span_ms=DAY,
        )

    def passes(self, seconds: float) -> None:
        """Let time pass; what refills does."""
        self.now += seconds
        if self.kind is Kind.BUCKET:
            back = self.limit * seconds / 86_400
            self.used = {pool: max(0.0, n - back) for pool, n in self.used.items()}

    def counted(self, account: str, model: str = "m") -> None:
        """Count a request at the provider, whoever sent it."""
        pool = self.pools[account] + (model if self.per_model else "")
        self.used[pool] = self.used.get(pool, 0.0) + 1

    def left(self, account: str, model: str = "m") -> int:
        """Return what the provider says is left."""
        pool = self.pools[account] + (model if self.per_model else "")
        return int(self.limit - self.used.get(pool, 0.0))

    def send(self, account: str, model: str = "m") -> None:
        """Send a request that the provider counts when it comes."""
        self.drains.sent((self.charge(account, model),))
        self.counted(account, model)
        self.under_way.append((account, model))

    def answer(self, place: int = 0) -> tuple[str, ...]:
        """Answer one request under way; return what that shows."""
        account, model = self.under_way.pop(place)
        charge, left = self.charge(account, model), self.left(account, model)
        said = Observation(metric=Metric.REQUESTS, span=86_400, limit=self.limit, remaining=left)
        found = self.drains.told(((charge, said),), int(self.now * 1000))
        self.drains.ended((charge,))
        return found

    def ask(self, account: str, model: str = "m") -> tuple[str, ...]:
        """Send a request and answer it at once."""
        self.passes(1.0)
        self.send(account, model)
        return self.answer()


TWO = {"one": "p", "two": "p"}
SEPARATE = {"one": "p", "two": "q"}
CASES: list[tuple[str, dict[str, Any], str, bool]] = [
    # name, the provider, requests in order (a and b ours, x and y a stranger's), found?
    ("turns", {"pools": TWO}, "ab" * 8, True),
    ("pairs", {"pools": TWO}, "aabb" * 8, True),
    ("one much more than the other", {"pools": TWO}, "aaab" * 8, True),
    ("a bucket that refills", {"pools": TWO, "kind": Kind.BUCKET}, "ab" * 24, True),
    ("a stranger now and then", {"pools": TWO}, "abababababx" * 3, True),
    ("too few remarks", {"pools": TWO}, "ab" * 4, False),
    ("only one of them is used", {"pools": TWO}, "a" * 40, False),
    ("each by itself", {"pools": SEPARATE}, "ab" * 40, False),
    ("each by itself, refilling", {"pools": SEPARATE, "kind": Kind.BUCKET}, "ab" * 40, False),
    ("a stranger who sends as we do", {"pools": SEPARATE}, "axb" * 40, False),
    ("a stranger who sends after us", {"pools": SEPARATE}, "abx" * 40, False),
    ("a stranger who is busier than we are", {"pools": SEPARATE}, "xxaxxb" * 40, False),
    ("strangers at both, by other steps", {"pools": SEPARATE}, "axxyyybb" * 40, False),
]


@pytest.mark.parametrize(("name", "provider", "order", "found"), CASES, ids=[c[0] for c in CASES])
def test_what_drains_together_is_told_and_nothing_else(
    name: str, provider: dict[str, Any], order: str, found: bool
) -> None:
    """A sentence that names both accounts, once; for all else not a word."""
    world = World(**provider)
    told: list[str] = []
    for who in order:
        if who in "ab":
            told += world.ask({"a": "one", "b": "two"}[who])
        else:
            world.counted({"x": "one", "y": "two"}[who])
    assert len(told) == int(found), name
    assert list(world.drains.findings) == told
    if found:
        assert "'one' and 'two' drain together" in told[0]


def test_the_right_two_of_three_are_named() -> None:
    """A third account of the same provider, as busy as they, stays out of it."""
    world = World({"one": "p", "two": "p", "three": "q"})
    dice = random.Random(4)
    for _ in range(200):
        world.ask(dice.choice(["one", "two", "three"]))
    assert [sentence.split(" drain")[0] for sentence in world.drains.findings] == [
        "accounts 'one' and 'two'"
    ]


def test_a_model_that_is_counted_with_another_is_no_second_account() -> None:
    """Where a provider counts over all models, an account's own requests explain the fall."""
    world = World(SEPARATE, per_model=False)
    for _ in range(40):
        for model in ("m", "n"):
            world.ask("one", model)
            world.ask("two", model)
    assert not world.drains.findings


def test_a_window_that_begins_anew_proves_nothing() -> None:
    """After a reset everything is compared afresh, and what was agreed stays."""
    world = World(TWO)
    for _ in range(ENOUGH - 1):
        world.ask("one")
        world.ask("two")
    world.used.clear()
    for _ in range(3):
        world.ask("one")
        world.ask("two")
    assert len(world.drains.findings) == 1


def test_two_under_way_at_once_are_found_too() -> None:
    """With several requests under way it takes longer, and comes to the same."""
    world, dice = World(TWO), random.Random(1)
    for _ in range(400):
        world.passes(0.1)
        world.send(dice.choice(["one", "two"]))
        if len(world.under_way) > 2:
            world.answer(dice.randrange(len(world.under_way)))
    assert len(world.drains.findings) == 1


STEP = st.tuples(
    st.sampled_from(["one", "two", "three", "answer", "stranger", "pass"]), st.integers(0, 5)
)


@given(
    steps=st.lists(STEP, max_size=120),
    kind=st.sampled_from([Kind.CALENDAR, Kind.BUCKET]),
    per_model=st.booleans(),
)
def test_separate_accounts_are_never_suspected(
    steps: list[tuple[str, int]], kind: Kind, per_model: bool
) -> None:
    """However requests overlap, and whatever a stranger does with one account."""
    world = World({"one": "p", "two": "q", "three": "r"}, kind=kind, per_model=per_model)
    for what, n in steps:
        match what:
            case "answer" if world.under_way:
                world.answer(n % len(world.under_way))
            case "stranger":
                for _ in range(n):
                    world.counted("one")
            case "pass":
                world.passes(n * 60.0)
            case "one" | "two" | "three":
                world.send(what, "mn"[n % 2])
    assert not world.drains.findings


@given(order=st.lists(st.sampled_from(["one", "two"]), min_size=40, max_size=60))
def test_accounts_of_one_pool_are_always_found(order: list[str]) -> None:
    """In any order, once each has come after the other often enough."""
    world = World(TWO)
    for account in order:
        world.ask(account)
    turns = sum(1 for one, other in pairwise(order) if one != other)
    assert len(world.drains.findings) == 1 or turns < 2 * ENOUGH + 2
