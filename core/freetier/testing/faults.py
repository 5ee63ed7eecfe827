"""What can go wrong with a fake provider: a closed list of frozen values.

RULE: values only. `breakage` knows what they do to an answer, the two fronts what they do
to a connection.

Unless said otherwise, a fault that stands in for the answer is not counted by any limit, and
one that spoils an answer is, since the model had run by then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FOREVER = math.inf


@dataclass(frozen=True, slots=True)
class Ok:
    """Nothing goes wrong; fills a place in a script."""


@dataclass(frozen=True, slots=True)
class Unreachable:
    """The connection is not taken.

    Over loopback the listener already has it, so the client sees it closed before any byte;
    `Fleet.down` closes the listener itself.
    """


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset before the first byte of an answer, after the work was done."""


@dataclass(frozen=True, slots=True)
class Status:
    """A status instead of an answer.

    Args:
        status: the HTTP status.
        body: text, bytes, or anything JSON; None = the vendor's own shape for this status.
        headers: in addition to the vendor's.
        after: seconds before the headers.
        counted: whether the limits count the request.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    counted: bool = False


@dataclass(frozen=True, slots=True)
class VendorError:
    """One of the vendor's own errors, by the names in `Style.errors`, such as `bad_key`."""

    kind: str
    counted: bool = False


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The vendor's 429 naming a window, whatever the limits say.

    Args:
        wait: seconds the vendor tells to wait.
        metric: what the window counts.
        window: its name, as in `Limit.window`.
        amount: the limit it claims.
    """

    wait: float = 60.0
    metric: str = "requests"
    window: str = "minute"
    amount: int = 30


@dataclass(frozen=True, slots=True)
class Html:
    """A page of HTML where JSON was due."""

    status: int = 502
    text: str = "<html><head><title>Bad gateway</title></head><body>Bad gateway</body></html>"


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that mean nothing: as a body of 200, or where the status line should be."""

    where: Literal["body", "wire"] = "body"


@dataclass(frozen=True, slots=True)
class Stall:
    """Nothing for `seconds` before the headers; then the answer."""

    seconds: float = FOREVER


@dataclass(frozen=True, slots=True)
class StallMidStream:
    """Nothing for `seconds` after `pieces` pieces of the body; then the rest."""

    pieces: int = 2
    seconds: float = FOREVER


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection breaks after `pieces` pieces of the body; half of a body of one piece."""

    pieces: int = 2


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """After 200 and `pieces` pieces of text an error event; a whole answer is an error in 200.

    Args:
        pieces: of text before it.
        kind: the vendor's error, by the names in `Style.errors`.
    """

    pieces: int = 1
    kind: str = "server"


@dataclass(frozen=True, slots=True)
class BadEvent:
    """After `pieces` pieces of text an event whose JSON is cut off."""

    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Empty:
    """An answer without a word: only a finish reason and usage."""


@dataclass(frozen=True, slots=True)
class RoleOnly:
    """An answer that says its role and ends: no content, no finish reason, no usage."""


@dataclass(frozen=True, slots=True)
class NoDone:
    """A stream without its `[DONE]`."""


@dataclass(frozen=True, slots=True)
class NoFinish:
    """A stream that ends without a finish reason and without `[DONE]`."""


@dataclass(frozen=True, slots=True)
class NoUsage:
    """An answer that does not say what it cost."""


@dataclass(frozen=True, slots=True)
class RepeatedUsage:
    """The same usage once more, in a chunk of its own, before the end of the stream."""


@dataclass(frozen=True, slots=True)
class TwoFinishes:
    """The chunk with the finish reason comes twice."""


@dataclass(frozen=True, slots=True)
class Crlf:
    """Lines of the stream end with CR LF."""


@dataclass(frozen=True, slots=True)
class Comments:
    """A comment line before each event of the stream."""


@dataclass(frozen=True, slots=True)
class Split:
    """The body in pieces of `size` bytes, through characters and lines alike."""

    size: int = 1


@dataclass(frozen=True, slots=True)
class Drip:
    """The body in pieces of `size` bytes, `every` seconds one."""

    every: float = 1.0
    size: int = 16


@dataclass(frozen=True, slots=True)
class Flood:
    """A body that does not end before `size` bytes: of an event, or of a JSON string."""

    size: int = 64 * 1024 * 1024


Instead = Unreachable | Reset | Status | VendorError | RateLimited | Html | Garbage
Spoilt = (
    Stall
    | StallMidStream
    | Cut
    | ErrorEvent
    | BadEvent
    | Empty
    | RoleOnly
    | NoDone
    | NoFinish
    | NoUsage
    | RepeatedUsage
    | TwoFinishes
    | Crlf
    | Comments
    | Split
    | Drip
    | Flood
)
Fault = Ok | Instead | Spoilt
