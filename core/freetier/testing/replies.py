"""What comes to a fake provider, and what goes back: values that both fronts carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from freetier.testing.said import Usage
from freetier.values.wire import Header

Broken = Literal["unreachable", "reset", "garbage"]
Ending = Literal["whole", "cut"]
Close = Callable[[float, int, Usage | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request as it arrives; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a body, `after` seconds behind the part before it (or the headers)."""

    data: bytes
    after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A request that somebody else answers.

    Attributes:
        url: where it goes.
        headers: with the key for that place.
        body: as it goes there.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def closed(_now: float, _delivered: int, _usage: Usage | None) -> None:
    """Do nothing: the end of a reply that no limit waits for."""


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer with its times and its accidents.

    Attributes:
        status: the HTTP status.
        headers: as the vendor writes them.
        pieces: the body.
        after: seconds from the arrival to the headers; infinite = never.
        ending: whether the body ends well or the connection breaks after the last piece.
        broken: no status at all: no connection, a reset one, or one that talks nonsense.
        forward: this answer comes from elsewhere; its pieces and status do not count.
        close: to be called once the answer has ended, with the instant, the number of
            pieces that went out and the usage if only the front knows it. Calling it again,
            or never, does no harm: what has a known end is over at that end.
    """

    status: int = 200
    headers: tuple[Header, ...] = ()
    pieces: tuple[Piece, ...] = ()
    after: float = 0.0
    ending: Ending = "whole"
    broken: Broken | None = None
    forward: Forward | None = None
    close: Close = field(default=closed, repr=False, compare=False)

    @property
    def body(self) -> bytes:
        """The whole body, without its times."""
        return b"".join(piece.data for piece in self.pieces)


def due_times(reply: Reply, arrived_at: float) -> Sequence[float]:
    """Return the instant at which each piece is sent."""
    due, instant = [], arrived_at + reply.after
    for piece in reply.pieces:
        instant += piece.after
        due.append(instant)
    return due


def duration(reply: Reply) -> float:
    """Return the seconds from the arrival until the last piece is sent."""
    return reply.after + sum(piece.after for piece in reply.pieces)
