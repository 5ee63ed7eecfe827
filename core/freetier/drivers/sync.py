"""The driver of threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from freetier.clock import Clock, SystemClock
from freetier.drivers.common import NONE_READY, Fetches, Shared, check
from freetier.drivers.granting import Granting, Grants
from freetier.drivers.intime import Left, in_time
from freetier.drivers.leash import Leash
from freetier.routing import effects as fx
from freetier.stores.base import QuotaStore
from freetier.values.chat import Event
from freetier.values.wire import Answer, Broken, Fetched, Transport

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class SyncDriver:
    """Grants the wishes of flows, one after the other, in the calling thread."""

    def __init__(
        self, store: QuotaStore, transport: Transport, clock: Clock, shared: Shared
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._shared = shared
        self._may_block = getattr(store, "blocking", True)
        self.grants: Grants = Granting(store, shared).grants() | {
            fx.Send: self._send,
            fx.Read: self._read,
            fx.Close: self._close,
            fx.Fetch: self._fetch,
            fx.Emit: self._emit,
            fx.Wait: self._wait,
            fx.Ring: shared.call,
            fx.Tell: shared.tell,
            fx.Check: check,
        }

    def run(self, flow: fx.Flow[T], left: Left | None = None) -> T:
        """Run a flow to its end and return its result; see `Run`."""
        return self.finish(Run(self, flow, left))

    def grants_within(self, left: Left | None) -> Grants:
        """Return the grants of a request that has so many seconds left."""
        return in_time(self.grants, left) if left and self._may_block else self.grants

    @staticmethod
    def finish(run: Steps[T]) -> T:
        """Run to the end and return the result."""
        while run.step() is not None:
            pass  # nobody listens to the events of a whole answer
        return run.result

    def _send(self, wish: fx.Send) -> Answer | Broken:
        return self._transport.send(wish.request, wish.timeouts)

    def _read(self, wish: fx.Read) -> Any:
        return wish.body.read(wish.timeout)

    def _close(self, wish: fx.Close) -> None:
        wish.body.close()

    def _fetch(self, wish: fx.Fetch) -> Fetched | str:
        if isinstance(self._transport, Fetches):
            return self._transport.fetch(wish)
        from freetier.drivers.fetch import Fetcher  # noqa: PLC0415 - with the first address

        return Fetcher().fetch(wish)

    def _emit(self, wish: fx.Emit) -> None:
        raise AssertionError(f"{wish!r} is handed out by the run")

    def _wait(self, wish: fx.Wait) -> None:
        if wish.bell is not None:
            self._shared.bell.wait(wish.bell, wish.seconds)
        elif wish.cancel is not None and isinstance(self._clock, SystemClock):
            wish.cancel.wait(wish.seconds)
        else:
            self._clock.sleep(wish.seconds)
        if wish.cancel is not None and wish.cancel.is_set():
            raise fx.Abandoned


class Steps(Protocol[T_co]):
    """Anything that is run step by step: one flow, or a race of two."""

    @property
    def result(self) -> T_co:
        """Return what it came to."""

    def step(self) -> Event | None:
        """Go on to the next event, or to the end, which is None."""


class Run(Generic[T]):
    """One flow under way: stepped from event to event, ended early by `stop`.

    Args:
        driver: Grants its wishes.
        flow: The flow.
        left: Seconds until the caller's deadline, if there is one.

    Attributes:
        ready: Events that may be taken without going on.
    """

    __slots__ = ("_flow", "_grants", "_next", "done", "ready", "result")

    result: T

    def __init__(self, driver: SyncDriver, flow: fx.Flow[T], left: Left | None = None) -> None:
        self._grants = driver.grants_within(left)
        self._flow = flow
        self._next: Callable[[], fx.Effect[Any]] = flow.__next__
        self.done = False
        self.ready = NONE_READY

    def step(self) -> Event | None:
        """Go on to the next event of the stream, or to the end, which is None."""
        if self.ready:
            return self.ready.popleft()
        if self.done:
            return None
        grants, flow = self._grants, self._flow
        try:
            effect = self._next()
            while not isinstance(effect, fx.Emit):
                try:
                    answer = grants[type(effect)](effect)
                except BaseException as error:  # noqa: BLE001 - the flow settles, then it rises
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as end:
            self.done = True
            self.result = end.value
            return None
        except BaseException:
            self.done = True
            raise
        self._next = self._resume
        if len(effect.events) > 1:
            self.ready = deque(effect.events[1:])
        return effect.events[0]

    def _resume(self) -> fx.Effect[Any]:
        return self._flow.send(None)

    def leashed(self) -> Leash:
        """Return what ends the flow from another thread."""
        self._grants = leash = Leash(self._grants)
        return leash

    def stop(self) -> None:
        """Tell the flow that nobody reads on; it settles and closes."""
        self.ready = NONE_READY
        if self.done:
            return
        self._next = lambda: self._flow.throw(fx.Abandoned())
        try:
            while self.step() is not None:
                pass
        except fx.Abandoned:
            pass
