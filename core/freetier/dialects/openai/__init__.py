"""The language that most providers speak, in the spelling of each.

RULE: a difference between providers is a field of `Quirks`, never a provider's name here.
"""

from __future__ import annotations

from freetier.dialects.openai.decode import StreamDecoder
from freetier.dialects.openai.encode import encode
from freetier.dialects.openai.texts import encode_texts, vectors_of
from freetier.dialects.openai.whole import content_of
from freetier.dialects.spoken import Spoken
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest


class OpenAIDialect(Spoken):
    """Speaks `POST /chat/completions` and `POST /embeddings`.

    Args:
        table: What errors mean where a provider's own rules are silent.
    """

    name = "openai"

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Write a request; raises `ValueError` with a readable text if it cannot be said."""
        return encode(request, candidate, stream=stream)

    def encode_again(
        self, before: Encoded, request: ChatRequest, candidate: Candidate, *, stream: bool
    ) -> Encoded:
        """Write a request as `encode` does; a body that says the same is not written anew."""
        if type(self).encode is not OpenAIDialect.encode:  # whoever writes his own is asked for it
            return self.encode(request, candidate, stream=stream)
        return encode(request, candidate, stream=stream, before=before)

    def whole(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; an error or nothing inside it is a `Refused`."""
        return content_of(body, candidate.quirks, self._within(candidate))

    def decoder(self, candidate: Candidate) -> StreamDecoder:
        """Return a fresh decoder for one stream."""
        return StreamDecoder(candidate.quirks, self._within(candidate))

    def encode_texts(self, request: EmbedRequest, candidate: Candidate) -> Encoded:
        """Write texts; raises `ValueError` with a readable text if they cannot be said."""
        return encode_texts(request, candidate)

    def vectors(self, candidate: Candidate, body: bytes) -> Content | Refused:
        """Read a whole 200 answer; its vectors are in the order of the texts."""
        return vectors_of(body, self._within(candidate))
