"""The loop of a virtual clock: ready work first, sockets and threads honoured."""

from __future__ import annotations

import asyncio
import socket
import threading

from freetier.testing import VirtualClock
from freetier.testing.loop import VirtualLoop


def test_ready_work_runs_before_time_moves() -> None:
    """However much is ready, no timer fires early."""
    clock = VirtualClock()
    seen = []

    async def busy() -> None:
        for _ in range(100):
            seen.append(clock.monotonic())
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(busy(), asyncio.sleep(1))

    clock.run(main())
    assert set(seen) == {0.0}


def test_a_real_socket_is_waited_for_when_no_timer_is_set() -> None:
    """Bytes from another thread arrive; that is no deadlock, and takes no virtual time."""
    clock = VirtualClock()
    ours, theirs = socket.socketpair()

    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        ours.setblocking(False)
        sender = threading.Thread(target=theirs.sendall, args=[b"hello"])
        loop.call_soon(sender.start)
        received = await loop.sock_recv(ours, 10)
        sender.join()
        return received

    with ours, theirs:
        assert clock.run(main()) == b"hello"
    assert clock.monotonic() == 0


def test_an_idle_socket_does_not_hold_the_time_of_others() -> None:
    """A thread that sleeps in the clock wakes although the loop listens to a silent socket."""
    clock = VirtualClock()
    ours, theirs = socket.socketpair()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(ours, lambda: None)
        await asyncio.to_thread(clock.sleep, 60)
        loop.remove_reader(ours)

    with ours, theirs:
        clock.run(main())
    assert clock.monotonic() == 60


def test_another_thread_may_hand_over_work() -> None:
    """`call_soon_threadsafe` from a thread of the clock wakes a resting loop at that moment."""
    clock = VirtualClock()

    async def main() -> float:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        told = asyncio.Event()

        def tell() -> None:
            clock.sleep(5)
            loop.call_soon_threadsafe(told.set)
            clock.sleep(50)

        job = loop.run_in_executor(None, tell)
        await asyncio.wait_for(told.wait(), 1000)
        heard_at = clock.monotonic()
        await job
        return heard_at

    assert clock.run(main()) == 5
    assert clock.monotonic() == 55


def test_a_run_ends_with_its_threads() -> None:
    """Jobs that nobody awaited are waited for, in virtual time."""
    clock = VirtualClock()
    done = []

    def job() -> None:
        clock.sleep(100)
        done.append(clock.monotonic())

    async def main() -> None:
        asyncio.get_running_loop().run_in_executor(None, job)

    clock.run(main())
    assert done == [100.0]
