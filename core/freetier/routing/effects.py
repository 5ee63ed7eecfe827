"""The wishes of the core: each is granted by a driver and answered with one value.

A flow is a generator that yields effects. `ask` gives each question the type of its
answer; nothing but the driver vouches for it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from freetier.values.chat import Event
from freetier.values.faults import Fault
from freetier.values.options import Accept, Cancel
from freetier.values.quick import quick
from freetier.values.quota import (
    Charge,
    Denied,
    Granted,
    Observation,
    Reservation,
    Settlement,
    Tally,
)
from freetier.values.reports import Completion, RouteEvent
from freetier.values.wire import Answer, AsyncBody, Body, Broken, Fetched, HttpRequest, Timeouts

R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Effect(Generic[R_co]):
    """A wish whose answer has the type `R_co`."""


@dataclass(frozen=True, slots=True)
class Survey(Effect["SurveyAnswer"]):
    """Read windows and blocks in one round trip."""

    charges: tuple[Charge, ...]
    guards: tuple[str, ...]


@quick
@dataclass(frozen=True, slots=True)
class Reserve(Effect[Granted | Denied]):
    """Take all charges in one atomic step, or book their earliest start within `wait` s."""

    reservation: Reservation
    wait: float | None = None


@quick
@dataclass(frozen=True, slots=True)
class Settle(Effect[None]):
    """Make an estimate true, keep it, or give it back; never fails for the caller."""

    reservation: Reservation
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Block(Effect[None]):
    """Leave a key alone for so many seconds; a later end wins."""

    key: str
    seconds: float
    fault: Fault


@dataclass(frozen=True, slots=True)
class Strike(Effect[int]):
    """Count a fault against a key; the answer is how many there were within `span` s."""

    key: str
    span: float


@dataclass(frozen=True, slots=True)
class Lease(Effect[bool]):
    """Be the only one who probes a key for `ttl` s; False if somebody else is."""

    key: str
    owner: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Release(Effect[None]):
    """Let a lease go; with `clear` the key's faults and block are forgotten as well."""

    key: str
    owner: str
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Observe(Effect[None]):
    """Adopt what a provider said of the windows behind some charges."""

    observed: tuple[tuple[Charge, Observation], ...]
    sent_ago: float


@quick
@dataclass(frozen=True, slots=True)
class Send(Effect[Answer | Broken]):
    """Send one HTTP request, once, up to the headers."""

    request: HttpRequest
    timeouts: Timeouts


@quick
@dataclass(frozen=True, slots=True)
class Read(Effect[bytes | Broken]):
    """Read the next bytes, empty at the end, within `timeout` s."""

    body: Body | AsyncBody
    timeout: float | None


@quick
@dataclass(frozen=True, slots=True)
class Close(Effect[None]):
    """Let a connection go."""

    body: Body | AsyncBody


@dataclass(frozen=True, slots=True)
class Fetch(Effect[Fetched | str]):
    """Get an image, a sound, a film or a file from a public address; a text is why not."""

    url: str
    kind: str
    timeout: float


@quick
@dataclass(frozen=True, slots=True)
class Emit(Effect[None]):
    """Hand events of a stream to the caller, one after the other, at least one.

    The flow goes on when the last of them was taken and the next one is asked for.
    """

    events: tuple[Event, ...]


PLACES = "places"
"""The bell that is rung when a place of a concurrency limit is given back in this process."""


@dataclass(frozen=True, slots=True)
class Wait(Effect[None]):
    """Rest for so many seconds, or until the bell of a key is rung in this process.

    A thread is `Abandoned` when `cancel` is set; a task is cancelled instead.
    """

    seconds: float
    bell: str | None = None
    cancel: Cancel | None = None


@dataclass(frozen=True, slots=True)
class Ring(Effect[None]):
    """Wake the one that waits for this bell, or will; only in this process."""

    bell: str


@quick
@dataclass(frozen=True, slots=True)
class Tell(Effect[None]):
    """Tell the listeners, and the request's own; they cannot break the call."""

    event: RouteEvent
    listener: Callable[[RouteEvent], None] | None = None


@dataclass(frozen=True, slots=True)
class Check(Effect[str | None]):
    """Let the caller's `accept` judge a finished completion; a text is its complaint."""

    accept: Accept
    completion: Completion


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """What a survey found: tallies in the order of the charges, blocks by key in seconds left."""

    tallies: tuple[Tally, ...]
    blocks: dict[str, tuple[float, Fault]]


Flow = Generator[Effect[Any], Any, T]


def ask(effect: Effect[T]) -> Flow[T]:
    """Yield one effect and return its answer with its own type."""
    answer: T = yield effect
    return answer


class TooLate(Exception):
    """Thrown into a flow when a store did not answer before the caller's deadline."""


class Abandoned(BaseException):
    """Thrown into a flow when the caller stops reading a stream."""
