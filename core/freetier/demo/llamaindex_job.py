"""The main job in LlamaIndex: a query engine over a vector store index."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from llama_index.core import PromptTemplate, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.base.response.schema import AsyncStreamingResponse, StreamingResponse
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.query_engine import BaseQueryEngine
from llama_index.core.schema import TextNode

from freetier.demo.answers import Answer, Heard, Say, Ways
from freetier.demo.vectors import Vector, Vectors
from freetier.errors import FreetierError
from freetier.local import PROMPT
from freetier.values.reports import RouteReport
from freetier_llamaindex import FreeTierLLM, collect_routes


class SharedEmbedding(BaseEmbedding):
    """The vectors that both frameworks share, as LlamaIndex wants them."""

    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        super().__init__(model_name="shared")
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> Vector:
        return self._vectors.of([text])[0]

    def _get_query_embedding(self, query: str) -> Vector:
        return self._vectors.of([query])[0]

    async def _aget_query_embedding(self, query: str) -> Vector:
        return self._vectors.of([query])[0]


class NoAnswer(FreetierError):
    """The model's error was swallowed: LlamaIndex logs every `ValueError`, and says nothing."""


class LlamaIndexJob:
    """A query engine that answers whole, and one that streams, over one index.

    Args:
        llm: Answers; it shares its router with the other framework.
        vectors: Of the texts and the questions.
        texts: What is searched.
    """

    title = "LlamaIndex: a query engine"
    ways = Ways("query", "stream", "aquery", "astream", "aquery")

    def __init__(self, llm: FreeTierLLM, vectors: Vectors, texts: Sequence[str]) -> None:
        nodes = [
            TextNode(text=text, embedding=vector)
            for text, vector in zip(texts, vectors.of(texts), strict=True)
        ]
        index = VectorStoreIndex(nodes, embed_model=SharedEmbedding(vectors))
        self.whole = _engine(index, llm, streaming=False)
        self.streaming = _engine(index, llm, streaming=True)

    def ask(self, question: str) -> Answer:
        """Ask and wait for the whole answer."""
        with collect_routes() as routes:
            text = str(self.whole.query(question))
        return answer(text, routes)

    def stream(self, question: str, say: Say) -> Answer:
        """Ask and hear the answer piece by piece."""
        pieces = []
        with collect_routes() as routes:
            response = self.streaming.query(question)
            assert isinstance(response, StreamingResponse)  # noqa: S101 - of a streaming engine
            for piece in response.response_gen:
                pieces.append(str(piece))
                say(pieces[-1])
        return answer("".join(pieces), routes)

    async def aask(self, question: str) -> Answer:
        """Ask from a task."""
        with collect_routes() as routes:
            text = str(await self.whole.aquery(question))
        return answer(text, routes)

    async def astream(self, question: str, say: Say) -> Answer:
        """Ask from a task and hear the answer piece by piece."""
        pieces = []
        with collect_routes() as routes:
            response = await self.streaming.aquery(question)
            assert isinstance(response, AsyncStreamingResponse)  # noqa: S101 - the same
            async for piece in response.async_response_gen():
                pieces.append(str(piece))
                say(pieces[-1])
        return answer("".join(pieces), routes)

    async def together(self, questions: Sequence[str], heard: Heard) -> None:
        """Ask several questions at the same moment."""

        async def one(question: str) -> None:
            try:
                found: Answer | Exception = await self.aask(question)
            except FreetierError as error:
                found = error
            heard(question, found)

        await asyncio.gather(*map(one, questions))


def _engine(index: VectorStoreIndex, llm: FreeTierLLM, **how: Any) -> BaseQueryEngine:
    places = {"context_str": "context", "query_str": "question"}
    prompt = PromptTemplate(PROMPT, template_var_mappings=places)
    return index.as_query_engine(llm=llm, similarity_top_k=1, text_qa_template=prompt, **how)


def answer(text: str, routes: Sequence[RouteReport]) -> Answer:
    """Return an answer by the route that was collected for it.

    Raises:
        NoAnswer: None was.
    """
    if not routes:
        raise NoAnswer("the query engine has kept the model's error to itself; its log has it")
    route = routes[-1]
    return Answer(
        text=text,
        provider=route.provider or "",
        model=route.model or "",
        account=route.account or "",
        failovers=route.failovers,
        waited=route.waited,
        duration=route.duration,
    )
