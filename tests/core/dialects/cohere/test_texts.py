"""Vectors of Cohere's own language: queries are told from documents."""

from __future__ import annotations

import json

import pytest

from freetier import Router
from freetier.testing import VirtualClock
from freetier.values.wire import Answer
from tests.core.test_checkup import _Body


class Embed:
    """A host that is as strict as the reference."""

    def __init__(self) -> None:
        self.asked = []

    def send(self, request, _timeouts):
        """Answer with a vector that tells the task."""
        body = json.loads(request.body)
        self.asked.append((request.url, body))
        assert set(body) <= {
            "model", "texts", "input_type", "embedding_types", "output_dimension", "truncate",
        }  # fmt: skip
        first = 1.0 if body["input_type"] == "search_query" else 0.0
        size = body.get("output_dimension", 1536)
        vectors = [[first, 1.0 - first, *[0.0] * (size - 2)] for _ in body["texts"]]
        answer = {
            "id": "e", "texts": body["texts"], "embeddings": {"float": vectors},
            "meta": {"billed_units": {"input_tokens": 7}},
        }  # fmt: skip
        return Answer(status=200, headers=(), body=_Body(json.dumps(answer).encode()))

    def close(self):
        """Nothing is open."""


def made() -> tuple[Router, Embed]:
    """Return a router over the second entry."""
    host = Embed()
    config = {"accounts": [{"provider": "cohere-native", "api_key": "k"}]}
    return Router(config, transport=host, clock=VirtualClock(), environ={}), host


@pytest.mark.parametrize(("task", "word"), [("query", "search_query"), (None, "search_document")])
def test_a_task_goes_by_its_word(task, word):
    """A text without a task is a document."""
    router, host = made()
    found = router.embed(["a", "b"], model="embed-v4.0", task=task)
    url, body = host.asked[0]
    assert url == "https://api.cohere.com/v2/embed"
    assert (body["input_type"], body["texts"], body["embedding_types"]) == (
        word,
        ["a", "b"],
        ["float"],
    )
    assert len(found.vectors) == 2
    assert found.usage.input_tokens == 7
    assert found.space.tasks == "input_type"


def test_vectors_may_be_shorter():
    """By the name that it has for that."""
    router, host = made()
    assert router.embed("a", model="embed-v4.0", dimensions=256).space.dimensions == 256
    assert host.asked[0][1]["output_dimension"] == 256
