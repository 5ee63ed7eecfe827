"""From a request to a run: one flow, or a race of two where the caller wants hedging."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from freetier.routing import hedge, pair
from freetier.routing.flow import travel
from freetier.values.reports import Completion, RouteReport

if TYPE_CHECKING:
    from freetier.drivers.aio import AsyncDriver, AsyncRun
    from freetier.drivers.race import AsyncHedgedRun, HedgedRun
    from freetier.drivers.sync import Run, SyncDriver
    from freetier.routing.world import Trip

T = TypeVar("T")
Report = Callable[[], RouteReport]
Made: TypeAlias = "tuple[Run[Completion] | HedgedRun[Completion], Report]"
AsyncMade: TypeAlias = "tuple[AsyncRun[Completion] | AsyncHedgedRun[Completion], Report]"


def run(driver: SyncDriver, trip: Trip) -> Made:
    """Return a run of a request in a thread, and what tells its report."""
    from freetier.drivers.sync import Run  # noqa: PLC0415 - with the first thread

    first, late = Run(driver, travel(trip), trip.hurry), hedge.late_after(trip)
    if late is None:
        return first, trip.record.report
    trip.pair = pair.Pair(trip)
    from freetier.drivers.race import HedgedRun  # noqa: PLC0415 - with the first hedge

    trips: dict[object, Trip] = {first: trip}

    def make(other: Trip) -> Run[Completion]:
        return Run(driver, hedge.run_second(trip, other), other.hurry)

    second = partial(_second, trip, late, trips, make)
    hedged = HedgedRun(first, late, second, partial(_decided, trips))

    def report() -> RouteReport:
        return trips[hedged.run].record.report()

    return hedged, report


def arun(driver: AsyncDriver, trip: Trip) -> AsyncMade:
    """Return a run of a request in a task, and what tells its report."""
    from freetier.drivers.aio import AsyncRun  # noqa: PLC0415 - with the first task

    first, late = AsyncRun(driver, travel(trip), trip.hurry), hedge.late_after(trip)
    if late is None:
        return first, trip.record.report
    trip.pair = pair.Pair(trip)
    from freetier.drivers.race import AsyncHedgedRun  # noqa: PLC0415 - with the first hedge

    trips: dict[object, Trip] = {first: trip}

    def make(other: Trip) -> AsyncRun[Completion]:
        return AsyncRun(driver, hedge.run_second(trip, other), other.hurry)

    second = partial(_second, trip, late, trips, make)
    hedged = AsyncHedgedRun(first, late, second, partial(_decided, trips))

    def report() -> RouteReport:
        return trips[hedged.run].record.report()

    return hedged, report


def _second(
    trip: Trip, late: float, trips: dict[object, Trip], make: Callable[[Trip], T]
) -> T | float | None:
    """Return a run of the second attempt, or when to ask again for one; none if never."""
    other = hedge.second(trip, late)
    if other is None or isinstance(other, float):
        return other
    made = make(other)
    trips[made] = other
    return made


def _decided(trips: dict[object, Trip], run: object, error: BaseException | None) -> bool:
    """Tell whether a run is the one to go on with; an error of both tells of both."""
    return hedge.decided(trips[run], error)
