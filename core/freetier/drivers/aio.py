"""The driver of an event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from freetier.clock import Clock
from freetier.drivers.common import NONE_READY, AsyncFetches, Shared, check
from freetier.drivers.granting import AsyncGranting, Granting, Grants
from freetier.drivers.intime import Left, in_time_for_tasks
from freetier.routing import effects as fx
from freetier.stores.base import AsyncQuotaStore, QuotaStore
from freetier.values.chat import Event
from freetier.values.wire import Answer, AsyncTransport, Broken, Fetched

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class AsyncDriver:
    """Grants the wishes of flows, one after the other, in the calling task.

    Args:
        store: In the asynchronous colour, or a synchronous one that never blocks: its
            wishes are granted on the spot.
        transport: Sends requests.
        clock: Rests.
        shared: Listeners and the bell.
    """

    def __init__(
        self,
        store: AsyncQuotaStore | QuotaStore,
        transport: AsyncTransport,
        clock: Clock,
        shared: Shared,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._shared = shared
        self.at_once: Grants = {fx.Ring: shared.call, fx.Tell: shared.tell, fx.Check: check}
        self.grants: Grants = {
            fx.Send: self._send,
            fx.Read: self._read,
            fx.Close: self._close,
            fx.Fetch: self._fetch,
            fx.Emit: self._emit,
            fx.Wait: self._wait,
        }
        if asyncio.iscoroutinefunction(store.reserve):
            self.grants |= AsyncGranting(store, shared).grants()  # type: ignore[arg-type]
        else:
            self.at_once |= Granting(store, shared).grants()  # type: ignore[arg-type]

    async def run(self, flow: fx.Flow[T], left: Left | None = None) -> T:
        """Run a flow to its end and return its result; see `AsyncRun`."""
        return await self.finish(AsyncRun(self, flow, left))

    def grants_within(self, left: Left | None) -> Grants:
        """Return the grants of a request that has so many seconds left."""
        if left is None or fx.Reserve not in self.grants:
            return self.grants
        return in_time_for_tasks(self.grants, left, self._shared.behind)

    @staticmethod
    async def finish(run: AsyncSteps[T]) -> T:
        """Run to the end and return the result."""
        while await run.step() is not None:
            pass  # nobody listens to the events of a whole answer
        return run.result

    async def _send(self, wish: fx.Send) -> Answer | Broken:
        return await self._transport.asend(wish.request, wish.timeouts)

    async def _read(self, wish: fx.Read) -> Any:
        return await wish.body.read(wish.timeout)  # type: ignore[misc]

    async def _close(self, wish: fx.Close) -> None:
        await wish.body.close()  # type: ignore[misc]

    async def _fetch(self, wish: fx.Fetch) -> Fetched | str:
        if isinstance(self._transport, AsyncFetches):
            return await self._transport.afetch(wish)
        from freetier.drivers.fetch import Fetcher  # noqa: PLC0415 - with the first address

        return await Fetcher().afetch(wish)

    async def _emit(self, wish: fx.Emit) -> None:
        raise AssertionError(f"{wish!r} is handed out by the run")

    async def _wait(self, wish: fx.Wait) -> None:
        if wish.bell is None:
            await self._clock.asleep(wish.seconds)
        else:
            await self._shared.bell.await_(wish.bell, wish.seconds)


class AsyncSteps(Protocol[T_co]):
    """Anything that is run step by step: one flow, or a race of two."""

    @property
    def result(self) -> T_co:
        """Return what it came to."""

    async def step(self) -> Event | None:
        """Go on to the next event, or to the end, which is None."""


class AsyncRun(Generic[T]):
    """One flow under way: stepped from event to event, ended early by `stop`.

    Args:
        driver: Grants its wishes.
        flow: The flow.
        left: Seconds until the caller's deadline, if there is one.

    Attributes:
        ready: Events that may be taken without going on.
    """

    __slots__ = (
        "_at_once",
        "_flow",
        "_grants",
        "_next",
        "_unwinding",
        "done",
        "loop",
        "ready",
        "result",
    )

    result: T

    def __init__(self, driver: AsyncDriver, flow: fx.Flow[T], left: Left | None = None) -> None:
        self._at_once = driver.at_once
        self._grants = driver.grants_within(left)
        self._flow = flow
        self._next: Callable[[], fx.Effect[Any]] = flow.__next__
        self._unwinding = False
        self.done = False
        self.ready = NONE_READY
        self.loop: asyncio.AbstractEventLoop | None = None

    async def step(self) -> Event | None:
        """Go on to the next event of the stream, or to the end, which is None."""
        if self.ready:
            return self.ready.popleft()
        if self.done:
            return None
        flow, at_once = self._flow, self._at_once
        try:
            effect = self._next()
            while not isinstance(effect, fx.Emit):
                try:
                    quick = at_once.get(type(effect))
                    answer = quick(effect) if quick is not None else await self._grant(effect)
                except GeneratorExit:  # the task was thrown away: nothing may be awaited
                    self.abandon(at_once)
                    raise
                except BaseException as error:  # noqa: BLE001 - the flow settles, then it rises
                    self._unwinding = self._unwinding or not isinstance(error, Exception)
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

    async def _grant(self, effect: fx.Effect[Any]) -> Any:
        granted = self._grants[type(effect)](effect)
        if not self._unwinding and not isinstance(effect, fx.Settle | fx.Release):
            return await granted
        # a cancelled task still settles and closes, also when it is cancelled in doing so
        return await asyncio.shield(asyncio.ensure_future(granted))

    async def stop(self) -> None:
        """Tell the flow that nobody reads on; it settles and closes."""
        self.ready = NONE_READY
        if self.done:
            return
        self._unwinding = True
        self._next = lambda: self._flow.throw(fx.Abandoned())
        try:
            while await self.step() is not None:
                pass
        except fx.Abandoned:
            pass

    def abandon(self, grants: Grants) -> None:
        """Settle a run whose loop is gone or elsewhere; its connection is left to the loop."""
        if self.done:
            return
        self.done = True
        try:
            effect = self._flow.throw(fx.Abandoned())
            while True:
                grant = grants.get(type(effect))
                away = grant is None or isinstance(effect, fx.Close | fx.Send | fx.Read)
                effect = self._flow.send(None if away or grant is None else grant(effect))
        except (StopIteration, fx.Abandoned):
            pass
