"""The pool of a virtual clock is an executor like others."""

from __future__ import annotations

import threading

import pytest

from freetier.testing import VirtualClock


def test_results_and_errors_come_through() -> None:
    """A job's value or exception is that of its future."""
    clock = VirtualClock()
    with clock.threads(2) as pool:
        good, bad = pool.submit(divmod, 7, 2), pool.submit(divmod, 7, 0)
        assert good.result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            bad.result()


def test_a_cancelled_job_does_not_run_and_holds_nobody() -> None:
    """A job cancelled while it is queued leaves the clock to the others."""
    clock = VirtualClock()
    begun, go_on = threading.Event(), threading.Event()

    def first() -> None:
        begun.set()
        go_on.wait()
        clock.sleep(5)

    with clock.threads(1) as pool:
        running = pool.submit(first)
        begun.wait()
        queued = pool.submit(clock.sleep, 1000)
        assert queued.cancel()
        go_on.set()
        running.result()
    assert clock.monotonic() == 5


def test_a_shut_pool_takes_nothing_and_holds_nobody() -> None:
    """A refused job does not stop the time."""
    clock = VirtualClock()
    with clock.threads(1) as pool:
        pass
    with pytest.raises(RuntimeError):
        pool.submit(print)
    clock.sleep(1)
    assert clock.monotonic() == 1


def test_map_begins_when_all_are_submitted() -> None:
    """No job sees time move before the last one has been handed in."""
    clock = VirtualClock()
    with clock.threads(4) as pool:
        started = list(pool.map(lambda _: (clock.monotonic(), clock.sleep(1))[0], range(4)))
    assert started == [0.0] * 4
