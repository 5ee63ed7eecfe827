"""Programs of LlamaIndex over the real local model, behind two limited fake providers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Never

import pytest
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.token_counting import TokenCountingHandler
from llama_index.core.prompts import PromptTemplate
from pydantic import BaseModel, Field

from freetier import Router
from freetier.local import LocalModel, WeightsUnavailable, missing_parts, passages
from freetier.testing import FakeProvider, Fleet, Limit
from freetier.testing.accounts import FakeModel
from freetier.testing.upstream import Upstream
from freetier_llamaindex import FreeTierEmbedding, FreeTierLLM, collect_routes

VECTORS = "bge-m3"
ABLE = ["tools", "tool_choice", "json_schema", "json_object"]


class Town(BaseModel):
    """A town and its people."""

    name: str = Field(max_length=20)
    people: int


def population(city: str) -> str:
    """Tell how many people live in a city."""
    return f"{city} has 700,000 people."


def _missing(reason: str) -> Never:
    if os.environ.get("CI"):
        pytest.fail(f"in CI no test of the local model may skip: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def model() -> Iterator[LocalModel]:
    """The real model, served for this file."""
    parts = [part for part in missing_parts() if not part.comes_by_itself]
    if parts:
        _missing(f"no {', '.join(part.name for part in parts)}; to get it: {parts[0].remedy}")
    try:
        with LocalModel(context=2048) as served:
            yield served
    except WeightsUnavailable as reason:
        _missing(str(reason))


@pytest.fixture
def fleet(model: LocalModel) -> Iterator[Fleet]:
    """Two providers that hand on to the real model, the first thrice a day; and one of vectors."""
    upstream = Upstream(url=model.base_url, key=model.api_key, model=model.model)
    models = [FakeModel(model.model, context=2048)]
    north = FakeProvider("north", models=models, upstream=upstream, limits=[Limit(3, "day")])
    south = FakeProvider("south", models=models, upstream=upstream)
    with Fleet(
        north, south, FakeProvider("east", models=[FakeModel(VECTORS, dimensions=64)])
    ) as fleet:
        yield fleet


@pytest.fixture
def counter() -> Iterator[TokenCountingHandler]:
    """A counter of everything LlamaIndex does, whose own tokenizer would give itself away."""
    counter = TokenCountingHandler(tokenizer=lambda text: [0] * 1000 * (1 + len(text)))
    Settings.callback_manager = CallbackManager([counter])
    yield counter
    Settings.callback_manager = CallbackManager()


async def test_programs_run_on_a_real_model(
    fleet: Fleet, model: LocalModel, counter: TokenCountingHandler
) -> None:
    """A query within a loop, one streamed, an object and an agent; each token is accounted for."""
    accounts = fleet.config(limits=True)["accounts"]
    for account in accounts[:2]:
        account |= {"models": [model.model], "capabilities": ABLE, "context": 2048}
    with Router({"accounts": accounts}, strategy="declared") as router, collect_routes() as routes:
        llm = FreeTierLLM(model.model, router=router, temperature=0.0, max_tokens=40)
        documents = [Document(text=passage.text) for passage in passages()[:6]]
        embed = FreeTierEmbedding(VECTORS, router=router)
        index = VectorStoreIndex.from_documents(documents, embed_model=embed)
        question = "Which planet is the hottest?"

        whole = index.as_query_engine(llm=llm, similarity_top_k=1).query(question)
        streaming: Any = index.as_query_engine(llm=llm, similarity_top_k=1, streaming=True)
        pieces = [piece async for piece in (await streaming.aquery(question)).async_response_gen()]
        prompt = PromptTemplate("Oslo has 700000 people. Say it of {city}.")
        town = llm.structured_predict(Town, prompt, city="Oslo")
        agent = FunctionAgent(tools=[population], llm=llm, initial_tool_choice="population")
        output = await agent.run("What is the population of Oslo?")

    assert "Venus" in str(whole)
    assert "".join(pieces).strip() == str(whole).strip()
    assert town.people == 700_000
    assert [call.tool_output.content for call in output.tool_calls]
    assert output.tool_calls[0].tool_name == "population"

    chats = [entry for entry in fleet.books.entries if entry.route == "chat"]
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}
    assert [entry.provider for entry in chats] == ["north"] * 3 + ["south"] * (len(chats) - 3)
    answered = [route for route in routes if route.alias == model.model]
    assert [route.provider for route in answered] == [entry.provider for entry in chats]
    assert len(counter.llm_token_counts) == len(chats)
    assert counter.prompt_llm_token_count == sum(entry.input_tokens for entry in chats)
    assert counter.completion_llm_token_count == sum(entry.output_tokens for entry in chats)
