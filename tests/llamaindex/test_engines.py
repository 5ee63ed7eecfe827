"""Query engines and chat engines over an index, and who answered each of their calls."""

from __future__ import annotations

from typing import Any

import pytest
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.query_engine import SubQuestionQueryEngine
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.tools import QueryEngineTool
from pydantic import BaseModel

from freetier_llamaindex import FreeTierLLM, collect_routes

TEXTS = ("Oslo has 700,000 people.", "Bergen has 2,250 mm of rain.", "Tromsø has no sun in winter.")
QUESTION = "How much does it rain in Bergen?"


class Rain(BaseModel):
    """How much it rains somewhere."""

    city: str
    millimetres: int


@pytest.fixture
def index() -> VectorStoreIndex:
    """A small index whose embeddings need no model."""
    documents = [Document(text=text) for text in TEXTS]
    return VectorStoreIndex.from_documents(documents, embed_model=MockEmbedding(embed_dim=8))


MODES = pytest.mark.parametrize("mode", ["compact", "refine", "tree_summarize"])


@MODES
def test_a_query_is_answered(llm: FreeTierLLM, stage: Any, index: Any, mode: str) -> None:
    """A query engine answers in each of its modes, and the routes say who did."""
    engine = index.as_query_engine(llm=llm, response_mode=mode, similarity_top_k=3)
    with collect_routes() as routes:
        answer = engine.query(QUESTION)

    assert str(answer)
    assert QUESTION in str(stage.last["messages"])
    assert len(routes) == len(stage.sent)
    assert {route.account for route in routes} <= {"north-1", "south-1"}


@MODES
async def test_a_query_is_answered_asynchronously(
    llm: FreeTierLLM, stage: Any, index: Any, mode: str
) -> None:
    """The same in the engine's asynchronous call, within a running loop."""
    engine = index.as_query_engine(
        llm=llm, response_mode=mode, similarity_top_k=3, use_async=mode == "tree_summarize"
    )
    with collect_routes() as routes:
        answer = await engine.aquery(QUESTION)

    assert str(answer)
    assert len(routes) == len(stage.sent)


async def test_a_synchronous_query_within_a_loop_is_answered(
    llm: FreeTierLLM, stage: Any, index: Any
) -> None:
    """LlamaIndex runs its tasks on a second loop in another thread; the routes are still told."""
    engine = index.as_query_engine(
        llm=llm, response_mode="tree_summarize", use_async=True, similarity_top_k=3
    )
    with collect_routes() as routes:
        first, second = engine.query(QUESTION), engine.query(QUESTION)

    assert str(first) == str(second)
    assert len(routes) == len(stage.sent)


def test_a_streamed_query_is_answered(llm: FreeTierLLM, stage: Any, index: Any) -> None:
    """A streamed answer joins the routes when it ends."""
    engine = index.as_query_engine(llm=llm, streaming=True)
    with collect_routes() as routes:
        answer = engine.query(QUESTION)
        assert routes == []
        text = "".join(answer.response_gen)

    assert text.startswith("This is a fake answer")
    assert len(routes) == len(stage.sent) == 1


async def test_a_streamed_query_is_answered_asynchronously(
    llm: FreeTierLLM, stage: Any, index: Any
) -> None:
    """The same, asynchronously."""
    engine = index.as_query_engine(llm=llm, streaming=True, use_async=True)
    with collect_routes() as routes:
        answer = await engine.aquery(QUESTION)
        text = "".join([piece async for piece in answer.async_response_gen()])

    assert text.startswith("This is a fake answer")
    assert len(routes) == len(stage.sent)


def test_a_query_answers_in_objects(llm: FreeTierLLM, index: Any) -> None:
    """With `output_cls` the engine's answer is an object of the class."""
    engine = index.as_query_engine(llm=llm, output_cls=Rain, response_mode="compact")
    answer = engine.query("Rain of 'Bergen': 2250")

    assert isinstance(answer.response, Rain)
    assert answer.response.city == "Bergen"


async def test_a_query_answers_in_objects_asynchronously(llm: FreeTierLLM, index: Any) -> None:
    """The same, asynchronously."""
    engine = index.as_query_engine(llm=llm, output_cls=Rain, response_mode="compact")
    answer = await engine.aquery("Rain of 'Bergen': 2250")

    assert isinstance(answer.response, Rain)


@pytest.mark.parametrize(
    "mode", ["condense_plus_context", "context", "simple", "condense_question"]
)
def test_a_chat_engine_remembers(llm: FreeTierLLM, stage: Any, index: Any, mode: str) -> None:
    """A chat engine takes what was said before into its next turn."""
    engine = index.as_chat_engine(chat_mode=mode, llm=llm)
    engine.chat("How much does it rain in Bergen?")
    answer = engine.chat("And in Oslo?")

    assert str(answer)
    assert any("Bergen" in str(body["messages"]) for body in stage.sent[1:])
    assert len(engine.chat_history) == 4


def test_a_chat_engine_streams(llm: FreeTierLLM, index: Any) -> None:
    """A streamed chat is written into the engine's memory when it ends."""
    engine = index.as_chat_engine(chat_mode="context", llm=llm)
    text = "".join(engine.stream_chat("How much does it rain in Bergen?").response_gen)

    assert text.startswith("This is a fake answer")
    assert engine.chat_history[-1].content == text


async def test_a_chat_engine_streams_asynchronously(llm: FreeTierLLM, index: Any) -> None:
    """The same, asynchronously."""
    engine = index.as_chat_engine(chat_mode="context", llm=llm)
    answer = await engine.astream_chat("How much does it rain in Bergen?")
    text = "".join([piece async for piece in answer.async_response_gen()])

    assert text.startswith("This is a fake answer")


def test_sub_questions_are_all_answered(llm: FreeTierLLM, stage: Any, index: Any) -> None:
    """A `SubQuestionQueryEngine` asks its questions one by one, and each has a route."""
    tool = QueryEngineTool.from_defaults(
        index.as_query_engine(llm=llm), name="norway", description="Knows Norwegian cities."
    )
    sub_questions = (
        '{"items": [{"sub_question": "Rain in Bergen?", "tool_name": "norway"}, '
        '{"sub_question": "People in Oslo?", "tool_name": "norway"}]}'
    )
    answers = iter([sub_questions, "2,250 mm", "700,000", "Both."])
    stage.mind = lambda _body: next(answers)
    engine = SubQuestionQueryEngine.from_defaults(
        query_engine_tools=[tool],
        question_gen=LLMQuestionGenerator.from_defaults(llm=llm),
        llm=llm,
        use_async=False,
        verbose=False,
    )
    with collect_routes() as routes:
        answer = engine.query("Compare Oslo and Bergen.")

    assert str(answer) == "Both."
    assert len(routes) == len(stage.sent) == 4


def test_the_settings_are_enough(llm: FreeTierLLM, stage: Any, index: Any) -> None:
    """`Settings.llm` is used by whatever is made without a model of its own."""
    before = Settings._llm
    Settings.llm = llm
    try:
        assert str(index.as_query_engine().query(QUESTION))
    finally:
        Settings._llm = before
    assert len(stage.sent) == 1
