"""A stream, handed out as it comes.

A candidate is committed at the first text, thought, refusal or piece of a call; before
that everything fails over. Everything that is no content is held back to the end, so
that the caller learns usage and reason once.
"""

from __future__ import annotations

from collections.abc import Sequence

from freetier.routing.collect import Collector
from freetier.routing.continuing import Overlap
from freetier.routing.effects import Emit, Flow, Read, ask
from freetier.routing.ports import Decoder
from freetier.routing.rescue import rescued
from freetier.routing.trying import (
    FOREVER,
    NOTHING,
    Broke,
    Try,
    account,
    judge,
    of_broken,
    spare,
)
from freetier.routing.world import Trip
from freetier.values.chat import (
    CONTENT_EVENTS,
    Event,
    Finished,
    TextDelta,
    Usage,
    UsageReported,
)
from freetier.values.faults import Refused
from freetier.values.reports import Completion
from freetier.values.wire import AsyncBody, Body, Broken

DRAIN = 0.5
"""Seconds for the end of a connection after the end of a stream; then it is hung up on."""


class _Out:
    """What of one stream was said, what of it is to be handed out, and what is held back."""

    __slots__ = ("held_back", "is_buffered", "overlap", "ready", "said")

    def __init__(self, trip: Trip) -> None:
        self.said = Collector()
        self.ready: list[Event] = []
        self.held_back: list[Event] = []
        self.is_buffered = trip.job.options.buffer_structured
        self.overlap = Overlap(trip.said) if trip.said else None

    def texts(self, event: TextDelta | None) -> list[Event]:
        """Return text without what it repeats of a broken stream; None flushes."""
        if self.overlap is None:
            return [event] if event is not None else []
        text = self.overlap.flush() if event is None else self.overlap.feed(event.text)
        return [TextDelta(text)] if text else []

    def emit(self) -> Emit:
        """Return the wish to hand out what is ready: whoever reads slowly holds up the rest."""
        ready, self.ready = tuple(self.ready), []
        return Emit(ready)


def deliver(
    this: Try, decoder: Decoder, body: Body | AsyncBody
) -> Flow[Completion | Refused | Broke]:
    """Hand out the events of one stream; return how it ended."""
    out = _Out(this.trip)
    is_silent = True
    while True:
        if this.first_at is not None:  # once content flows, only silence and the deadline count
            this.until = FOREVER
        idle = this.trip.job.options.budgets.idle if this.first_at is not None else None
        data: bytes | Broken = yield Read(body, this.left(idle))  # `ask` would cost each token
        if isinstance(data, Broken):
            return (yield from _cut(this, out, decoder, data))
        if not data and is_silent:
            return NOTHING
        is_silent = is_silent and not data.strip()
        last = _take_all(this, out, decoder.feed(data) if data else decoder.finish())
        if out.ready:
            yield out.emit()
        if isinstance(last, Refused):
            spare(this, last)
            ended = yield from rescued(this, last)
            if isinstance(ended, Completion):
                return ended
            return (yield from _end(this, out, decoder, ended))
        if last is not None:
            yield from ask(Read(body, this.left(DRAIN)))  # so that the connection is kept
        if last is not None or not data:
            return (yield from _end(this, out, decoder, None))


def _take_all(this: Try, out: _Out, events: Sequence[Event | Refused]) -> Finished | Refused | None:
    """Take the events of one read up to the one that ends the stream, and return that one."""
    for event in events:
        if isinstance(event, Refused):
            return event
        _take(this, out, event)
        if isinstance(event, Finished):
            return event
    return None


def _cut(
    this: Try, out: _Out, decoder: Decoder, broken: Broken
) -> Flow[Completion | Refused | Broke]:
    """End a stream whose connection went: it is whole if its finish reason had come."""
    rest = decoder.finish()
    if any(isinstance(event, Refused) for event in rest):
        return (yield from _end(this, out, decoder, of_broken(this, broken)))
    for event in rest:
        if not isinstance(event, Refused):
            _take(this, out, event)
    return (yield from _end(this, out, decoder, None))


def _take(this: Try, out: _Out, event: Event) -> None:
    if out.overlap is not None and isinstance(event, TextDelta):
        events = out.texts(event)
    else:
        events = [event]
    for one in events:
        out.said.add(one)
        if out.is_buffered or not isinstance(one, CONTENT_EVENTS):
            out.held_back.append(one)
            continue
        if this.first_at is None:
            this.first_at = this.trip.elapsed
            this.trip.record.served = this.candidate
            this.trip.record.duration = this.first_at
            if this.trip.pair is not None:
                this.trip.pair.claim(this.trip)
        out.ready.append(one)


def _end(
    this: Try, out: _Out, decoder: Decoder, refused: Refused | None
) -> Flow[Completion | Refused | Broke]:
    """End a stream: whole, failed before its first content, or broken after it."""
    rest, out.overlap = out.texts(None), None
    for event in rest:
        _take(this, out, event)
    if out.ready:
        yield out.emit()
    content = out.said.content(id=decoder.id, upstream_model=decoder.upstream_model)
    if refused is None and content.is_empty and not this.trip.said:
        refused = NOTHING
    if refused is not None:
        return refused if this.first_at is None else Broke(refused, content)
    judged = yield from judge(this, account(this, content))
    if isinstance(judged, Refused):
        return judged if this.first_at is None else Broke(judged, content)
    out.ready = _tail(out.held_back, judged.usage)
    if out.ready:
        yield out.emit()
    return judged


def _tail(held_back: list[Event], usage: Usage | None) -> list[Event]:
    """Return what is left to hand out, with the whole usage just before the end."""
    tail: list[Event] = [event for event in held_back if not isinstance(event, UsageReported)]
    if usage is not None:
        ends = [n for n, event in enumerate(tail) if isinstance(event, Finished)]
        tail.insert(ends[0] if ends else len(tail), UsageReported(usage))
    return tail
