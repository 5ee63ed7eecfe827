"""Texts into a request for vectors, and the vectors out of the answer."""

from __future__ import annotations

import base64
import binascii
from array import array
from sys import byteorder
from typing import Any

from freetier.dialects import jsontext
from freetier.dialects.errorbody import is_error
from freetier.dialects.jsontext import as_text, write
from freetier.dialects.openai.usage import usage_of
from freetier.dialects.outgoing import post
from freetier.dialects.streams import Refuse, empty, malformed
from freetier.routing.ports import Encoded
from freetier.values.accounts import Candidate
from freetier.values.chat import Content, FinishReason
from freetier.values.faults import Refused
from freetier.values.vectors import EmbedRequest, Vector

FLOAT_BYTES = 4
"""Of a number in a packed vector: little-endian IEEE 754, as `encoding_format` has it."""


IN_PATH = "{model}"
"""Where a model's id stands in the path of some hosts, instead of in the body."""


def encode_texts(request: EmbedRequest, candidate: Candidate) -> Encoded:
    """Write texts.

    Raises:
        ValueError: They cannot be said to this candidate; the text says what.
    """
    quirks, model = candidate.quirks, candidate.model
    if quirks.embeddings_path is None:
        raise ValueError(f"{candidate.provider.name} has no embeddings in this language")
    path = quirks.embeddings_path
    body: dict[str, Any] = {} if IN_PATH in path else {"model": model.id}
    body[quirks.inputs_field] = request.inputs
    if quirks.vector_format is not None:
        body["encoding_format"] = quirks.vector_format
    if request.dimensions not in {None, model.dimensions}:
        if quirks.dimensions_field is None:
            raise ValueError(f"{candidate.provider.name} takes no wish for dimensions")
        body[quirks.dimensions_field] = request.dimensions
    if quirks.task_field is not None and model.tasks:
        task = request.task or "document"
        body[quirks.task_field] = quirks.task_words.get(task, task)
    told = request.task is None or bool(quirks.task_field and model.tasks)
    return Encoded(
        request=post(candidate, path.replace(IN_PATH, model.id), write(body), stream=False),
        dropped=() if told else ("task",),
    )


def vectors_of(body: bytes, refuse: Refuse) -> Content | Refused:
    """Read an answer with status 200; an error or nothing inside it is a refusal."""
    try:
        value = jsontext.read(body)
    except jsontext.Unreadable as error:
        return malformed(f"the answer is {error}")
    if is_error(value):
        return refuse(value)
    if isinstance(value, list) and value:  # Hugging Face's own hosts send the bare vectors
        value = {"data": [{"embedding": row} for row in value]}
    rows = value.get("data") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        return malformed("the answer holds no vectors")
    if not rows:
        return empty("the answer holds no vectors")
    try:
        vectors = tuple(_numbers(row["embedding"]) for row in _in_order(rows))
    except (KeyError, TypeError, ValueError, OverflowError):
        return malformed("the answer holds a vector that cannot be read")
    return Content(
        vectors=vectors,
        finish_reason=FinishReason.STOP,
        usage=usage_of(value.get("usage")),
        id=as_text(value.get("id")) or None,
        upstream_model=as_text(value.get("model")) or None,
    )


def _in_order(rows: list[Any]) -> list[Any]:
    """Return the rows by their number; in the order they came if they are not numbered."""
    numbers = [row.get("index") if isinstance(row, dict) else None for row in rows]
    if sorted(n for n in numbers if isinstance(n, int)) != list(range(len(rows))):
        if any(number is not None for number in numbers):
            raise ValueError("the numbers of the vectors are wrong")
        return rows
    return sorted(rows, key=lambda row: int(row["index"]))


def _numbers(value: object) -> Vector:
    """Return a vector that is written as numbers or packed in base64."""
    if isinstance(value, list):
        numbers = array("d", value)
    elif isinstance(value, str):
        numbers = _unpacked(value)
    else:
        raise TypeError("a vector is a list or a text")
    if not numbers:
        raise ValueError("an empty vector")
    return tuple(numbers)


def _unpacked(text: str) -> array[float]:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if len(data) % FLOAT_BYTES:
        raise ValueError("half a number")
    numbers = array("f", data)
    if byteorder == "big":
        numbers.byteswap()
    return numbers
