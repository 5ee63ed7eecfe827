"""The Redis store against its reference: same answers, and the same state to the last number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from freetier.stores.ledger import Ledger
from freetier.stores.memory import MemoryStore
from freetier.stores.redis import open_redis
from freetier.values.faults import Fault
from freetier.values.quota import (
    NEVER_SENT,
    Charge,
    Kind,
    Metric,
    Observation,
    Reservation,
    Settlement,
)
from freetier.windows import MIRRORS
from tests.depth import examples

START = 1_800_000_000_000
DAY = 86_400_000

# Packed state as JSON, every number with all its digits.
DUMP = """
local function json(value)
  if type(value) == 'number' then
    return string.format('%.17g', value)
  elseif type(value) == 'string' then
    return cjson.encode(value)
  end
  local parts = {}
  for at, each in ipairs(value) do
    parts[at] = json(each)
  end
  return '[' .. table.concat(parts, ',') .. ']'
end
local packed = redis.call('GET', KEYS[1])
return packed and json(cmsgpack.unpack(packed))
"""


class HandClock:
    """A clock that is set by hand, also backwards."""

    def __init__(self) -> None:
        self.ms = START

    def now(self) -> float:
        """Return the instant in seconds."""
        return self.ms / 1000

    def monotonic(self) -> float:
        """Return the instant in seconds."""
        return self.ms / 1000

    def sleep(self, seconds: float) -> None:
        """Go on."""
        self.ms += round(seconds * 1000)

    async def asleep(self, seconds: float) -> None:
        """Go on."""
        self.sleep(seconds)


class Thorough(Ledger):
    """A ledger that looks closely at every reservation, as the scripts do.

    The short way, which only the memory store takes, gives the same answers, but leaves what
    is over where it is for longer.
    """

    __slots__ = ()

    def _taken_at_once(self, now: int, held: Reservation) -> bool:
        return False


class Twins:
    """A memory store and a Redis store, told the same by the same clock.

    Args:
        url: The server.
        charges: All that are ever used, so that all states can be compared.
    """

    def __init__(self, url: str, charges: list[Charge]) -> None:
        self.clock = HandClock()
        self.memory = MemoryStore(self.clock)
        self.memory._ledger = Thorough()
        self.redis = open_redis(url, clock=self.clock, prefix=f"{uuid4().hex}:")
        self.plain = redis.Redis.from_url(url)
        self.charges = {charge.key: charge for charge in charges}

    def same(self, does: Callable[[Any], Any]) -> Any:
        """Do it in both, and compare the answers and the states."""
        expected, found = does(self.memory), does(self.redis)
        assert found == expected, f"{found} is not {expected}"
        for key, charge in self.charges.items():
            mirror = self.memory._ledger.mirrors.get(key) or MIRRORS[charge.kind]()
            assert self.dumped(charge) == json.loads(json.dumps(mirror.dump()))
        return expected

    def dumped(self, charge: Charge) -> Any:
        """Return the state of a window in Redis."""
        text = self.plain.eval(DUMP, 1, self.redis._keys.of("window", charge.key))
        return MIRRORS[charge.kind]().dump() if text is None else json.loads(text)

    def close(self) -> None:
        """Let go of connections and keys."""
        keys = list(self.plain.scan_iter(match=f"{self.redis._keys.prefix}*"))
        if keys:
            self.plain.delete(*keys)
        self.plain.close()
        self.redis.close()


@contextmanager
def twins(url: str, charges: list[Charge]) -> Iterator[Twins]:
    """Make twins and close them."""
    both = Twins(url, charges)
    try:
        yield both
    finally:
        both.close()


def edges(span: int) -> tuple[int, ...]:
    """Return the starts of five windows around the beginning, of which one is longer."""
    return tuple(START + n * span + (n > 1) * span // 24 for n in range(-2, 3))


@st.composite
def charges(draw: st.DrawFn) -> list[Charge]:
    """One to four windows of one account."""
    made = []
    for at in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(MIRRORS)))
        span = draw(
            st.one_of(
                st.integers(500, 20_000),
                st.sampled_from([60_000, 3_600_000, 3_600_001, DAY, 30 * DAY]),
            )
        )
        ceiling = draw(st.one_of(st.integers(0, 12), st.sampled_from([10**6, 10**13 + 1])))
        made.append(
            Charge(
                key=f"{{a}}|{at}|{kind}",
                metric=Metric.REQUESTS,
                amount=1,
                ceiling=ceiling,
                kind=kind,
                span_ms=span,
                burst=draw(st.sampled_from([0.0, 1.0, 1.7])) if kind is Kind.PACE else 0.0,
                edges=edges(span) if kind is Kind.CALENDAR else (),
                at_answer=draw(st.booleans()),
            )
        )
    return made


SHARES = st.sampled_from([0.0, 0.1, 0.25, 1 / 3, 0.7, 1.0, 1.3])
GUARDS = ("{a}|account|block", "{a}|model|block", "provider|p|block")


def with_amount(charge: Charge, share: float) -> Charge:
    """Return a charge that takes a share of its ceiling, or just one."""
    amount = round(charge.ceiling * share) if charge.ceiling > 20 else round(3 * share)
    return Charge(
        **{name: getattr(charge, name) for name in charge.__slots__ if name != "amount"},
        amount=1 if charge.kind is Kind.PACE else amount,
    )


class Story:
    """Draws what happens next, and lets it happen to both stores."""

    def __init__(self, data: st.DataObject, both: Twins) -> None:
        self.draw = data.draw
        self.both = both
        self.charges = list(both.charges.values())
        self.longest = max(charge.span_ms for charge in self.charges)
        self.ids = count()
        self.begun: list[tuple[Reservation, int]] = []

    def go_on(self) -> None:
        """Let one thing happen."""
        wishes = [self.reserve] * 5 + [self.settle] * 4 + [self.wait] * 4
        others = [
            self.give_back,
            self.repeat,
            self.observe,
            self.survey,
            self.block,
            self.step_back,
        ]
        self.draw(st.sampled_from([*wishes, *others]))()

    def reserve(self) -> None:
        """Ask for some of the windows, with or without patience."""
        wanted = self.draw(st.lists(st.sampled_from(self.charges), unique=True, min_size=1))
        near = self.draw(st.integers(0, 40))
        held = Reservation(
            id=f"r{next(self.ids)}",
            charges=tuple(with_amount(charge, self.draw(SHARES)) for charge in wanted),
            guards=tuple(self.draw(st.lists(st.sampled_from(GUARDS), unique=True))),
            near_ms=near,
            far_ms=near + self.draw(st.integers(0, 1500)),
            lease_ms=self.draw(st.sampled_from([2000, 120_000])),
        )
        patience = self.draw(st.sampled_from([None, 0, 1000, self.longest, 10 * self.longest]))
        self.begun.append((held, self.both.clock.ms))
        self.both.same(lambda store: store.reserve(held, patience))

    def repeat(self) -> None:
        """Ask again with an id that may be held."""
        if self.begun:
            held, _ = self.draw(st.sampled_from(self.begun))
            self.both.same(lambda store: store.reserve(held, 1000))

    def settle(self) -> None:
        """Settle one, perhaps a second time, with what it really took, or written late."""
        if not self.begun:
            return
        held, begun_at = self.draw(st.sampled_from(self.begun))
        held = replace(held, far_ms=held.far_ms + self.draw(st.sampled_from([0, 0, 800, 9000])))
        true = tuple(round(charge.amount * self.draw(SHARES)) for charge in held.charges)
        since = max(0, self.both.clock.ms - begun_at)
        settlement = Settlement(
            amounts=self.draw(st.sampled_from([None, true])),
            answered_ago_ms=self.draw(st.sampled_from([None, 0, since // 2, since])),
        )
        self.both.same(lambda store: store.settle(held, settlement))

    def give_back(self) -> None:
        """Give one back."""
        if self.begun:
            held, _ = self.draw(st.sampled_from(self.begun))
            self.both.same(lambda store: store.settle(held, NEVER_SENT))

    def wait(self) -> None:
        """Let time pass."""
        spans = [*(charge.span_ms for charge in self.charges), 1, 700, 5000]
        self.both.clock.ms += round(self.draw(st.sampled_from(spans)) * self.draw(SHARES))

    def step_back(self) -> None:
        """Let the clock jump back, after each hash tag has seen how late it was."""
        self.both.same(lambda store: store.survey((), GUARDS))
        self.both.clock.ms -= self.draw(st.integers(0, 5000))

    def observe(self) -> None:
        """Hear what the provider says."""
        charge = self.draw(st.sampled_from(self.charges))
        said = Observation(
            metric=charge.metric,
            span=charge.span_ms / 1000,
            limit=self.draw(st.sampled_from([None, charge.ceiling, charge.ceiling + 1, -1])),
            remaining=self.draw(st.sampled_from([None, 0, 1, charge.ceiling])),
        )
        ago = self.draw(st.integers(0, 3000))
        self.both.same(lambda store: store.observe(charge, said, ago))
        self.both.same(lambda store: store.learned([charge.key, "nobody"]))

    def survey(self) -> None:
        """Look."""
        self.both.same(lambda store: store.survey(self.charges, GUARDS))

    def block(self) -> None:
        """Leave a key alone, count a fault, take or free a lease."""
        key, span = self.draw(st.sampled_from(GUARDS)), self.draw(st.integers(0, 9000))
        owner = self.draw(st.sampled_from(["me", "you"]))
        does: list[Callable[[Any], Any]] = [
            lambda store: store.block(key, span, Fault.SERVER),
            lambda store: store.record_fault(key, span),
            lambda store: store.lease(key, owner, span),
            lambda store: store.release(key, owner, clear=span % 2 == 0),
            lambda store: store.clear_blocks([key]),
        ]
        self.both.same(self.draw(st.sampled_from(does)))


@given(data=st.data(), used=charges(), length=st.integers(1, 40))
@settings(deadline=None, max_examples=examples(300))
def test_whatever_happens_both_stores_say_and_keep_the_same(
    redis_url: str, data: st.DataObject, used: list[Charge], length: int
) -> None:
    """The Lua mirrors are the Python mirrors: same answers, same dumped state, any history."""
    with twins(redis_url, used) as both:
        story = Story(data, both)
        for _ in range(length):
            story.go_on()
        story.survey()
