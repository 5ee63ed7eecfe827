"""Shutting what fails, probing it once, opening it again."""

from __future__ import annotations

import asyncio
import logging

import pytest

from freetier.testing import faults
from tests.core.routing.stage import Stage

DOWN = faults.Status(500)
BUSY = faults.Status(503)
KEY = faults.VendorError("bad_key")


def test_three_faults_in_five_minutes_shut_a_candidate_for_thirty_seconds() -> None:
    """The third one shuts it; before that every request tries it first."""
    stage = Stage()
    stage.fleet.always("alpha-1", BUSY)
    for _ in range(6):
        assert stage.ask() == "beta-1"
        stage.clock.advance(1)
    assert stage.calls("alpha-1") == [0, 1, 2]
    assert stage.kinds("block") == [("block", 30)]


def test_three_faults_in_more_than_five_minutes_shut_nothing() -> None:
    """Old faults are forgotten."""
    stage = Stage()
    stage.fleet.always("alpha-1", BUSY)
    for _ in range(6):
        stage.ask()
        stage.clock.advance(151)
    assert len(stage.calls("alpha-1")) == 6


def test_after_it_exactly_one_probe_goes_through_over_all_routers() -> None:
    """Fifty tasks of two routers at once: one of them probes, the others go elsewhere."""
    stage = Stage(fake={"latency": 2.0})
    rule = stage.fleet.always("alpha-1", BUSY)
    for _ in range(3):
        stage.ask()
    stage.fleet.rules.remove(rule)
    before = len(stage.calls("alpha-1"))
    routers = [stage.router, stage.another()]
    stage.clock.advance(40)

    async def crowd() -> list[str | None]:
        calls = [routers[n % 2].acomplete("Hello", model="any") for n in range(50)]
        return [answer.report.account for answer in await asyncio.gather(*calls)]

    served = stage.clock.run(crowd())
    assert served.count("alpha-1") == 1
    assert len(stage.calls("alpha-1")) == before + 1
    assert [e.candidate for e in stage.told if e.kind == "recovery"] == ["alpha-1/m"]
    assert [stage.ask(router) for router in routers] == ["alpha-1", "alpha-1"]


def test_a_probe_that_fails_doubles_the_time_up_to_ten_minutes() -> None:
    """30, 60, 120, 240, 480, 600, 600 seconds; one attempt each."""
    stage = Stage()
    stage.fleet.always("alpha-1", BUSY)
    for _ in range(3):
        stage.ask()
    for _ in range(2000):
        stage.clock.advance(1)
        stage.ask()
    shut = [seconds for _, seconds in stage.kinds("block")]
    assert shut == [30, 60, 120, 240, 480, 600, 600]
    assert len(stage.calls("alpha-1")) == 3 + 6


def test_a_probe_without_verdict_lets_the_next_one_probe() -> None:
    """A caller who walks away in the middle of the probe says nothing of the provider."""
    stage = Stage(fake={"latency": 5.0})
    rule = stage.fleet.always("alpha-1", BUSY)
    for _ in range(3):
        stage.ask()
    stage.fleet.rules.remove(rule)
    stage.clock.advance(40)

    async def leave() -> None:
        task = asyncio.create_task(stage.router.acomplete("Hello", model="any"))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    stage.clock.run(leave())
    assert stage.ask(stage.another()) == "alpha-1"


def test_two_faults_on_different_accounts_shut_the_provider() -> None:
    """Over all requests and routers, within a minute; a third account is left alone."""
    stage = Stage(providers={"alpha": 5, "beta": 1})
    stage.fleet.always("alpha", DOWN)
    other = stage.another()
    assert stage.ask(only=["alpha-1", "beta"]) == "beta-1"
    assert stage.ask(other, only=["alpha-2", "beta"]) == "beta-1"
    for n in (3, 4, 5):
        assert stage.ask(only=[f"alpha-{n}", "beta"]) == "beta-1"
        assert stage.calls(f"alpha-{n}") == []


def test_two_faults_on_one_account_do_not_shut_the_provider() -> None:
    """Nor do two on different accounts more than a minute apart."""
    stage = Stage(providers={"alpha": 3, "beta": 1})
    stage.fleet.script("alpha", [DOWN, DOWN, DOWN])
    stage.ask(only=["alpha-1", "beta"])
    stage.ask(only=["alpha-1", "beta"])
    stage.clock.advance(61)
    stage.ask(only=["alpha-2", "beta"])
    assert stage.ask(only=["alpha-3"]) == "alpha-3"


def test_a_later_answer_lets_the_whole_provider_recover() -> None:
    """One probe after the block; then all of its accounts are open again."""
    stage = Stage(providers={"alpha": 3, "beta": 1})
    stage.fleet.script("alpha", [DOWN, DOWN])
    stage.ask(only=["alpha-1", "beta"])
    stage.ask(only=["alpha-2", "beta"])
    assert stage.ask() == "beta-1"
    stage.clock.advance(31)
    assert stage.ask() == "alpha-1"
    assert stage.ask(only=["alpha-3"]) == "alpha-3"
    assert "alpha works again" in [e.detail for e in stage.told if e.kind == "recovery"]


@pytest.mark.parametrize(
    ("fault", "lasts"),
    [
        (faults.Status(500, after=1.0), 1.0),
        (faults.Status(503, after=1.0), 1.0),
        (faults.Unreachable(), 0.0),
        (faults.Stall(), 5.0),
    ],
    ids=repr,
)
def test_a_hundred_requests_add_no_attempts_after_the_second_fault_is_known(
    fault: faults.Fault, lasts: float
) -> None:
    """Five accounts at a dead provider: what is under way fails, nothing is added."""
    stage = Stage(providers={"alpha": 5, "beta": 1}, fields={"strategy": "round-robin"})
    stage.fleet.always("alpha", fault)

    async def crowd() -> list[str | None]:
        async def one(n: int) -> str | None:
            await asyncio.sleep(n * 0.1)
            answer = await stage.router.acomplete("Hello", model="any", timeout=5)
            return answer.report.account

        return await asyncio.gather(*(one(n) for n in range(100)))

    assert set(stage.clock.run(crowd())) == {"beta-1"}
    tried = sorted(at for n in range(5) for at in stage.calls(f"alpha-{n + 1}"))
    known = tried[1] + lasts  # two different accounts: round robin
    assert len(tried) >= 2
    assert [at for at in tried if at > known] == []


def test_a_provider_that_hangs_for_the_whole_minute_of_each_attempt_is_shut_at_the_second() -> None:
    """One after the other: the faults are a minute apart because each of them lasts one."""
    stage = Stage(providers={"alpha": 5, "beta": 1})
    stage.fleet.always("alpha", faults.Stall())
    for n in (1, 2):
        assert stage.ask(only=[f"alpha-{n}", "beta"]) == "beta-1"
    assert stage.clock.monotonic() == pytest.approx(120, abs=1)
    for n in (3, 4, 5):
        assert stage.ask(only=[f"alpha-{n}", "beta"]) == "beta-1"
        assert stage.calls(f"alpha-{n}") == []


def test_a_busy_model_is_left_alone_at_every_account_and_the_others_are_not() -> None:
    """Its second account to say so shuts it at all five; the provider's other models go on."""
    stage = Stage(providers={"alpha": 5, "beta": 1})
    stage.fleet.always("alpha", BUSY, model="m")
    assert stage.ask(only=["alpha-1", "beta"]) == "beta-1"
    assert stage.ask(only=["alpha-2", "beta"]) == "beta-1"
    for n in (3, 4, 5):
        assert stage.ask(only=[f"alpha-{n}", "beta"]) == "beta-1"
        assert stage.calls(f"alpha-{n}") == []
        answer = stage.router.complete("Hello", model="alpha/other", only=[f"alpha-{n}"])
        assert answer.report.account == f"alpha-{n}"


def test_hosts_of_one_provider_fail_apart() -> None:
    """Two machines with the same local server: one that is down says nothing of the other."""
    stage = Stage(providers={"alpha": 3, "beta": 1})
    config = stage.fleet.config()["accounts"]
    config[2]["base_url"] = stage.fleet.url("beta")
    config[2]["auth"]["api_key"] = stage.fleet.key("beta-1")
    stage.fleet.always("alpha", DOWN)
    router = stage.another(accounts=config)
    assert stage.ask(router, only=["alpha-1", "beta"]) == "beta-1"
    assert stage.ask(router, only=["alpha-2", "beta"]) == "beta-1"
    assert stage.ask(router, only=["alpha-3"]) == "alpha-3"


@pytest.mark.parametrize("fault", [faults.Stall(), DOWN, BUSY, faults.Unreachable()], ids=repr)
def test_five_accounts_at_a_dead_provider_cost_a_request_one_attempt(fault: faults.Fault) -> None:
    """One while another provider is available, at most two otherwise."""
    stage = Stage(providers={"alpha": 5, "beta": 1})
    stage.fleet.always("alpha", fault)
    answer = stage.router.complete("Hello", model="any", timeout=5)
    assert [a.provider for a in answer.report.attempts] == ["alpha", "beta"]
    alone = Stage(providers={"alpha": 5})
    alone.fleet.always("alpha", fault)
    assert alone.ask(timeout=5) == "AllFailed"
    assert sum(len(alone.calls(f"alpha-{n + 1}")) for n in range(5)) <= 2


def test_a_refused_key_is_probed_after_ten_minutes_doubling_to_six_hours() -> None:
    """Each probe is one attempt."""
    stage = Stage()
    stage.fleet.always("alpha-1", KEY)
    for _ in range(24 * 60):
        assert stage.ask() == "beta-1"
        stage.clock.advance(60)
    shut = [seconds for _, seconds in stage.kinds("block")]
    assert shut == [600, 1200, 2400, 4800, 9600, 19200, 21600, 21600, 21600]
    assert len(stage.calls("alpha-1")) == len(shut)


def test_a_refused_key_is_told_loudly_once(caplog: pytest.LogCaptureFixture) -> None:
    """However many requests meet it."""
    stage = Stage()
    stage.fleet.always("alpha-1", KEY)

    async def crowd() -> None:
        await asyncio.gather(*(stage.router.acomplete("Hi", model="any") for _ in range(20)))

    with caplog.at_level(logging.ERROR, logger="freetier"):
        stage.clock.run(crowd())
        stage.clock.advance(700)
        stage.ask()
    assert len([r for r in caplog.records if "may not" in r.getMessage()]) == 1
    assert [seconds for _, seconds in stage.kinds("block")] == [600, 1200]


def test_a_changed_key_lifts_the_block_and_the_store_never_sees_a_key() -> None:
    """The block is kept under a salted fingerprint."""
    stage = Stage()
    rule = stage.fleet.always("alpha-1", KEY)
    stage.ask()
    stage.fleet.rules.remove(rule)
    assert stage.ask() == "beta-1"
    config = stage.fleet.config()["accounts"]
    config[0]["auth"]["api_key"] += "-changed"
    keys = str(stage.store._ledger.blocks)
    assert "block" in keys
    for account in ("alpha-1", "beta-1"):
        assert stage.fleet.key(account) not in keys
    changed = stage.another(accounts=config)
    stage.ask(changed)
    assert len(stage.calls("alpha-1")) == 1  # the new key is nobody's in this fleet
    assert len([e for e in stage.fleet.books.entries if e.provider == "alpha"]) == 2


def test_callers_own_faults_never_count() -> None:
    """Bad requests, refused content and unaccepted answers leave a candidate open."""

    def no(answer: object) -> None:
        raise ValueError("not this")

    stage = Stage()
    stage.fleet.script("alpha-1", [faults.Status(400)] * 5 + [faults.VendorError("blocked")] * 5)
    said = [stage.ask() for _ in range(10)]
    assert said == ["beta-1"] * 5 + ["ContentRefused"] * 5
    for _ in range(5):
        stage.ask(accept=no)
    assert len(stage.calls("alpha-1")) == 15
    assert stage.kinds("block") == []


def test_clearing_cooldowns_forgets_suspicions_as_well() -> None:
    """The next request goes first, and its faults count from the beginning."""
    stage = Stage()
    stage.fleet.script("alpha-1", [BUSY] * 5)
    for _ in range(4):
        stage.ask()
    assert len(stage.calls("alpha-1")) == 3
    stage.router.clear_cooldowns("alpha-1")
    assert [stage.ask() for _ in range(3)] == ["beta-1", "beta-1", "alpha-1"]
