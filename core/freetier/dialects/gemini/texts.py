"""Texts into a `batchEmbedContents` request, and the vectors out of the answer.

Source: https://ai.google.dev/api/embeddings. The answer tells no usage.
"""

from __future__ import annotations

from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.gemini.encode import name_of
from freetier.dialects.jsontext import as_dict, write
from freetier.dialects.numbers import vectors_in
from freetier.dialects.outgoing import post
from freetier.dialects.streams import Refuse, malformed
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import Content, FinishReason
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest

PATH = "/models/{model}:batchEmbedContents"


def encode_texts(request: EmbedRequest, candidate: Candidate) -> Encoded:
    """Write texts.

    Raises:
        ValueError: They cannot be said to this candidate; the text says what.
    """
    quirks, model = candidate.quirks, candidate.model
    pattern = quirks.embeddings_path or ""
    path = (pattern if "{model}" in pattern else PATH).replace("{model}", name_of(candidate))
    more: dict[str, Any] = {}
    if request.dimensions not in {None, model.dimensions}:
        if quirks.dimensions_field is None:
            raise ValueError(f"{candidate.provider.name} takes no wish for dimensions")
        more[quirks.dimensions_field] = request.dimensions
    is_told = bool(quirks.task_field and model.tasks)
    if quirks.task_field is not None and is_told:
        task = request.task or "document"
        more[quirks.task_field] = quirks.task_words.get(task, task)
    name = "models/" + model.id.removeprefix("models/")
    texts = [
        {"model": name, "content": {"parts": [{"text": text}]}, **more} for text in request.inputs
    ]
    return Encoded(
        request=post(candidate, path, write({"requests": texts}), stream=False),
        dropped=() if is_told or request.task is None else ("task",),
    )


def vectors_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    rows = as_dict(value).get("embeddings")
    if isinstance(rows, list):
        rows = [as_dict(row).get("values") for row in rows]
    vectors = vectors_in(rows)
    if isinstance(vectors, Refused):
        return vectors
    return Content(vectors=vectors, finish_reason=FinishReason.STOP)
