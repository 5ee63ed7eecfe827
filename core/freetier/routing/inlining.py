"""Media that a request gives by address, fetched for candidates that take content only.

RULE: nothing is fetched unless the caller allowed it, and nothing that nobody needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from freetier.routing.effects import Fetch, Flow, ask
from freetier.routing.fitness import BY_ADDRESS
from freetier.routing.world import Trip
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, MediaPart, Message
from freetier.values.wire import Fetched

PATIENCE = 20.0
"""Seconds for one address, redirects included."""

MOST_PARTS = 16
"""Addresses that one request may have fetched."""

_ALWAYS = frozenset({"audio", "file"})
"""Kinds that no language takes by any address; images and films depend on the provider."""


def inline(trip: Trip) -> Flow[None]:
    """Fetch what is needed; what cannot be had stays an address, with a note that says why."""
    request = trip.job.request
    if not isinstance(request, ChatRequest) or not trip.job.options.fetch_media:
        return
    wanted = list(dict.fromkeys(_wanted(request, trip.job.resolved.candidates)))
    found: dict[tuple[str, str], Fetched] = {}
    missed = [f"the {kind} is at no address of the web" for kind in _elsewhere(request)]
    for place, (url, kind) in enumerate(wanted):
        if place >= MOST_PARTS:
            missed.append(f"only {MOST_PARTS} addresses were fetched")
            trip.record.notes.append(missed[-1])
            break
        left = max(0.0, min(PATIENCE, trip.left))
        got = yield from ask(Fetch(url, kind, left))
        if isinstance(got, Fetched):
            found[url, kind] = got
        else:
            missed.append(f"the {kind} at {_host(url)} was not fetched: {got}")
            trip.record.notes.append(missed[-1])
    if found:
        messages = tuple(_with(message, found) for message in request.messages)
        trip.becomes(replace(request, messages=messages))
    if missed:
        _tell(trip, "; ".join(dict.fromkeys(missed)))


def _tell(trip: Trip, why: str) -> None:
    """Say of those who need the content why they lack it, instead of what would fetch it."""
    trip.unfetched = why
    closed = trip.record.closed
    trip.gone |= {skip.candidate for skip in closed if skip.detail == BY_ADDRESS}
    trip.record.closed = tuple(
        replace(skip, detail=why) if skip.detail == BY_ADDRESS else skip for skip in closed
    )


def _wanted(request: ChatRequest, candidates: tuple[Candidate, ...]) -> Iterator[tuple[str, str]]:
    content_only = any(not candidate.quirks.image_urls for candidate in candidates)
    for part in _addressed(request):
        if is_remote(part.url) and (content_only or part.kind in _ALWAYS):
            yield part.url or "", part.kind


def _elsewhere(request: ChatRequest) -> Iterator[str]:
    """Yield the kinds of media whose addresses nothing can be fetched from, as files are."""
    for part in _addressed(request):
        if not is_remote(part.url) and urlsplit(part.url or "").scheme.lower() != "data":
            yield part.kind


def _addressed(request: ChatRequest) -> Iterator[MediaPart]:
    parts = (p for m in request.messages if not isinstance(m.content, str) for p in m.content)
    return (part for part in parts if isinstance(part, MediaPart) and part.data is None)


def is_remote(url: str | None) -> bool:
    """Tell whether something lies elsewhere, and is not the content itself."""
    return urlsplit(url or "").scheme.lower() in {"http", "https"}


def _with(message: Message, found: dict[tuple[str, str], Fetched]) -> Message:
    if isinstance(message.content, str):
        return message
    parts = []
    for part in message.content:
        got = found.get((part.url or "", part.kind)) if isinstance(part, MediaPart) else None
        if got is not None and isinstance(part, MediaPart):
            part = replace(part, data=got.data, mime=part.mime or got.mime or None)  # noqa: PLW2901
        parts.append(part)
    return replace(message, content=tuple(parts))


def _host(url: str) -> str:
    """Return what may be shown of an address: no path, which may hold a token."""
    return urlsplit(url).hostname or "nowhere"
