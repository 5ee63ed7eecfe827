"""One attempt: everything after a granted reservation, and its three endings.

Nothing was sent: the reservation is given back. Sent, and the usage is known: it is made
true. Sent, and nobody knows: the estimate counts. Everything after the grant is inside
one `try`, so that a caller who walks away at any point leaves no reservation behind.
"""

from __future__ import annotations

from dataclasses import replace

from freetier.routing.charges import under
from freetier.routing.delivery import deliver
from freetier.routing.effects import Close, Flow, Observe, Send, Settle, ask
from freetier.routing.embedding import heard
from freetier.routing.ports import Dialect, Encoded
from freetier.routing.reading import dated, read_all
from freetier.routing.record import failed
from freetier.routing.rescue import rescued
from freetier.routing.telling import tell
from freetier.routing.trying import (
    NOTHING,
    Broke,
    Try,
    account,
    estimated,
    judge,
    of_broken,
    overtaken,
    spare,
)
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import Usage
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.hidden import hidden, secrets_of
from freetier.values.quota import Cost, Reservation, Settlement
from freetier.values.reports import Completion
from freetier.values.wire import Answer, AsyncBody, Body, Broken, Timeouts, was_never_sent

MAX_ERROR_BODY = 256 * 1024
"""Bytes of an error's body that are read; no provider's error is longer."""

OK = range(200, 300)

LEFT = Refused(fault=Fault.CANCELLED, scope=FaultScope.REQUEST, detail="the caller left")
"""What an attempt came to whose caller went away in the middle."""


def attempt(
    trip: Trip, candidate: Candidate, encoded: Encoded, held: Reservation, cost: Cost
) -> Flow[Completion | Refused | Broke]:
    """Spend one granted reservation on one candidate; settle however it ends."""
    this, drains = Try(trip, candidate, encoded, held, cost), trip.world.board.drains
    trip.at, trip.begun = this, trip.begun + 1
    drains.sent(held.charges)
    before = len(trip.record.attempts)
    try:
        outcome = _scrubbed(candidate, (yield from _spend(this)))
        if not isinstance(outcome, Completion):
            refused = outcome.refused if isinstance(outcome, Broke) else outcome
            trip.record.attempt(failed(candidate, refused, this.started, trip.elapsed))
    except BaseException as error:
        if trip.pair is not None and trip.pair.has_lost(trip) and not isinstance(error, Exception):
            this.lost = overtaken(this)
        if len(trip.record.attempts) == before:  # else the answer was whole: only its end is unread
            why = this.lost or _left(error)
            trip.record.attempt(failed(candidate, why, this.started, trip.elapsed))
        raise
    finally:
        drains.ended(held.charges)
        try:
            yield from _closed(this)
        finally:
            trip.world.board.ended(candidate)
    if isinstance(outcome, Broke):
        outcome = Broke(outcome.refused, replace(outcome.said, usage=_leg(this, outcome)))
    return outcome


def _closed(this: Try) -> Flow[None]:
    """Let the connection go and settle; a caller who walks away just now keeps nothing."""
    try:
        if this.answer is not None:
            yield from ask(Close(this.answer.body))
    finally:
        yield from ask(Settle(this.held, _settlement(this)))


def _left(error: BaseException) -> Refused:
    """Return what an attempt came to that an exception ended: mostly the caller went away."""
    if not isinstance(error, Exception):
        return LEFT
    return replace(LEFT, detail=f"ended by {type(error).__name__}")


def _scrubbed(
    candidate: Candidate, outcome: Completion | Refused | Broke
) -> Completion | Refused | Broke:
    """Return an outcome whose words hold no key: a broken answer may quote what it repeats."""
    if isinstance(outcome, Completion):
        return outcome
    refused = outcome.refused if isinstance(outcome, Broke) else outcome
    refused = replace(refused, detail=hidden(refused.detail, secrets_of(candidate.account)))
    return Broke(refused, outcome.said) if isinstance(outcome, Broke) else refused


def _leg(this: Try, broke: Broke) -> Usage:
    """Return what a broken stream took, as far as anybody knows."""
    return broke.said.usage or estimated(this, broke.said)


def _settlement(this: Try) -> Settlement:
    ago = None if this.head_at is None else int((this.trip.elapsed - this.head_at) * 1000)
    return Settlement(amounts=this.amounts, sent=this.sent, answered_ago_ms=ago)


def _spend(this: Try) -> Flow[Completion | Refused | Broke]:
    trip = this.trip
    this.sent = True  # from here on a byte may be out; a `Broken` may say otherwise
    head, connect = this.left(), this.left(trip.job.options.budgets.connect)
    timeouts = Timeouts(connect=connect, head=head)
    try:
        answer = yield from ask(Send(this.encoded.request, timeouts))
    except BaseException as error:
        this.sent = not was_never_sent(error)
        this.written(trip.elapsed - this.started)
        raise
    this.written(answer.written_after)
    if isinstance(answer, Broken):
        this.sent = answer.sent
        return of_broken(this, answer)
    this.answer, this.head_at = answer, trip.elapsed
    dialect = trip.world.dialect(this.candidate)
    if answer.status not in OK:
        answer = replace(answer, headers=dated(answer.headers, trip.world.wall()))
    yield from _listen(this, dialect, answer)
    if answer.status not in OK:
        return (yield from _refusal(this, dialect, answer))
    if trip.job.stream:
        return (yield from deliver(this, dialect.decoder(this.candidate), answer.body))
    return (yield from _whole(this, dialect, answer.body))


def _listen(this: Try, dialect: Dialect, answer: Answer) -> Flow[None]:
    """Adopt what the headers say of the windows."""
    hints = dialect.hints(this.candidate, answer.status, answer.headers)
    world, board = this.trip.world, this.trip.world.board
    observed = board.observed(this.candidate, this.held, hints.observations, world.wall())
    if observed:
        this.held = under(this.held, observed)
        yield from ask(Observe(observed, this.trip.elapsed - this.started))
        for sentence in board.drains.told(observed, int(world.now() * 1000)):
            yield from tell(this.trip, "warning", this.candidate, detail=sentence)


def _refusal(this: Try, dialect: Dialect, answer: Answer) -> Flow[Completion | Refused]:
    body = yield from read_all(answer.body, this.left, MAX_ERROR_BODY)
    data = body if isinstance(body, bytes) else b""
    refused = dialect.refusal(this.candidate, answer.status, answer.headers, data)
    world, board = this.trip.world, this.trip.world.board
    this.amounts = board.refused(this.candidate, this.held, refused)
    observed = board.told(this.candidate, refused, world.wall())
    if observed:
        yield from ask(Observe(observed, this.trip.elapsed - this.started))
    return (yield from rescued(this, refused))


def _whole(this: Try, dialect: Dialect, body: Body | AsyncBody) -> Flow[Completion | Refused]:
    data = yield from read_all(body, this.left)
    if isinstance(data, Broken):
        return of_broken(this, data)
    if not data.strip():
        return NOTHING
    content = heard(this.trip, this.candidate, dialect, data)
    if isinstance(content, Refused):
        spare(this, content)
        return (yield from rescued(this, content))
    this.first_at = this.trip.elapsed
    return (yield from judge(this, account(this, content)))
