"""Waiters for a place are woken one by one, the longest first, threads and tasks in one line."""

from __future__ import annotations

import asyncio
import threading

from freetier.drivers.bell import Bell


async def test_a_ring_wakes_the_one_that_waited_longest() -> None:
    """Two tasks wait; each ring wakes one, in order."""
    bell, woken = Bell(), []

    async def wait(name: str) -> None:
        await bell.await_("k", 5)
        woken.append(name)

    tasks = [asyncio.create_task(wait("first")), asyncio.create_task(wait("second"))]
    await asyncio.sleep(0)
    bell.ring("k")
    await tasks[0]
    assert woken == ["first"]
    bell.ring("k")
    await tasks[1]
    assert woken == ["first", "second"]


def test_a_thread_is_woken_as_well() -> None:
    """A ring from another thread ends the wait."""
    bell, entered = Bell(), threading.Event()

    def wait() -> None:
        entered.set()
        bell.wait("k", 5)

    thread = threading.Thread(target=wait)
    thread.start()
    entered.wait()
    while thread.is_alive():
        bell.ring("k")
        thread.join(0.01)
    assert not thread.is_alive()


async def test_who_left_is_not_woken_in_place_of_somebody_else() -> None:
    """A cancelled waiter's turn goes to the next."""
    bell = Bell()
    gone = asyncio.create_task(bell.await_("k", 5))
    stays = asyncio.create_task(bell.await_("k", 5))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    bell.ring("k")
    await asyncio.wait_for(stays, 1)


async def test_nobody_waits_for_ever() -> None:
    """The wait ends by itself, and nothing of it stays."""
    bell = Bell()
    await bell.await_("k", 0.01)
    bell.ring("k")


def test_a_bell_that_is_kept_wakes_who_comes_too_late() -> None:
    """Once; and nobody else."""
    bell = Bell()
    bell.ring("mine", keep=True)
    bell.wait("mine", 60.0)
    assert not bell._kept
    bell.ring("other")
    bell.wait("other", 0.0)


async def test_a_kept_bell_wakes_a_task_as_well() -> None:
    """It returns at once."""
    bell = Bell()
    bell.ring("mine", keep=True)
    await bell.await_("mine", 60.0)
