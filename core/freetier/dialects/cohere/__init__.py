"""Cohere's own language, version 2 of its API: chat and embeddings.

It is near to OpenAI's in what it says and unlike it in how: pieces of a stream are typed
events, thoughts before a call are a plan, and vectors know queries from documents. Source:
https://docs.cohere.com/v2/reference, and answers recorded under `tests/wire`.
"""

from __future__ import annotations

from freetier.dialects.cohere.decode import StreamDecoder, content_of
from freetier.dialects.cohere.encode import encode
from freetier.dialects.cohere.texts import encode_texts, vectors_of
from freetier.dialects.spoken import Spoken
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest


class CohereDialect(Spoken):
    """Speaks `POST /v2/chat` and `POST /v2/embed`.

    Args:
        table: What errors mean where a provider's own rules are silent.
    """

    name = "cohere"

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Write a request; raises `ValueError` with a readable text if it cannot be said."""
        return encode(request, candidate, stream=stream)

    def whole(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; an error or nothing inside it is a `Refused`."""
        return content_of(body, self._within(candidate))

    def decoder(self, candidate: Candidate) -> StreamDecoder:
        """Return a fresh decoder for one stream."""
        return StreamDecoder(self._within(candidate))

    def encode_texts(self, request: EmbedRequest, candidate: Candidate) -> Encoded:
        """Write texts; raises `ValueError` with a readable text if they cannot be said."""
        return encode_texts(request, candidate)

    def vectors(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; its vectors are in the order of the texts."""
        return vectors_of(body, self._within(candidate))
