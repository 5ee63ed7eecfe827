"""Telling the listeners of one thing that happened to a request."""

from __future__ import annotations

from freetier.routing.effects import Flow, Tell, ask
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.quick import maker
from freetier.values.reports import RouteEvent
from freetier.values.vectors import EmbedRequest

_event = maker(RouteEvent)

ENDS = frozenset({"answer", "give_up", "cancelled"})
"""The kinds that end a request; one of them is told of each, with the whole route."""


STEPS = frozenset({"attempt", "skip", "failover"})
"""Kinds that nobody needs to be told of but who wants to hear of every step."""


def tell(trip: Trip, kind: str, candidate: Candidate | None = None, **more: object) -> Flow[None]:
    """Tell the listeners of one thing that happened."""
    world, own = trip.world, trip.job.options.listener
    if own is None and kind in STEPS and not world.is_watched():
        return
    if own is None and not world.is_heard and trip.pair is None:
        return
    record = trip.record
    if kind in ENDS:
        if trip.pair is not None:
            if not trip.pair.ends(trip, answered=kind == "answer"):
                return
            record = trip.pair.whole(trip)
        record.duration = trip.elapsed
        more["report"] = record.report()
    event = _event(
        kind=kind,
        request_id=record.request_id,
        alias=record.alias,
        at=world.wall(),
        operation="embeddings" if isinstance(trip.job.request, EmbedRequest) else "chat",
        stream=trip.job.stream,
        candidate=candidate.key if candidate else None,
        tags=record.tags,
        **more,  # type: ignore[arg-type]
    )
    yield from ask(Tell(event, own))
