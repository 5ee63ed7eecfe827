"""Telling the listeners of one thing that happened to a request."""

from __future__ import annotations

from freetier.routing.effects import Flow, Tell, ask
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.reports import RouteEvent


def tell(trip: Trip, kind: str, candidate: Candidate | None = None, **more: object) -> Flow[None]:
    """Tell the listeners of one thing that happened."""
    record = trip.record
    if kind in {"answer", "give_up"}:
        record.duration = trip.elapsed
        more["report"] = record.report()
    event = RouteEvent(
        kind=kind,
        request_id=record.request_id,
        alias=record.alias,
        candidate=candidate.key if candidate else None,
        tags=record.tags,
        **more,  # type: ignore[arg-type]
    )
    yield from ask(Tell(event, trip.job.options.listener))
