"""What one attempt knows of itself, and how its answer is accounted for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from freetier.routing.effects import Check, Flow, ask
from freetier.routing.pair import OVERTAKEN
from freetier.routing.ports import Encoded
from freetier.routing.world import Timing, Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import Content, FinishReason, Usage
from freetier.values.faults import KEY_FAULTS, QUOTA_FAULTS, Fault, FaultScope, Refused
from freetier.values.quick import changed, maker
from freetier.values.quota import Cost, Reservation
from freetier.values.reports import Attempt, Completion
from freetier.values.wire import Answer, Broken

_completion = maker(Completion)

_attempt = maker(Attempt)

BYTES_PER_TOKEN = 4
"""Of an answer whose provider reports no usage; the usual rule of thumb, rounded up."""

FOREVER = float("inf")

LATE = 0.05
"""Seconds after which a request counts as written late; less is part of the usual way there."""

SPARE = 10.0
"""Seconds of a deadline, but at most half of what is left, that one attempt leaves for another."""

PATIENCE = 5.0
"""Seconds of silence after which a time-out by a caller's deadline counts against a provider."""

LEAST = 1.0
"""The same for streams of a provider whose usual time to the first content is known."""

SLOW, DOUBT = 4.0, 2.0
"""Times its usual time that a provider has to be silent as well, and that one of several callers
has to wait whose waiting is summed: it counts until somebody is answered."""

UNKNOWN = 20.0
"""Seconds that callers have to wait in sum, none of them less than one, where no usual time is
known: as long as a stream's first content is waited for."""

_FAULTS = {
    "connect": Fault.UNREACHABLE,
    "tls": Fault.UNREACHABLE,
    "timeout": Fault.TIMED_OUT,
    "cut": Fault.UNREACHABLE,
    "garbage": Fault.MALFORMED,
    "too_large": Fault.MALFORMED,
}


FREE_FAULTS = QUOTA_FAULTS | KEY_FAULTS | {Fault.BAD_REQUEST, Fault.MODEL_GONE}
"""Refusals that cost no tokens, also when they come inside an answer with status 200."""

NOTHING = Refused(fault=Fault.EMPTY, scope=FaultScope.CANDIDATE, detail="an empty answer")


@dataclass(frozen=True, slots=True)
class Broke:
    """A stream that ended early after its first content, and what it had said."""

    refused: Refused
    said: Content


class Try:
    """One attempt under way; instants are seconds since the request began.

    Attributes:
        sent: Whether a byte of the request can have reached the provider.
        answer: Status, headers and body, once they came.
        head_at, first_at: When the headers and the first content came.
        amounts: What it really took, once that is known.
        until: When its own budget ends.
        hurried: Whether the deadline has made that budget shorter.
        lost: What it came to, if another attempt was answered first.
    """

    __slots__ = (
        "amounts",
        "answer",
        "candidate",
        "cost",
        "encoded",
        "first_at",
        "head_at",
        "held",
        "hurried",
        "lost",
        "sent",
        "started",
        "trip",
        "until",
    )

    def __init__(
        self, trip: Trip, candidate: Candidate, encoded: Encoded, held: Reservation, cost: Cost
    ) -> None:
        self.trip = trip
        self.candidate = candidate
        self.encoded = encoded
        self.held = held
        self.cost = cost
        self.started = trip.elapsed
        self.sent = False
        self.answer: Answer | None = None
        self.head_at: float | None = None
        self.first_at: float | None = None
        self.amounts: tuple[int, ...] | None = None
        self.until = self.started + _budget(trip, candidate)
        self.hurried = False
        self.lost: Refused | None = None
        spared = _spared(trip, candidate)
        if spared < self.until - self.started:  # the caller's haste is not the provider's fault
            self.hurried, self.until = True, self.started + spared

    def written(self, after: float) -> None:
        """Take note of when the request was written; the provider counts it later by as much.

        It is late by what opening a connection took, and by what passed between the start
        that was granted and the sending: a busy event loop wakes whoever waits too late.
        """
        late = max(0.0, self.started - self.trip.due) + after
        if late > LATE:
            self.held = replace(self.held, far_ms=self.held.far_ms + ceil(late * 1000))

    def left(self, other: float | None = None) -> float | None:
        """Return seconds left of the attempt, the deadline and another budget; None for ever."""
        left = min(self.until - self.trip.elapsed, self.trip.left, other or FOREVER)
        return None if left == FOREVER else max(0.0, left)


def _budget(trip: Trip, candidate: Candidate) -> float:
    """Return the seconds one attempt may take: of a stream, until its first content."""
    budgets, provider = trip.job.options.budgets, candidate.provider
    longest = candidate.account.timeout or budgets.attempt or FOREVER
    if provider.attempt and not candidate.account.timeout:
        longest = max(longest, provider.attempt)
    if trip.job.stream and budgets.first_content:
        longest = min(longest, max(budgets.first_content, provider.first_content or 0))
    return longest


def _spared(trip: Trip, candidate: Candidate) -> float:
    """Return the seconds an attempt may take so that the deadline leaves time for another.

    A provider that hangs must not eat the whole of it while another one could answer, which
    is one that did not hang as well.
    """
    left = trip.left
    if left == FOREVER or left <= 0:
        return max(0.0, left)
    name = candidate.provider.name
    others = any(
        not seat.until
        and seat.candidate.provider.name != name
        and seat.candidate.key not in trip.tried
        and not trip.trouble.is_behind(seat.candidate)
        and not trip.closed(seat.candidate)
        for seat in trip.lineup.seats
    )
    return left - min(left / 2, SPARE) if others else left


def of_broken(this: Try, broken: Broken) -> Refused:
    """Return what a failure on the wire means."""
    own = broken.kind in {"garbage", "too_large"}
    scope = FaultScope.CANDIDATE if own else FaultScope.PROVIDER
    if broken.kind == "timeout" and this.hurried and not is_silent(this):
        scope = FaultScope.REQUEST
    return Refused(fault=_FAULTS[broken.kind], scope=scope, detail=broken.detail)


def is_silent(this: Try) -> bool:
    """Tell whether it was waited long enough to blame the provider, by this caller and others.

    A whole answer may be a long one, so that only a provider who answers nobody is silent.
    """
    entry, now = this.trip.world.board.entry(this.candidate), this.trip.world.now()
    usual, waited = entry.usual, this.trip.elapsed - this.started
    if usual is None:
        in_sum = entry.waited(waited, now) if waited >= LEAST else 0.0
        return waited >= PATIENCE or in_sum >= UNKNOWN
    if waited < DOUBT * usual:
        return False
    least = LEAST if this.trip.job.stream else PATIENCE
    return entry.waited(waited, now) >= max(least, SLOW * usual)


def overtaken(this: Try) -> Refused:
    """Return what an attempt came to that nobody needs any more; a silent one is to blame."""
    if this.first_at is None and this.head_at is None and is_silent(this):
        detail = "no answer came before another one's"
        return Refused(fault=Fault.TIMED_OUT, scope=FaultScope.PROVIDER, detail=detail)
    return OVERTAKEN


def spare(this: Try, refused: Refused) -> None:
    """Count a refusal inside an answer with status 200 as one that came with its status."""
    if refused.fault in FREE_FAULTS and this.first_at is None:
        this.amounts = this.trip.world.board.refused(this.candidate, this.held, refused)


def account(this: Try, content: Content) -> Completion:
    """Make the estimates true, take down who answered, and put the completion together."""
    trip, board, candidate = this.trip, this.trip.world.board, this.candidate
    usage = content.usage or estimated(this, content)
    this.amounts = board.actual(candidate, usage, this.cost, this.held)
    ended = trip.elapsed
    first = ended if this.first_at is None else this.first_at
    head = first if this.head_at is None else this.head_at
    stopped = content.finish_reason is FinishReason.LENGTH
    timing = Timing(head - this.started, first - this.started, ended - this.started, stopped)
    board.learn(trip.job, candidate, usage, timing)
    if trip.pair is not None and trip.job.options.accept is None:
        trip.pair.claim(trip)
    board.entry(candidate).recent.note(trip.world.now(), usage, this.cost.inputs)
    _take_down(this, usage, ended, content.finish_reason)
    whole = _both(trip, usage)
    trip.record.usage = whole
    if trip.said or whole is not content.usage:
        content = changed(content, text=trip.said + content.text, usage=whole)
    return _completion(content=content, report=trip.record.report())


def _both(trip: Trip, usage: Usage) -> Usage:
    """Return the usage of an answer with that of the broken legs it continues."""
    if not trip.legs:
        return usage
    legs = [*trip.legs, usage]
    return replace(
        usage,
        input_tokens=sum(leg.input_tokens for leg in legs),
        output_tokens=sum(leg.output_tokens for leg in legs),
        total_tokens=sum(leg.total_tokens for leg in legs),
        estimated=True,
    )


def _take_down(this: Try, usage: Usage, ended: float, finish: FinishReason) -> None:
    trip, candidate, record = this.trip, this.candidate, this.trip.record
    record.served, record.duration = candidate, ended
    record.cost += trip.world.board.price(candidate, usage)
    record.dropped, record.passed_on = this.encoded.dropped, this.encoded.passed_on
    record.finish_reason = finish
    record.quota_left = trip.world.board.entry(candidate).share_left
    record.attempt(
        _attempt(
            candidate=candidate.key,
            provider=candidate.provider.name,
            account=candidate.account.id,
            model=candidate.model.id,
            started_at=this.started,
            ended_at=ended,
            first_content_at=this.first_at,
            status=this.answer.status if this.answer else 0,
            usage=usage,
        )
    )


def estimated(this: Try, content: Content) -> Usage:
    """Return a usage for an answer that came without one: the estimate, and a count."""
    said = content.text + content.reasoning + content.refusal
    said += "".join(call.name + call.arguments for call in content.tool_calls)
    output = -(-len(said.encode("utf-8", "replace")) // BYTES_PER_TOKEN)
    given = this.cost.input_tokens
    return Usage(
        input_tokens=given, output_tokens=output, total_tokens=given + output, estimated=True
    )


def judge(this: Try, completion: Completion) -> Flow[Completion | Refused]:
    """Let the caller's acceptance check have its say; quota is settled either way."""
    accept = this.trip.job.options.accept
    if accept is None:
        return completion
    complaint = yield from ask(Check(accept, completion))
    if complaint is None:
        if this.trip.pair is not None:
            this.trip.pair.claim(this.trip)
        return completion
    record = this.trip.record
    record.served, record.usage, record.finish_reason = None, None, None
    record.attempts.pop()
    detail = f"not accepted: {complaint}"[:300]
    return Refused(fault=Fault.MALFORMED, scope=FaultScope.REQUEST, detail=detail)
