"""The main job in LangChain: a retrieval chain of runnables over an in-memory vector store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.messages import AIMessage, BaseMessage, BaseMessageChunk
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough
from langchain_core.vectorstores import InMemoryVectorStore

from freetier.demo.answers import Answer, Heard, Say, Ways
from freetier.demo.vectors import Vector, Vectors
from freetier.local import PROMPT
from freetier_langchain import FreeTierChatModel


class SharedEmbeddings(Embeddings):
    """The vectors that both frameworks share, as LangChain wants them."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[Vector]:
        """Return one vector for each text."""
        return self._vectors.of(texts)

    def embed_query(self, text: str) -> Vector:
        """Return the vector of a question."""
        return self._vectors.of([text])[0]


class LangChainJob:
    """`retriever | prompt | model`, asked in each of the ways a runnable has.

    Args:
        model: Answers; it shares its router with the other framework.
        vectors: Of the texts and the questions.
        texts: What is searched.
    """

    title = "LangChain: a retrieval chain"
    ways = Ways("invoke", "stream", "ainvoke", "astream", "abatch")

    def __init__(self, model: FreeTierChatModel, vectors: Vectors, texts: Sequence[str]) -> None:
        store = InMemoryVectorStore.from_texts(list(texts), SharedEmbeddings(vectors))
        retriever = store.as_retriever(search_kwargs={"k": 1})
        prompt = ChatPromptTemplate.from_template(PROMPT)
        found = {"context": retriever | _joined, "question": RunnablePassthrough()}
        self.chain: Runnable[str, BaseMessage] = found | prompt | model

    def ask(self, question: str) -> Answer:
        """Ask and wait for the whole answer."""
        return answer(self.chain.invoke(question))

    def stream(self, question: str, say: Say) -> Answer:
        """Ask and hear the answer piece by piece."""
        said: BaseMessage | None = None
        for chunk in self.chain.stream(question):
            said = _grown(said, chunk, say)
        return answer(said)

    async def aask(self, question: str) -> Answer:
        """Ask from a task."""
        return answer(await self.chain.ainvoke(question))

    async def astream(self, question: str, say: Say) -> Answer:
        """Ask from a task and hear the answer piece by piece."""
        said: BaseMessage | None = None
        async for chunk in self.chain.astream(question):
            said = _grown(said, chunk, say)
        return answer(said)

    async def together(self, questions: Sequence[str], heard: Heard) -> None:
        """Ask several questions at the same moment."""
        batch = self.chain.abatch_as_completed(list(questions), return_exceptions=True)
        async for place, said in batch:
            heard(questions[place], said if isinstance(said, Exception) else answer(said))


def _joined(documents: list[Document]) -> str:
    return "\n\n".join(document.page_content for document in documents)


def _grown(said: BaseMessage | None, chunk: BaseMessage, say: Say) -> BaseMessage:
    say(chunk.text)
    if said is None:
        return chunk
    return cast("BaseMessageChunk", said) + cast("BaseMessageChunk", chunk)


def answer(message: BaseMessage | None) -> Answer:
    """Return an answer by what stands in the message's own metadata."""
    assert isinstance(message, AIMessage)  # noqa: S101 - a chat model's answer
    told = message.response_metadata
    route, end = told["freetier"], told["freetier_final"]
    return Answer(
        text=message.text,
        provider=told["provider"],
        model=told["model_name"],
        account=route["account"],
        failovers=route["failovers"],
        waited=route["waited"],
        duration=end["duration"],
    )
