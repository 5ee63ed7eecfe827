"""The embeddings over two accounts of one model: indexes, ingestion, both colours."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter

from freetier import ConfigError, QuotaExhausted, Router, Space
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier.testing.accounts import FakeModel
from freetier.testing.faults import Status
from freetier.testing.vectors import vector
from freetier_llamaindex import FreeTierEmbedding, collect_routes

MODEL, SIZE = "bge-m3", 48
TEXTS = [f"text number {n}" for n in range(120)]
NORWAY = [Document(text="Much rain falls in Bergen."), Document(text="Most people live in Oslo.")]


def _fleet(*limits: Limit) -> Fleet:
    models = [FakeModel(MODEL, dimensions=SIZE)]
    return Fleet(*(FakeProvider(n, models=models, limits=limits) for n in ("north", "south")))


def _offline(fleet: Fleet, **fields: Any) -> FreeTierEmbedding:
    """Return embeddings over a fleet without sockets, on a clock that jumps."""
    clock = VirtualClock()
    config = {**fleet.config(limits=True), "strategy": "declared"}
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    return FreeTierEmbedding(**{"model_name": MODEL, "router": router, **fields})


@pytest.fixture(params=["plain", "failover"])
def embedding(request: pytest.FixtureRequest) -> Iterator[FreeTierEmbedding]:
    """Embeddings over HTTP; in one mode the first host refuses every request."""
    with _fleet() as fleet, Router(fleet.config(), strategy="declared") as router:
        if request.param == "failover":
            fleet.always("north", Status(413))
        yield FreeTierEmbedding(MODEL, router=router)
        failed = [e.provider for e in fleet.books.entries if e.verdict == "failed"]
        answered = [e.provider for e in fleet.books.entries if e.verdict == "admitted"]
        assert answered
        if request.param == "failover":
            assert failed == ["north"] * len(answered)
            assert set(answered) == {"south"}
        else:
            assert failed == []
            assert set(answered) == {"north"}


def test_it_is_an_embedding_model() -> None:
    """Its first argument is the model; constructing it reads nothing."""
    made = FreeTierEmbedding("bge-m3")
    assert isinstance(made, BaseEmbedding)
    assert made.model_name == FreeTierEmbedding(model_name="bge-m3").model_name == "bge-m3"
    assert FreeTierEmbedding.from_defaults("bge-m3", dimensions=8).dimensions == 8
    assert made.class_name() == "freetier_embedding"
    assert made.to_dict()["model_name"] == "bge-m3"


def test_vectors_are_those_of_the_texts(embedding: FreeTierEmbedding) -> None:
    """One, a query, and a batch that the router splits by what a host takes."""
    wanted = [pytest.approx(vector(text, SIZE)) for text in TEXTS]

    assert embedding.get_text_embedding(TEXTS[0]) == wanted[0]
    assert embedding.get_query_embedding(TEXTS[0]) == wanted[0]
    assert embedding.get_text_embedding_batch(TEXTS) == wanted
    assert embedding.space == Space(model=MODEL, family=MODEL, dimensions=SIZE, normalised=True)


async def test_vectors_come_asynchronously_as_well(embedding: FreeTierEmbedding) -> None:
    """The same four ways, natively."""
    wanted = [pytest.approx(vector(text, SIZE)) for text in TEXTS]

    assert await embedding.aget_text_embedding(TEXTS[0]) == wanted[0]
    assert await embedding.aget_query_embedding(TEXTS[0]) == wanted[0]
    assert await embedding.aget_text_embedding_batch(TEXTS) == wanted


def test_batches_are_those_of_the_provider() -> None:
    """120 texts are two requests, not twelve; a smaller size is the user's own choice."""
    fleet = _fleet()
    _offline(fleet).get_text_embedding_batch(TEXTS)
    assert len(fleet.books.entries) == 2
    _offline(fleet, embed_batch_size=40).get_text_embedding_batch(TEXTS)
    assert len(fleet.books.entries) == 5


def test_an_index_finds_its_neighbours(embedding: FreeTierEmbedding) -> None:
    """Documents and queries meet in one space."""
    index = VectorStoreIndex.from_documents(NORWAY, embed_model=embedding)
    found = index.as_retriever(similarity_top_k=1).retrieve("rain falls where")

    assert found[0].text == "Much rain falls in Bergen."


async def test_a_pipeline_embeds_its_nodes(embedding: FreeTierEmbedding) -> None:
    """In both colours."""
    pipeline = IngestionPipeline(transformations=[SentenceSplitter(), embedding])
    nodes = pipeline.run(documents=NORWAY)
    again = await pipeline.arun(documents=[Document(text="A third one.")])

    assert [len(node.embedding or ()) for node in [*nodes, *again]] == [SIZE] * 3


def test_one_model_serves_two_event_loops(embedding: FreeTierEmbedding) -> None:
    """Nothing of it is bound to the loop of its first call."""
    first = asyncio.run(embedding.aget_text_embedding("text"))
    second = asyncio.run(embedding.aget_query_embedding("text"))

    assert first == second == embedding.get_text_embedding("text")


def test_ingestion_waits_for_quota_by_itself() -> None:
    """Several minutes' worth of batches run without a refusal, unless the user says otherwise."""
    fleet = _fleet(Limit(1))
    assert len(_offline(fleet).get_text_embedding_batch(TEXTS * 3)) == len(TEXTS) * 3
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}

    with pytest.raises(QuotaExhausted) as caught:
        _offline(_fleet(Limit(1)), max_wait=0).get_text_embedding_batch(TEXTS * 3)
    assert len(caught.value.done) == 192


async def test_the_routes_of_vectors_are_collected(embedding: FreeTierEmbedding) -> None:
    """Each batch is a route, in order; a query is one."""
    with collect_routes() as routes:
        embedding.get_text_embedding_batch(TEXTS)
        await embedding.aget_query_embedding("text")

    assert [route.alias for route in routes] == [MODEL] * 3
    assert len({route.provider for route in routes}) == 1
    assert {route.failovers for route in routes} == {routes[0].provider == "south"}


def test_what_was_embedded_before_an_error_is_told() -> None:
    """The batches that were answered have routes, the one that was not has none."""
    with collect_routes() as routes, pytest.raises(QuotaExhausted):
        _offline(_fleet(Limit(1)), max_wait=0).get_text_embedding_batch(TEXTS * 3)

    assert [route.provider for route in routes] == ["north", "south"]


def test_options_reach_the_router() -> None:
    """Where to go, how often, how long."""
    fleet = _fleet()
    told = {"timeout": 9.0, "priority": 3, "tags": ["job"]}
    _offline(fleet, exclude="north", **told).get_query_embedding("text")
    _offline(fleet, provider="south", max_retries=0).get_query_embedding("text")

    assert [entry.provider for entry in fleet.books.entries] == ["south", "south"]
    assert len(_offline(fleet, dimensions=8).get_query_embedding("text")) == 8


def test_another_space_than_the_indexs_is_refused() -> None:
    """Before anything is sent."""
    fleet = _fleet()
    expected = Space(model="other", family="other")
    with pytest.raises(ConfigError, match="expect_space"):
        _offline(fleet, expect_space=expected).get_query_embedding("text")
    assert not fleet.books.entries


def test_a_model_travels_by_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle holds the configuration and no key; in one process the router is the same."""
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-canary-51")
    config = {"accounts": [{"provider": "mistral", "auth": {"api_key": "${MISTRAL_API_KEY}"}}]}
    made = FreeTierEmbedding("mistral-embed", config=config)
    data = pickle.dumps(made)
    revived = pickle.loads(data)  # noqa: S301 - our own

    assert revived._live_router() is made._live_router()
    assert revived.space.dimensions == 1024
    assert b"sk-canary-51" not in data
    with pytest.raises(ConfigError, match=r"auth\.api_key"):
        pickle.dumps(FreeTierEmbedding(provider="mistral", api_key="sk-canary-51"))
