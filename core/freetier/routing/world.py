"""What is handed to a flow: time, chance, names, dialects; and what it works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from freetier.routing.ports import Dialect, Encoded
from freetier.routing.record import Record
from freetier.routing.resolve import Resolved
from freetier.routing.trouble import Trouble
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Usage
from freetier.values.faults import Fault
from freetier.values.options import RouteOptions
from freetier.values.quick import quick
from freetier.values.vectors import EmbedRequest, Space

if TYPE_CHECKING:
    from freetier.routing.board import Board
    from freetier.routing.pair import Pair
    from freetier.routing.queue import Queue, Turn
    from freetier.routing.trying import Try


ROUNDING = 1e-6
"""Seconds by which sums of instants may be off."""

NOBODY: frozenset[Any] = frozenset()
"""Where a request rarely notes anything: a set of its own would be 200 bytes for each waiter."""


@quick
@dataclass(frozen=True, slots=True)
class Timing:
    """How long an answer took, in seconds: to its headers, its first content, its end."""

    head: float
    first: float
    whole: float
    length_stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Time, chance and names, handed in.

    Attributes:
        now: Monotonic seconds.
        wall: Seconds since 1970 UTC.
        chance: A number from 0 to 1.
        new_id: A new name that nobody else has.
        dialect: The wire language of a candidate.
        board: What is remembered of candidates.
        max_waiters: How many may wait at once.
        is_heard: Whether anybody may listen; in a simulation nobody does.
        is_watched: Tells whether anybody does who wants to hear of more than ends.
        waiting: How many do.
        woken: When the last one of those who wait for a candidate is to be woken, by its key.
        queue: Where they stand in line if somebody may overtake.
    """

    now: Callable[[], float]
    wall: Callable[[], float]
    chance: Callable[[], float]
    new_id: Callable[[], str]
    dialect: Callable[[Candidate], Dialect]
    board: Board
    queue: Queue
    max_waiters: int = 10_000
    is_heard: bool = True
    is_watched: Callable[[], bool] = lambda: True
    waiting: list[int] = field(default_factory=lambda: [0])
    woken: dict[str, float] = field(default_factory=dict)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request, resolved.

    Attributes:
        id: Name of the request.
        request: What is asked: an answer, or vectors.
        options: How it may be routed.
        alias: What the caller asked for.
        resolved: What the alias means.
        stream: Whether the caller wants events.
        backoff: Initial, largest and multiplier of pauses between retries, in seconds.
        notes: Remarks of the resolution.
        chance: A number from 0 to 1, for strategies that leave something to it.
        space: Where the vectors that are asked for live; `None` if words are asked for.
        prepared: Scratch for the board: needs and estimates, made once per request.
    """

    id: str
    request: ChatRequest | EmbedRequest
    options: RouteOptions
    alias: str
    resolved: Resolved
    stream: bool = False
    backoff: tuple[float, float, float] = (1.0, 30.0, 2.0)
    notes: tuple[str, ...] = ()
    chance: float = 0.0
    space: Space | None = None
    prepared: dict[str, object] = field(default_factory=dict, repr=False)


class Trip:
    """The state of one request under way; read and written by the flow only.

    Attributes:
        lineup: The candidates that can serve it, in order.
        tried: Keys of candidates that had their turn in this round.
        gone: Keys of candidates that this request need not ask again.
        failures: Transient faults by candidate.
        trouble: Where it met a fault that other accounts would meet as well.
        returns: When quota is back, by candidate, on the clock of `now`.
        places: Candidates that are full by what is under way.
        agreed: Providers that called the request bad.
        bent, again: Candidates that were asked, or are to be asked, with a parameter less.
        at: The attempt that is under way.
        begun: How many attempts were begun.
        pair: What it shares with its second attempt, if it is hedged.
        encoded: What was written for the last candidate, and in which language.
        due: When the last grant let it go, in seconds since it began.
        overslept: Booked starts that it woke too late for.
        turn: Its place in line, if it waits in one.
        probing: Leases of what this request probes, with what is suspected.
        max_context: The largest context that was too short.
        unfetched: Why media at addresses are not sent as content, though they may be fetched.
        said, legs: What broken streams had said and taken, where they are continued.
    """

    __slots__ = (
        "again", "agreed", "at", "begun", "bent", "due", "encoded", "failures", "gone", "job",
        "legs", "lineup", "max_context", "overslept", "pair", "places", "probing", "record",
        "returns", "said", "started", "tried", "trouble", "turn", "unfetched", "world",
    )  # fmt: skip

    def __init__(self, job: Job, world: World) -> None:
        self.job = job
        self.world = world
        self.started = world.now()
        self.lineup = world.board.lineup(job)
        tags, lineup = job.options.tags, self.lineup
        self.record = Record(job.id, job.alias, tags, lineup.closed, lineup.reasons)
        self.record.resting = lineup.resting_besides
        self.record.notes.extend(job.notes)
        self.tried: set[str] = set()
        self.gone: set[str] = set()
        self.failures: dict[Candidate, int] = {}
        self.trouble = Trouble()
        self.returns: dict[Candidate, float] = {}
        self.places: set[Candidate] = set()
        self.agreed: frozenset[str] = NOBODY
        self.bent: frozenset[Candidate] = NOBODY
        self.again: frozenset[Candidate] = NOBODY
        self.at: Try | None = None
        self.begun = 0
        self.pair: Pair | None = None
        self.encoded: tuple[Dialect, Encoded] | None = None
        self.due = 0.0
        self.overslept = 0
        self.turn: Turn | None = None
        self.probing: dict[str, Fault] = {}
        self.max_context = 0
        self.unfetched = ""
        self.said = ""
        self.legs: list[Usage] = []

    def becomes(self, request: ChatRequest) -> None:
        """Go on with a request that says the same in a form that more candidates take."""
        self.job = replace(self.job, request=request, prepared={})
        self.lineup = self.world.board.lineup(self.job)
        self.record.closed, self.record.reasons = self.lineup.closed, self.lineup.reasons
        self.record.resting = self.lineup.resting_besides

    def closed(self, candidate: Candidate) -> bool:
        """Tell whether this request cannot use a candidate (any more)."""
        if self.pair is not None and self.pair.bars(self, candidate):
            return True
        if self.agreed and candidate.provider.name in self.agreed:
            return True
        if self.max_context:
            context = self.world.board.taught.context(candidate)
            if context and context <= self.max_context:
                return True
        return bool(self.gone) and (candidate.key in self.gone or candidate.account.id in self.gone)

    @property
    def elapsed(self) -> float:
        """Return seconds since the request began."""
        return self.world.now() - self.started

    @property
    def left(self) -> float:
        """Return seconds until the deadline."""
        deadline = self.job.options.budgets.deadline
        return float("inf") if deadline is None else deadline - self.elapsed

    @property
    def hurry(self) -> Callable[[], float] | None:
        """Return what tells the seconds left, if there is a deadline."""
        return None if self.job.options.budgets.deadline is None else lambda: self.left

    @property
    def wait_left(self) -> float:
        """Return seconds the caller would still wait for quota."""
        most = self.job.options.budgets.max_wait
        patience = float("inf") if most is None else most - self.record.waited
        left = min(self.left, patience)
        return left if left > ROUNDING else 0.0

    @property
    def may_attempt(self) -> bool:
        """Tell whether the budgets allow one more HTTP request."""
        most = self.job.options.budgets.attempts
        begun = self.begun + (self.pair.begun(self) if self.pair is not None else 0)
        return self.left > 0 and (not most or begun < most)
