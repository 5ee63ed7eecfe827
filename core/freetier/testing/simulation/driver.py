"""The third driver: flows in virtual time, resumed by a stage instead of a loop or a thread.

Store effects are granted at once by the same code as in the other drivers; what takes time
(sending, reading, resting) comes back later from the stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from freetier.drivers.common import Shared, check
from freetier.drivers.granting import Granting, Grants
from freetier.errors import RouteError
from freetier.routing import effects as fx
from freetier.stores.base import QuotaStore
from freetier.testing.simulation.line import Body, Line
from freetier.testing.simulation.stage import Stage
from freetier.values.reports import Completion

NO_WORLD = "a simulation has no addresses to fetch from"

End = Callable[[Completion | RouteError], None]


class Bells:
    """Who rests until a bell rings, by its name; the longest waiter is woken first."""

    def __init__(self) -> None:
        self._waiters: dict[str, deque[Running]] = {}
        self._kept: set[str] = set()

    def ring(self, key: str, *, keep: bool = False) -> None:
        """Wake the longest waiter of a key; if there is none, `keep` wakes the next one."""
        line = self._waiters.get(key, deque())
        while line:
            running = line.popleft()
            if running.bell == key:
                running.wake()
                return
        self._waiters.pop(key, None)
        if keep:
            self._kept.add(key)

    def wait(self, key: str, running: Running) -> bool:
        """Stand in line; False if the bell was rung before."""
        if key in self._kept:
            self._kept.discard(key)
            return False
        self._waiters.setdefault(key, deque()).append(running)
        return True


class StageDriver:
    """Runs the flows of one router.

    Args:
        stage: The time.
        store: Granted at once.
        line: Carries requests.
        shared: Listeners, and the bell of this stage.
    """

    def __init__(self, stage: Stage, store: QuotaStore, line: Line, shared: Shared) -> None:
        self.stage = stage
        self.line = line
        self.bells = Bells()
        shared.bell = self.bells  # type: ignore[assignment]  # only its ringing is used here
        self.at_once: Grants = Granting(store, shared).grants() | {
            fx.Tell: shared.tell if shared.listeners else _nobody,
            fx.Ring: shared.call,
            fx.Check: check,
            fx.Emit: _nobody,
            fx.Close: lambda wish: wish.body.end(),
            fx.Fetch: lambda _wish: NO_WORLD,
        }

    def start(self, flow: fx.Flow[Completion], end: End) -> None:
        """Begin a flow; its completion or its error goes to `end`."""
        Running(self, flow, end).resume(None)


class Running:
    """One flow under way."""

    __slots__ = ("_driver", "_end", "_flow", "_turn", "bell")

    def __init__(self, driver: StageDriver, flow: fx.Flow[Completion], end: End) -> None:
        self._driver = driver
        self._flow = flow
        self._end = end
        self._turn = 0
        self.bell: str | None = None

    def resume(self, answer: object) -> None:
        """Go on with the answer to the last effect, up to one that takes time, or the end."""
        at_once, send = self._driver.at_once, self._flow.send
        try:
            effect = send(answer)
            while True:
                grant = at_once.get(type(effect))
                if grant is not None:
                    effect = self._granted(grant, effect)
                    continue
                now = self._begin(effect)
                if now is _LATER:
                    return
                effect = send(now)
        except StopIteration as end:
            self._end(end.value)
        except RouteError as error:
            self._end(error)

    def _granted(self, grant: Callable[[Any], Any], effect: fx.Effect[Any]) -> fx.Effect[Any]:
        try:
            answer = grant(effect)
        except Exception as error:  # noqa: BLE001 - the flow settles, then it rises
            return self._flow.throw(error)
        return self._flow.send(answer)

    def _begin(self, effect: fx.Effect[Any]) -> object:
        """Begin what takes time; return its answer if it takes none after all."""
        match effect:
            case fx.Send(request, timeouts):
                self._driver.line.send(request, timeouts, self.resume)
            case fx.Read(body, timeout):
                return self._read(body, timeout)  # type: ignore[arg-type]  # made by the line
            case fx.Wait(seconds, bell):
                return self._rest(seconds, bell)
            case _:
                raise AssertionError(f"no driver grants {effect!r}")
        return _LATER

    def _read(self, body: Body, timeout: float | None) -> object:
        wait, part = body.next(timeout)
        if wait <= 0:
            body.took(part)
            return part

        def come() -> None:
            body.took(part)
            self.resume(part)

        self._driver.stage.after(wait, come)
        return _LATER

    def _rest(self, seconds: float, bell: str | None) -> object:
        if bell is not None and not self._driver.bells.wait(bell, self):
            return None
        self._turn += 1
        turn, self.bell = self._turn, bell

        def over() -> None:
            if self._turn == turn:
                self.wake()

        self._driver.stage.after(seconds, over)
        return _LATER

    def wake(self) -> None:
        """End a rest, at this very instant but after what is happening just now."""
        self._turn += 1
        self.bell = None
        self._driver.stage.after(0, lambda: self.resume(None))


_LATER = object()


def _nobody(_wish: fx.Effect[Any]) -> None:
    return None
