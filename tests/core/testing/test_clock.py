"""The virtual clock: time jumps when everybody rests, and only then."""

from __future__ import annotations

import asyncio
import math
import threading
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.testing import Deadlock, VirtualClock
from freetier.testing.clock import MIDNIGHT


def test_a_lone_thread_sleeps_without_waiting() -> None:
    """`sleep` moves both clocks by exactly its seconds."""
    clock = VirtualClock(1000.0)
    clock.sleep(86_400)
    assert (clock.now(), clock.monotonic()) == (87_400.0, 86_400.0)


def test_a_sleep_of_nothing_moves_nothing() -> None:
    """Zero and negative sleeps return at once."""
    clock = VirtualClock()
    clock.sleep(0)
    clock.sleep(-5)
    assert clock.monotonic() == 0


def test_the_clock_starts_at_a_midnight() -> None:
    """The default start is a whole day in UTC, so calendar windows begin with it."""
    assert VirtualClock().now() == MIDNIGHT
    assert MIDNIGHT % 86_400 == 0


def test_a_jump_of_the_wall_leaves_the_monotonic_clock() -> None:
    """`shift` is what a corrected system clock does."""
    clock = VirtualClock(1000.0)
    clock.sleep(5)
    clock.shift(-60)
    assert (clock.now(), clock.monotonic()) == (945.0, 5.0)


def test_tasks_sleep_in_virtual_time() -> None:
    """Timers, timeouts and `asleep` all follow the clock, in order."""
    clock = VirtualClock(0.0)
    order = []

    async def rest(seconds: float) -> None:
        await clock.asleep(seconds)
        order.append((seconds, clock.now()))

    async def main() -> str:
        await asyncio.gather(rest(30), rest(10), rest(20))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(100):
                await asyncio.sleep(3600)
        assert asyncio.get_running_loop().time() == clock.monotonic()
        return "done"

    assert clock.run(main()) == "done"
    assert order == [(10, 10.0), (20, 20.0), (30, 30.0)]
    assert clock.monotonic() == 130.0


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=20))
def test_every_task_wakes_at_its_own_moment(sleeps: list[float]) -> None:
    """A task that sleeps s seconds wakes s seconds later, whatever the others do."""
    clock = VirtualClock(0.0)

    async def rest(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return clock.monotonic()

    async def main() -> list[float]:
        return await asyncio.gather(*(rest(seconds) for seconds in sleeps))

    for slept, woke in zip(sleeps, clock.run(main()), strict=True):
        assert math.isclose(slept, woke, rel_tol=1e-9)


def test_a_wait_for_ever_is_an_error_that_names_the_task() -> None:
    """Nothing ready and no timer: the run ends instead of hanging."""
    clock = VirtualClock()

    async def stuck() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock, match="stuck"):
        clock.run(stuck())


def test_an_endless_sleep_of_a_task_is_a_deadlock() -> None:
    """A timer at infinity is no timer."""
    clock = VirtualClock()

    async def endless() -> None:
        await clock.asleep(math.inf)

    with pytest.raises(Deadlock, match="endless"):
        clock.run(endless())


def test_an_endless_sleep_beside_a_timer_is_none() -> None:
    """Whoever waits for ever may be cancelled by somebody who does not."""
    clock = VirtualClock()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(clock.asleep(math.inf), 5)

    clock.run(main())
    assert clock.monotonic() == 5


def test_an_endless_sleep_of_a_thread_is_a_deadlock() -> None:
    """A thread alone that sleeps for ever gets an error."""
    with pytest.raises(Deadlock, match="endless sleep"):
        VirtualClock().sleep(math.inf)


def test_asleep_on_a_foreign_loop_is_an_error() -> None:
    """A task of an ordinary loop would wait for real, so it is told."""
    clock = VirtualClock()
    with pytest.raises(RuntimeError, match=r"clock\.run"):
        asyncio.run(clock.asleep(1))


def test_time_stands_still_until_every_thread_sleeps() -> None:
    """A thread that works holds the time for those that sleep."""
    clock = VirtualClock()
    may_go_on = threading.Event()
    seen = []

    def worker() -> None:
        may_go_on.wait()
        seen.append(clock.monotonic())
        clock.sleep(1)

    def sleeper() -> float:
        clock.sleep(60)
        return clock.monotonic()

    with clock.threads(2) as pool:
        working = pool.submit(worker)
        sleeping = pool.submit(sleeper)
        assert not sleeping.done()
        assert clock.monotonic() == 0
        may_go_on.set()
        assert sleeping.result() == 60
        working.result()
    assert seen == [0.0]


def test_threads_wake_in_the_order_of_their_moments() -> None:
    """32 threads, 200 jobs of one second each: seven rounds, no more."""
    clock = VirtualClock()

    def job(_number: int) -> float:
        clock.sleep(1)
        return clock.monotonic()

    with clock.threads(32) as pool:
        moments = list(pool.map(job, range(200)))

    assert sorted(set(moments)) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert [moments.count(moment) for moment in sorted(set(moments))] == [32] * 6 + [8]


def test_threads_that_all_sleep_for_ever_are_told() -> None:
    """A deadlock among threads reaches each of them as an error."""
    clock = VirtualClock()
    with clock.threads(2) as pool, clock.hold():
        asleep = [pool.submit(clock.sleep, math.inf) for _ in range(2)]
    for result in asleep:
        with pytest.raises(Deadlock):
            result.result()


def test_holding_keeps_the_time_until_it_ends() -> None:
    """Under `hold` sleepers wait although all of them sleep; `advance` wakes the due ones."""
    clock = VirtualClock()
    with clock.threads(2) as pool:
        with clock.hold():
            early: Future[None] = pool.submit(clock.sleep, 10)
            late: Future[None] = pool.submit(clock.sleep, 20)
            assert clock.monotonic() == 0
            clock.advance(10)
            early.result()
            assert not late.done()
        late.result()
    assert clock.monotonic() == 20


def test_advancing_inside_a_task_makes_timers_late() -> None:
    """`advance` is what a task that blocks its loop does to the others."""
    clock = VirtualClock()

    async def main() -> float:
        timer = asyncio.create_task(asyncio.sleep(1))
        await asyncio.sleep(0)
        clock.advance(10)
        await timer
        return clock.monotonic()

    assert clock.run(main()) == 10


def test_tasks_and_threads_share_one_time() -> None:
    """Work in the loop's executor holds the loop's timers until it sleeps in the clock."""
    clock = VirtualClock()

    async def both(number: int) -> float:
        await asyncio.to_thread(clock.sleep, number)
        await asyncio.sleep(1)
        return clock.monotonic()

    async def main() -> list[float]:
        return await asyncio.gather(*(both(number % 7) for number in range(30)))

    assert clock.run(main()) == [number % 7 + 1 for number in range(30)]


def test_one_clock_runs_one_loop_after_the_other() -> None:
    """Time goes on where the last run left it, also after one that failed."""
    clock = VirtualClock()

    async def fail() -> None:
        await asyncio.sleep(1)
        raise KeyError("lost")

    with pytest.raises(KeyError):
        clock.run(fail())
    clock.run(asyncio.sleep(1))
    clock.sleep(1)
    assert clock.monotonic() == 3
