"""Texts and vectors in Gemini's words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from freetier.testing import FakeProvider, Incoming
from freetier.values.chat import Content
from freetier.values.faults import Fault
from freetier.values.vectors import EmbedRequest
from tests.core.dialects.gemini.cases import DIALECT, candidate


def test_texts_become_vectors_at_a_strict_vendor():
    """One request per text in one batch; the order stays, and the size is what was asked."""
    provider = FakeProvider("gemini", models=["gemini-embedding-001"])
    request = EmbedRequest(inputs=("a cat", "a dog"), dimensions=8)
    sent = DIALECT.encode_texts(request, candidate("gemini-embedding-001")).request
    path = sent.url.partition("googleapis.com")[2]
    assert path == "/v1beta/models/gemini-embedding-001:batchEmbedContents"
    headers = {"x-goog-api-key": "fake-key-of-gemini-1"}
    reply = provider.reply(Incoming(method="POST", path=path, headers=headers, body=sent.body), 0.0)
    found = DIALECT.vectors(candidate(), reply.body)
    assert isinstance(found, Content)
    assert [len(vector) for vector in found.vectors] == [8, 8]
    assert found.vectors[0] != found.vectors[1]


def test_a_task_is_said_where_the_model_knows_tasks():
    """Else it is told as dropped."""
    request = EmbedRequest(inputs=("a",), task="query")
    plain = candidate("gemini-embedding-001")
    knowing = replace(plain, model=replace(plain.model, tasks="query/document"))
    assert DIALECT.encode_texts(request, plain).dropped == ("task",)
    body = json.loads(DIALECT.encode_texts(request, knowing).request.body)
    assert body["requests"][0]["taskType"] == "RETRIEVAL_QUERY"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"embeddings":[{"values":[]}]}',
        b'{"embeddings":[{"values":["x"]}]}',
        b'{"embeddings":[{"values":[null]}]}',
    ],
)
def test_vectors_that_cannot_be_read_are_malformed(body):
    """Nothing half is handed on."""
    assert DIALECT.vectors(candidate(), body).fault is Fault.MALFORMED


def test_no_vectors_at_all_are_an_empty_answer():
    """As no words are."""
    assert DIALECT.vectors(candidate(), b'{"embeddings":[]}').fault is Fault.EMPTY


def test_an_error_instead_of_vectors_is_classified():
    """As in any answer."""
    body = b'{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}'
    assert DIALECT.vectors(candidate(), body).fault is Fault.OVERLOADED
