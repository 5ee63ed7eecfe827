"""Requests for vectors in Google's language, and the answers to them."""

from __future__ import annotations

from typing import Any

from freetier.testing.arrival import Call
from freetier.testing.gemini.strict import known
from freetier.testing.jsons import Json
from freetier.testing.rejection import bad

MOST_TEXTS = 100
"""Texts of one batch (recorded in public repositories, 2026)."""

TASKS = frozenset(
    {"RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION"}
    | {"CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY"}
)


def texts(call: Call, *, strict: bool) -> Json:  # noqa: ARG001 - Google is always strict
    """Return a request for vectors in OpenAI's shape.

    Raises:
        Rejection: with the kind `bad_request` or `extra_field`.
    """
    known(call.body, "batch", "")
    requests = call.body.get("requests")
    if not isinstance(requests, list) or not 0 < len(requests) <= MOST_TEXTS:
        raise bad("requests", f"from 1 to {MOST_TEXTS} requests can be in one batch")
    inputs = [_text(row, f"requests[{place}]", call.model) for place, row in enumerate(requests)]
    body: Json = {"model": call.model, "input": inputs}
    size = requests[0].get("outputDimensionality")
    return {**body, "dimensions": size} if size is not None else body


def _text(row: Any, place: str, model: str) -> str:  # noqa: ANN401 - any JSON
    known(row, "embedding", place)
    if row.get("model") != f"models/{model}":
        raise bad(f"{place}.model", "must be the model of the path")
    if row.get("taskType", "RETRIEVAL_QUERY") not in TASKS:
        raise bad(f"{place}.task_type", "unknown task")
    known(row.get("content"), "content", f"{place}.content")
    found = [part.get("text") for part in row["content"].get("parts", ())]
    if not found or not all(isinstance(text, str) and text for text in found):
        raise bad(f"{place}.content", "content is empty")
    return " ".join(found)


def vectors_json(answer: Json) -> Json:
    """Return vectors in Google's shape, which tells no usage."""
    return {"embeddings": [{"values": row["embedding"]} for row in answer["data"]]}
