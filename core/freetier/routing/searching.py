"""The steps of finding a limit: look into a refusal, tell the store what was found."""

from __future__ import annotations

from freetier.routing.effects import Flow, Observe, Survey, ask
from freetier.routing.health import Leave
from freetier.routing.seats import Entry
from freetier.routing.sought import Told, short_lines
from freetier.routing.telling import tell
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.faults import Fault, Refused
from freetier.values.quota import Learned, Metric, Tally


def found_out(trip: Trip, candidate: Candidate) -> Flow[None]:
    """Take in an answer; a trial that was answered may raise what a limit is taken for."""
    board = trip.world.board
    told = board.search.answered(board.entry(candidate), trip.job.id, trip.world.now())
    if told:
        yield from _tell(trip, candidate, told)


def looked_into(
    trip: Trip, candidate: Candidate, refused: Refused, left: Leave
) -> Flow[Leave | None]:
    """Look into a refusal that our own count cannot explain; return whom to leave alone.

    Args:
        trip: The request.
        candidate: Who refused it.
        refused: What it said.
        left: What would be left alone if there were nothing to be found.
    """
    board, now = trip.world.board, trip.world.now()
    entry, search = board.entry(candidate), board.search
    if refused.fault is not Fault.RATE_LIMITED:
        search.let_go(entry, trip.job.id)
        return left
    sent_at = trip.started + trip.record.attempts[-1].started_at
    tallies = yield from _short(entry)
    held = {tally.key: tally.used + tally.reserved for tally in tallies.values()}
    line = search.suspect(entry, refused, held)
    if not search.counts(entry, refused) or not search.doubts(entry, sent_at, now):
        search.let_go(entry, trip.job.id)
        return left
    count, unit = None, search.takes(entry, board.cost(trip.job, candidate))
    if line is not None and line.charge.key in tallies:  # else another one has just begun
        tally = tallies[line.charge.key]
        count = tally.used + min(tally.reserved, unit * entry.in_flight)
        if line.limit.metric is Metric.REQUESTS:
            count -= line.limit.counts_refused
    known = line is not None
    told, seconds = search.refused(entry, refused, (trip.job.id, sent_at, now), count, unit)
    if told:
        yield from _tell(trip, candidate, told)
    if told and not known:  # the accounts of one provider are alike until they say otherwise
        for other in search.siblings(entry, board.entries()):
            search.adopt(other, told[-1][0].metric, _learned(trip, told), now)
    return Leave(left.key, seconds)


def _short(entry: Entry) -> Flow[dict[str, Tally]]:
    """Return what is counted in a candidate's short windows, by their keys."""
    asked = tuple(line.charge for line in short_lines(entry.prepared))
    if not asked:
        return {}
    found = yield from ask(Survey(asked, ()))
    return {tally.key: tally for tally in found.tallies}


def _learned(trip: Trip, told: Told) -> Learned:
    said = told[-1][1]
    at_ms = int(trip.world.wall() * 1000)
    return Learned(amount=said.limit or 1, source=said.source, at_ms=at_ms)


def _tell(trip: Trip, candidate: Candidate, told: Told) -> Flow[None]:
    """Let the store and this process know a number, and the listeners too."""
    board, learned = trip.world.board, _learned(trip, told)
    for charge, _ in told:
        board.learned[charge.key] = learned
    yield from ask(Observe(told, 0.0))
    what, seconds = told[-1][0].metric.replace("_", " "), told[-1][0].span_ms // 1000
    detail = f"{what} per {seconds} s are taken to be {learned.amount} now"
    yield from tell(trip, "learned", candidate, detail=detail)
