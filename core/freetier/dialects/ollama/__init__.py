"""Ollama's own language: lines of JSON, and a context whose size the request may set.

Over its OpenAI route the size is that of the model file, and a longer prompt is cut without a
word. Source: docs/api.md of Ollama's repository, and answers recorded under `tests/wire`.
"""

from __future__ import annotations

from freetier.dialects.ollama.decode import LineDecoder, content_of
from freetier.dialects.ollama.encode import encode
from freetier.dialects.ollama.texts import encode_texts, vectors_of
from freetier.dialects.spoken import Spoken
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest


class OllamaDialect(Spoken):
    """Speaks `POST /api/chat` and `POST /api/embed`.

    Args:
        table: What errors mean where a provider's own rules are silent.
    """

    name = "ollama"

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Write a request; raises `ValueError` with a readable text if it cannot be said."""
        return encode(request, candidate, stream=stream)

    def whole(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; an error or nothing inside it is a `Refused`."""
        return content_of(body, self._within(candidate))

    def decoder(self, candidate: Candidate) -> LineDecoder:
        """Return a fresh decoder for one stream."""
        return LineDecoder(self._within(candidate))

    def encode_texts(self, request: EmbedRequest, candidate: Candidate) -> Encoded:
        """Write texts; raises `ValueError` with a readable text if they cannot be said."""
        return encode_texts(request, candidate)

    def vectors(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; its vectors are in the order of the texts."""
        return vectors_of(body, self._within(candidate))
