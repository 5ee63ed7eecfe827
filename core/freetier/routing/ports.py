"""What the flow needs from the layers it does not import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content, Event
from freetier.values.faults import Refused
from freetier.values.quick import quick
from freetier.values.quota import Observation
from freetier.values.vectors import EmbedRequest
from freetier.values.wire import Header, HttpRequest


class ByAddress(ValueError):
    """Something is given by address that a language takes by content only."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A request in a provider's words.

    Attributes:
        request: Ready to send.
        dropped: Parameters left out because the provider does not take them.
        passed_on: Parameters unknown to us that were sent on.
        members: What the body was written from, if another body may be made of it.
    """

    request: HttpRequest
    dropped: tuple[str, ...] = ()
    passed_on: tuple[str, ...] = ()
    members: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the headers of an answer tell.

    Attributes:
        retry_in: Seconds of a `retry-after`, if there was one.
        observations: One per window that was spoken of.
    """

    retry_in: float | None = None
    observations: tuple[Observation, ...] = ()


class Decoder(Protocol):
    """Turns the bytes of one stream into events, however they are cut."""

    id: str | None
    upstream_model: str | None

    def feed(self, data: bytes) -> Sequence[Event | Refused]:
        """Take some bytes; return what they complete. After a `Refused` nothing more comes."""

    def finish(self) -> Sequence[Event | Refused]:
        """Take the end of the stream; a cut stream ends in a `Refused` (malformed)."""


@runtime_checkable
class RewritingDialect(Protocol):
    """What a wire language has besides that need not write a request anew for each candidate."""

    def encode_again(
        self, before: Encoded, request: ChatRequest, candidate: Candidate, *, stream: bool
    ) -> Encoded:
        """Return what `encode` does, made of what it wrote for another candidate."""


@runtime_checkable
class TextDialect(Protocol):
    """What a wire language that can ask for vectors has besides; pure as well."""

    def encode_texts(self, request: EmbedRequest, candidate: Candidate) -> Encoded:
        """Write a request; raises `ValueError` with a readable text if it cannot be said."""

    def vectors(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; its vectors are in the order of the texts."""


class Dialect(Protocol):
    """One wire language. All methods are pure."""

    name: str

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Write a request; raises `ValueError` with a readable text if it cannot be said."""

    def whole(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; an error or nothing inside it is a `Refused`."""

    def decoder(self, candidate: Candidate) -> Decoder:
        """Return a fresh decoder for one stream."""

    def refusal(
        self, candidate: Candidate, status: int, headers: Sequence[Header], body: bytes
    ) -> Refused:
        """Classify an answer whose status is not 200."""

    def hints(self, candidate: Candidate, status: int, headers: Sequence[Header]) -> Hints:
        """Read the rate headers of any answer."""
