"""Telling the listeners of one thing that happened to a request."""

from __future__ import annotations

from freetier.routing.effects import Flow, Tell, ask
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.reports import RouteEvent
from freetier.values.vectors import EmbedRequest

ENDS = frozenset({"answer", "give_up", "cancelled"})
"""The kinds that end a request; one of them is told of each, with the whole route."""


def tell(trip: Trip, kind: str, candidate: Candidate | None = None, **more: object) -> Flow[None]:
    """Tell the listeners of one thing that happened."""
    if not trip.world.is_heard and trip.job.options.listener is None and trip.pair is None:
        return
    record = trip.record
    if kind in ENDS:
        if trip.pair is not None:
            if not trip.pair.ends(trip, answered=kind == "answer"):
                return
            record = trip.pair.whole(trip)
        record.duration = trip.elapsed
        more["report"] = record.report()
    event = RouteEvent(
        kind=kind,
        request_id=record.request_id,
        alias=record.alias,
        at=trip.world.wall(),
        operation="embeddings" if isinstance(trip.job.request, EmbedRequest) else "chat",
        stream=trip.job.stream,
        candidate=candidate.key if candidate else None,
        tags=record.tags,
        **more,  # type: ignore[arg-type]
    )
    yield from ask(Tell(event, trip.job.options.listener))
