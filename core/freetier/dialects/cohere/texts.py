"""Texts into an embedding request of Cohere's, and the vectors out of the answer."""

from __future__ import annotations

from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.cohere.decode import usage_of
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import as_dict, as_text, write
from freetier.dialects.numbers import vectors_in
from freetier.dialects.outgoing import post
from freetier.dialects.streams import Refuse, malformed
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import Content, FinishReason, Usage
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest


def encode_texts(request: EmbedRequest, candidate: Candidate) -> Encoded:
    """Write texts; queries and documents are told apart.

    Raises:
        ValueError: They cannot be said to this candidate; the text says what.
    """
    quirks, model = candidate.quirks, candidate.model
    if quirks.embeddings_path is None:
        raise ValueError(f"{candidate.provider.name} has no embeddings in this language")
    task = request.task or "document"
    body: dict[str, Any] = {
        "model": model.id,
        "texts": request.inputs,
        "input_type": quirks.task_words.get(task, f"search_{task}"),
        "embedding_types": ["float"],
    }
    if request.dimensions not in {None, model.dimensions}:
        if quirks.dimensions_field is None:
            raise ValueError(f"{candidate.provider.name} takes no wish for dimensions")
        body[quirks.dimensions_field] = request.dimensions
    return Encoded(request=post(candidate, quirks.embeddings_path, write(body), stream=False))


def vectors_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    rows = as_dict(as_dict(value).get("embeddings")).get("float")
    if not isinstance(rows, list):
        is_said = is_error(value) or isinstance(as_dict(value).get("message"), str)
        return refuse(value) if is_said else malformed("the answer holds no vectors")
    vectors = vectors_in(rows)
    if isinstance(vectors, Refused):
        return vectors
    told = usage_of(as_dict(as_dict(value).get("meta")))
    tokens = (told or {}).get("input_tokens", 0)
    return Content(
        vectors=vectors,
        finish_reason=FinishReason.STOP,
        usage=Usage(input_tokens=tokens, total_tokens=tokens) if tokens else None,
        id=as_text(as_dict(value).get("id")) or None,
    )
