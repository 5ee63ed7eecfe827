"""The embeddings over two accounts of one model: one space, both colours, any loop."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.exceptions import ModelInvalidRequestError, ModelRateLimitError
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_tests.integration_tests import EmbeddingsIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests
from pydantic import ValidationError

from freetier import ConfigError, QuotaExhausted, Router, Space
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.testing.accounts import FakeModel
from freetier.testing.vectors import vector
from freetier_langchain import FreeTierEmbeddings
from tests.langchain.stage import NORTH, SOUTH, Stage

MODEL, SIZE = "bge-m3", 48
TEXTS = [f"text number {n}" for n in range(120)]


def _fleet(*limits: Limit) -> Fleet:
    models = [FakeModel(MODEL, dimensions=SIZE)]
    return Fleet(*(FakeProvider(n, models=models, limits=limits) for n in (NORTH, SOUTH)))


def _offline(fleet: Fleet, **fields: Any) -> FreeTierEmbeddings:
    """Return embeddings over a fleet without sockets, on a clock that jumps."""
    clock = VirtualClock()
    config = {**fleet.config(limits=True), "strategy": "declared"}
    router = Router(config, transport=fleet.transport(clock), clock=clock)
    return FreeTierEmbeddings(**{"model": MODEL, "router": router, **fields})


@pytest.fixture(scope="module", params=["plain", "failover", "moving"])
def scene(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Two hosts over HTTP; the first of them refuses every request, or they take turns."""
    strategy = "round-robin" if request.param == "moving" else "declared"
    with _fleet() as fleet, Router(fleet.config(), strategy=strategy) as router:
        if request.param == "failover":
            fleet.always(NORTH, faults.Status(413))
        yield Stage(fleet, router)


class TestStandardUnit(EmbeddingsUnitTests):
    embeddings_class = FreeTierEmbeddings
    embedding_model_params = {"model": MODEL}  # noqa: RUF012 - a property there
    init_from_env_params = ({"GROQ_API_KEY": "made-up"}, {"model": MODEL}, {"model": MODEL})


class TestStandardIntegration(EmbeddingsIntegrationTests):
    scene: Stage

    embeddings_class = FreeTierEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        """What each model is made with."""
        return {"model": MODEL, "router": self.scene.router}

    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage, request: pytest.FixtureRequest) -> Iterator[None]:
        self.scene = scene
        scene.books.clear()
        yield
        failed = [e.provider for e in scene.books.entries if e.verdict == "failed"]
        answered = [e.provider for e in scene.books.entries if e.verdict == "admitted"]
        if "failover" in request.node.name:
            assert failed == [NORTH] * len(answered)
            assert set(answered) <= {SOUTH}
        elif "moving" in request.node.name:
            assert failed == []
            assert scene.turns.moved(scene.books.entries)
        else:
            assert failed == []
            assert set(answered) <= {NORTH}
        if "model" in request.fixturenames:
            assert answered, "the test asked nobody"


def test_vectors_are_those_of_the_texts() -> None:
    """Many texts go in batches and come back in order."""
    model = _offline(_fleet())
    assert model.embed_documents(TEXTS) == [pytest.approx(vector(text, SIZE)) for text in TEXTS]
    assert model.embed_query("a query") == pytest.approx(vector("a query", SIZE))
    assert model.space == Space(model=MODEL, family=MODEL, dimensions=SIZE, normalised=True)


def test_a_vector_store_finds_its_neighbours(scene: Stage) -> None:
    """Documents and queries meet in one space, whoever answered for them."""
    model = FreeTierEmbeddings(model=MODEL, router=scene.router)
    store = InMemoryVectorStore.from_texts(["rain in Bergen", "people of Oslo"], model)

    assert store.similarity_search("how much rain", k=1)[0].page_content == "rain in Bergen"


def test_one_model_serves_two_event_loops(scene: Stage) -> None:
    """Nothing of it is bound to the loop of its first call."""
    model = FreeTierEmbeddings(model=MODEL, router=scene.router)

    first = asyncio.run(model.aembed_query("text"))
    second = asyncio.run(model.aembed_documents(["text"]))

    assert second == [first] == [model.embed_query("text")]


def test_ingestion_waits_for_quota_by_itself() -> None:
    """Two minutes' worth of batches run without a refusal, unless the user says otherwise."""
    fleet = _fleet(Limit(1))
    assert len(_offline(fleet).embed_documents(TEXTS * 3)) == len(TEXTS) * 3
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}

    with pytest.raises(QuotaExhausted) as caught:
        _offline(_fleet(Limit(1)), max_wait=0).embed_documents(TEXTS * 3)
    assert isinstance(caught.value, ModelRateLimitError)
    assert len(caught.value.done) == 192


def test_options_reach_the_router() -> None:
    """Where to go, how often, how long."""
    fleet = _fleet()
    _offline(fleet, exclude=NORTH, dimensions=8, timeout=9.0, tags=["job"]).embed_query("text")
    _offline(fleet, provider=SOUTH, max_retries=0).embed_query("text")

    assert [entry.provider for entry in fleet.books.entries] == [SOUTH, SOUTH]
    assert len(_offline(fleet, dimensions=8).embed_query("text")) == 8


def test_another_space_than_the_indexs_is_refused() -> None:
    """In LangChain's own class for wrong requests as well."""
    fleet = _fleet()
    other = Space(model="other", family="other")
    with pytest.raises(ModelInvalidRequestError) as caught:
        _offline(fleet, expect_space=other).embed_query("text")

    assert isinstance(caught.value, ConfigError)
    assert not fleet.books.entries


def test_a_model_has_to_be_named() -> None:
    """The environment chooses none; a misspelt field is told at once."""
    with pytest.raises(ConfigError, match=f"there are: {MODEL}"):
        _offline(_fleet(), model="").embed_query("text")
    with pytest.raises(ValidationError, match="modle"):
        FreeTierEmbeddings(modle=MODEL)  # type: ignore[call-arg]


def test_models_of_one_configuration_share_a_router(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a pickle, which holds no key."""
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-canary-51")
    config = {"accounts": [{"provider": "mistral", "auth": {"api_key": "${MISTRAL_API_KEY}"}}]}
    one = FreeTierEmbeddings(model="mistral-embed", config=config)
    other = FreeTierEmbeddings(model="mistral-embed", config=config)
    data = pickle.dumps(one)
    revived = pickle.loads(data)  # noqa: S301 - our own

    assert one._live_router() is other._live_router() is revived._live_router()
    assert b"sk-canary-51" not in data
    assert one.space.dimensions == 1024
