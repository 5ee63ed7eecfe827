"""Store calls that end with the caller's deadline, however slow the store is (decisions 8).

A store has a bound of its own, a few seconds; a caller in a hurry does not wait for it.
What was asked before anything was sent ends the request; what is only book-keeping goes
on behind its back. Nothing stays taken: what is granted too late is given back.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from freetier.drivers.common import log
from freetier.drivers.granting import Grants
from freetier.routing import effects as fx
from freetier.values.quota import NEVER_SENT, Granted

Left = Callable[[], float]

PATIENT = 10.0
"""Seconds left from which a store's own bound is the smaller one."""

GRACE = 0.1
"""Seconds that book-keeping gets at the end of a deadline, once: a store that is well needs
a few milliseconds, and a process that ends just then would leave it undone."""

STORE = (
    fx.Survey, fx.Reserve, fx.Settle, fx.Block, fx.Strike, fx.Lease, fx.Release, fx.Observe,
)  # fmt: skip
"""What goes to a store."""

NEEDED = (fx.Survey, fx.Reserve)
"""Without these there is nothing to go on with. A lease that is late is somebody else's."""

LATE_ANSWERS: dict[type[fx.Effect[Any]], Any] = {fx.Strike: 0, fx.Lease: False}

LATE = "the store did not answer before the deadline"


class _Hurry:
    """How long the next store call of one request may take, and what comes of a late one."""

    def __init__(self, left: Left) -> None:
        self._left = left
        self._was_late = False

    def seconds(self, wish: fx.Effect[Any]) -> float | None:
        """Return the bound of one call, None if the store's own is smaller."""
        left = self._left()
        if left > PATIENT:
            return None
        least = 0.0 if self._was_late or isinstance(wish, (*NEEDED, fx.Lease)) else GRACE
        return max(least, left)

    def late(self, wish: fx.Effect[Any]) -> Any:
        """Return what a late call is taken to have answered; raise if that cannot be."""
        self._was_late = True
        if isinstance(wish, NEEDED):
            raise fx.TooLate(LATE)
        return LATE_ANSWERS.get(type(wish))


def _undone(wish: fx.Effect[Any], answer: Any) -> fx.Effect[Any] | None:
    """Return the wish that undoes what was granted too late, if anything was."""
    if isinstance(wish, fx.Reserve) and isinstance(answer, Granted):
        return fx.Settle(wish.reservation, NEVER_SENT)
    if isinstance(wish, fx.Lease) and answer:
        return fx.Release(wish.key, wish.owner)
    return None


def in_time(grants: Grants, left: Left) -> Grants:
    """Return grants of a thread whose store calls end in time.

    Args:
        grants: Of a store that may block.
        left: Seconds until the caller's deadline.
    """
    hurry = _Hurry(left)

    def grant(wish: fx.Effect[Any]) -> Any:
        seconds = hurry.seconds(wish)
        if seconds is None:
            return grants[type(wish)](wish)
        call = _Call(grants, wish)
        threading.Thread(target=call.run, daemon=True).start()
        return call.answer.result() if call.ended(seconds) else hurry.late(wish)

    return grants | dict.fromkeys(STORE, grant)


class _Call:
    """One store call in a thread of its own."""

    def __init__(self, grants: Grants, wish: fx.Effect[Any]) -> None:
        self.answer: Future[Any] = Future()
        self._grants = grants
        self._wish = wish
        self._guard = threading.Lock()
        self._ended = threading.Event()
        self._given_up = False

    def run(self) -> None:
        """Make the call; undo it if nobody waits any more."""
        try:
            self.answer.set_result(self._grants[type(self._wish)](self._wish))
        except BaseException as error:  # noqa: BLE001 - belongs to whoever waits for it
            self.answer.set_exception(error)
        with self._guard:
            self._ended.set()
            late = self._given_up
        if late:
            _close(self.answer, self._wish, self._undo)

    def _undo(self, wish: fx.Effect[Any]) -> None:
        self._grants[type(wish)](wish)

    def ended(self, seconds: float) -> bool:
        """Wait so long; False if it is not over by then, and so given up."""
        self._ended.wait(seconds)
        with self._guard:
            self._given_up = not self._ended.is_set()
        return not self._given_up


def _close(answer: Any, wish: fx.Effect[Any], undo: Callable[[fx.Effect[Any]], None]) -> None:
    """Look at what came too late: undo it, or say that it failed."""
    error = answer.exception()
    if error is not None:
        log.warning("the store failed after a deadline: %s", error)
        return
    wanted = _undone(wish, answer.result())
    if wanted is not None:
        undo(wanted)


def in_time_for_tasks(grants: Grants, left: Left, behind: set[asyncio.Task[Any]]) -> Grants:
    """Return grants of a task whose store calls end in time; see `in_time`.

    Args:
        grants: Of a store that is awaited.
        left: Seconds until the caller's deadline.
        behind: Where calls are kept that go on behind a caller's back.
    """
    hurry = _Hurry(left)

    def keep(task: asyncio.Task[Any]) -> None:
        behind.add(task)
        task.add_done_callback(behind.discard)

    def undo(wish: fx.Effect[Any]) -> None:
        keep(asyncio.ensure_future(grants[type(wish)](wish)))

    async def grant(wish: fx.Effect[Any]) -> Any:
        seconds = hurry.seconds(wish)
        if seconds is None:
            return await grants[type(wish)](wish)
        task: asyncio.Task[Any] = asyncio.ensure_future(grants[type(wish)](wish))
        try:
            done, _ = await asyncio.wait((task,), timeout=seconds)
        except asyncio.CancelledError:  # as if it had been awaited
            task.cancel()
            await asyncio.wait((task,))
            raise
        if done:
            return task.result()
        keep(task)
        task.add_done_callback(lambda over: None if over.cancelled() else _close(over, wish, undo))
        return hurry.late(wish)

    return grants | dict.fromkeys(STORE, grant)
