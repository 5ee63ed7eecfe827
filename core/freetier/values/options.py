"""How one request may be routed: budgets, permissions and wishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from freetier.values.reports import Completion, RouteEvent

Strategy = str
Accept = Callable[["Completion"], Any]


class Cancel(Protocol):
    """Tells a thread that rests to go; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Tell whether to go."""

    def wait(self, timeout: float) -> bool:
        """Rest for so many seconds, or until it is time to go; tell which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Bounds in seconds and attempts; `None` means none (decisions 8).

    Attributes:
        deadline: For the whole request.
        attempt: For one attempt.
        connect: For one connection.
        first_content: Until the first content of a stream.
        idle: Between two pieces of a stream.
        attempts: HTTP requests per request.
        max_wait: For quota to come back; 0 never waits, `None` as long as the deadline allows.
            The default is a minute window, and the second by which a request under way may
            be counted late.
    """

    deadline: float | None = None
    attempt: float | None = 60.0
    connect: float | None = 5.0
    first_content: float | None = 20.0
    idle: float | None = 30.0
    attempts: int | None = 10
    max_wait: float | None = 61.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOptions:
    """What a caller may say of one request's routing.

    Attributes:
        budgets: Bounds that hold for it.
        priority: Larger goes first among those who wait, within one router.
        allow_paid: Whether it may cost money.
        allow_training: False leaves out providers that train on free use.
        only, exclude: Providers, accounts, models or candidate keys.
        tags: Passed on to listeners.
        on_stream_break: What to do when a stream breaks after its first content.
        max_cost: Dollars that this request may cost at most.
        accept: Called with the finished completion; an exception means the next candidate.
        buffer_structured: Hold a stream until `accept` has passed.
        hedge: Seconds after which a second attempt is made elsewhere if no content has come;
            true learns them from earlier answers.
        fetch_media: Whether media given by address are fetched from there for candidates that
            take them by content only: from public hosts, at most 20 MB each.
        listener: Told of every step of this request alone.
        cancel: Ends the rests of a thread early, and the request with them; tasks are cancelled.
    """

    budgets: Budgets = field(default_factory=Budgets)
    priority: int = 0
    allow_paid: bool = False
    allow_training: bool = True
    only: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    on_stream_break: Literal["raise", "restart", "continue"] = "raise"
    max_cost: float | None = None
    accept: Accept | None = None
    buffer_structured: bool = False
    hedge: bool | float = False
    fetch_media: bool = False
    listener: Callable[[RouteEvent], None] | None = None
    cancel: Cancel | None = None
