"""Reading the whole of an answer's body, bounded in size and time."""

from __future__ import annotations

from collections.abc import Callable

from freetier.routing.effects import Flow, Read, ask
from freetier.values.wire import AsyncBody, Body, Broken


def read_all(
    body: Body | AsyncBody, left: Callable[[], float | None], bound: int | None = None
) -> Flow[bytes | Broken]:
    """Return what a body holds, or why not all of it came.

    Args:
        body: Of an answer whose headers have come.
        left: Tells the seconds that are left for the next piece.
        bound: Bytes after which it stops; the last piece may pass it.
    """
    pieces: list[bytes] = []
    size = 0
    while bound is None or size < bound:
        piece = yield from ask(Read(body, left()))
        if isinstance(piece, Broken):
            return piece
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
