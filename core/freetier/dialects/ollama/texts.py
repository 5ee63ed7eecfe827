"""Texts into an embedding request of Ollama's, and the vectors out of the answer."""

from __future__ import annotations

from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import as_count, as_dict, write
from freetier.dialects.numbers import vectors_in
from freetier.dialects.outgoing import post
from freetier.dialects.streams import Refuse, malformed
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import Content, FinishReason, Usage
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest


def encode_texts(request: EmbedRequest, candidate: Candidate) -> Encoded:
    """Write texts; what is longer than the context is an error, not cut.

    Raises:
        ValueError: They cannot be said to this candidate; the text says what.
    """
    quirks, model = candidate.quirks, candidate.model
    if quirks.embeddings_path is None:
        raise ValueError(f"{candidate.provider.name} has no embeddings in this language")
    body: dict[str, Any] = {"model": model.id, "input": request.inputs, "truncate": False}
    if request.dimensions not in {None, model.dimensions}:
        body["dimensions"] = request.dimensions
    return Encoded(
        request=post(candidate, quirks.embeddings_path, write(body), stream=False),
        dropped=() if request.task is None else ("task",),
    )


def vectors_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    vectors = vectors_in(as_dict(value).get("embeddings"))
    if isinstance(vectors, Refused):
        return vectors
    tokens = as_count(as_dict(value).get("prompt_eval_count")) or 0
    return Content(
        vectors=vectors,
        finish_reason=FinishReason.STOP,
        usage=Usage(input_tokens=tokens, total_tokens=tokens) if tokens else None,
    )
