"""A notebook's work: 200 notes ingested and 20 questions asked, over five limited accounts.

    python -m tests.llamaindex.notebook [--minute SECONDS] [--nodes 200] [--questions 20]

The accounts live on real HTTP and have minute limits of five kinds; `--minute` says how long
their minute is. All is done from inside a running event loop, as a notebook's cells are, once
with LlamaIndex's synchronous methods (which then run a second loop in another thread) and
once more with the asynchronous ones, on the same model objects.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.extractors import KeywordExtractor, SummaryExtractor
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import BaseNode

from freetier import Router, RouteReport
from freetier.testing import FakeProvider, Fleet, Limit
from freetier.testing.accounts import FakeModel
from freetier.testing.limits import Kind
from freetier_llamaindex import FreeTierEmbedding, FreeTierLLM, collect_routes

CHAT, VECTORS = "bravo-9b", "bge-m3"
SIZE = 32
TOP = 6
"""Nodes that a question is answered from."""

EXTRACTED = {"excerpt_keywords", "section_summary"}

Aside = Callable[[], AbstractContextManager[object]]


@dataclass(kw_only=True)
class Figures:
    """What one run came to.

    Attributes:
        nodes: Ingested, with both extractors' metadata and a vector.
        answers: Of the questions, in their order.
        routes: Of all calls, embeddings among them.
        admitted: Requests by account, as the fleet wrote them down.
        refused: Requests that a limit refused.
        failed: Requests that came to something else.
        waited: Seconds, of all calls together.
        seconds: How long the run took.
    """

    nodes: int = 0
    answers: list[str] = field(default_factory=list)
    routes: list[RouteReport] = field(default_factory=list)
    admitted: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    failed: int = 0
    waited: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        """Return the figures for people."""
        providers = Counter(route.provider for route in self.routes)
        return "\n".join(
            [
                f"{self.nodes} nodes, {len(self.answers)} answers in {self.seconds:.1f} s",
                f"calls answered: {len(self.routes)}, by {dict(sorted(providers.items()))}",
                f"admitted by the fleet: {sum(self.admitted.values())}, {dict(self.admitted)}",
                f"refused with 429: {self.refused}; failed otherwise: {self.failed}",
                f"waited for quota: {self.waited:.1f} s, all calls together",
            ]
        )


def fleet_of_five(minute: float, *, busy: bool = True) -> Fleet:
    """Return five providers of one account each, limited in five ways.

    Args:
        minute: Seconds that their minute lasts.
        busy: Whether the limits are so low that the work has to wait for them.
    """
    models = [FakeModel(CHAT, context=32_768), FakeModel(VECTORS, dimensions=SIZE)]
    many = 1 if busy else 100

    def limits(amount: int, kind: Kind, burst: int | None = None) -> list[Limit]:
        return [Limit(amount * many, minute, kind=kind, burst=burst, called="minute")]

    tokens = Limit(4_000 * many, minute, metric="total_tokens", called="minute")
    kinds = {
        "north": limits(10, "rolling"),
        "south": limits(9, "fixed"),
        "east": limits(8, "bucket", burst=2 * many),
        "west": [*limits(12, "counter"), tokens],
        "middle": limits(6, "first"),
    }
    return Fleet(
        *(
            FakeProvider(name, models=models, limits=rows, latency=(0.01, 0.05))
            for name, rows in kinds.items()
        )
    )


class Notebook:
    """The models and cells of one notebook.

    Args:
        router: Answers all calls.
        nodes: How many notes there are.
        questions: How many questions are asked of them.
    """

    def __init__(self, router: Router, *, nodes: int = 200, questions: int = 20) -> None:
        self.llm = FreeTierLLM(CHAT, router=router)
        self.embed = FreeTierEmbedding(VECTORS, router=router)
        self.notes = [
            Document(text=f"Note {n}. Town {n} has {n * 700} people and {n * 9} mm of rain.")
            for n in range(nodes)
        ]
        self.questions = [f"How much does it rain in town {n}?" for n in range(questions)]

    def pipeline(self) -> IngestionPipeline:
        """Return a pipeline with two extractors and the embeddings."""
        steps = [
            SentenceSplitter(chunk_size=256),
            KeywordExtractor(llm=self.llm, keywords=3, show_progress=False),
            SummaryExtractor(llm=self.llm, show_progress=False),
            self.embed,
        ]
        return IngestionPipeline(transformations=steps, disable_cache=True)

    async def cells(
        self, *, synchronous: bool, aside: Aside = nullcontext
    ) -> tuple[Sequence[BaseNode], list[str]]:
        """Run every cell; return the nodes and the answers.

        Args:
            synchronous: Whether by the methods that know no loop, though one is running.
            aside: Entered while a synchronous method holds up the loop.
        """
        if synchronous:
            with aside():
                nodes = self.pipeline().run(documents=self.notes)
                return nodes, self._asked_at_once(VectorStoreIndex(nodes, embed_model=self.embed))
        nodes = await self.pipeline().arun(documents=self.notes)
        return nodes, await self._asked(VectorStoreIndex(nodes, embed_model=self.embed))

    def _asked_at_once(self, index: VectorStoreIndex) -> list[str]:
        """Ask with `query` and `chat`: a tree, refined, streamed, and in conversation."""
        tree = self._engine(index, response_mode="tree_summarize", use_async=True)
        refine = self._engine(index, response_mode="refine")
        streamed = self._engine(index, streaming=True)
        chat = index.as_chat_engine(
            chat_mode="condense_plus_context",
            llm=self.llm,
            memory=ChatMemoryBuffer.from_defaults(token_limit=4_000),  # needs no database's thread
            similarity_top_k=TOP,
        )
        ways: list[Any] = [
            lambda question: str(tree.query(question)),
            lambda question: str(refine.query(question)),
            lambda question: "".join(streamed.query(question).response_gen),
            lambda question: str(chat.chat(question)),
        ]
        return [ways[n % len(ways)](question) for n, question in enumerate(self.questions)]

    async def _asked(self, index: VectorStoreIndex) -> list[str]:
        """Ask with `aquery`: all at the same time, half of them streamed."""
        whole = self._engine(index, response_mode="tree_summarize", use_async=True)
        streamed = self._engine(index, streaming=True)

        async def one(n: int, question: str) -> str:
            if n % 2:
                return str(await whole.aquery(question))
            answer: Any = await streamed.aquery(question)
            return "".join([piece async for piece in answer.async_response_gen()])

        return list(await asyncio.gather(*(one(n, q) for n, q in enumerate(self.questions))))

    def _engine(self, index: VectorStoreIndex, **how: Any) -> Any:
        return index.as_query_engine(llm=self.llm, similarity_top_k=TOP, **how)


def run_twice(minute: float, *, nodes: int = 200, questions: int = 20) -> list[Figures]:
    """Run the notebook twice, each time in an event loop of its own, and return the figures.

    Args:
        minute: Seconds that the providers' minute lasts.
        nodes: How many notes there are.
        questions: How many questions are asked of them.
    """
    with fleet_of_five(minute) as fleet, Router(fleet.config(limits=True)) as router:
        notebook = Notebook(router, nodes=nodes, questions=questions)
        return [
            asyncio.run(measured(notebook, fleet, time.monotonic, synchronous=synchronous))
            for synchronous in (True, False)
        ]


async def measured(
    notebook: Notebook,
    fleet: Fleet,
    clock: Callable[[], float],
    *,
    synchronous: bool,
    aside: Aside = nullcontext,
) -> Figures:
    """Run every cell once and return what the fleet and the routes say of it.

    Args:
        notebook: What is run.
        fleet: Answers; its books begin anew.
        clock: Tells seconds.
        synchronous: As in `Notebook.cells`.
        aside: As there.
    """
    fleet.books.clear()
    began = clock()
    with collect_routes() as routes:
        nodes, answers = await notebook.cells(synchronous=synchronous, aside=aside)
    verdicts = Counter(entry.verdict for entry in fleet.books.entries)
    return Figures(
        nodes=sum(bool(node.embedding) and node.metadata.keys() >= EXTRACTED for node in nodes),
        answers=answers,
        routes=routes,
        admitted=Counter(entry.account for entry in fleet.books.admitted()),
        refused=verdicts["refused"],
        failed=len(fleet.books) - verdicts["refused"] - verdicts["admitted"],
        waited=sum(route.waited for route in routes),
        seconds=clock() - began,
    )


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minute", type=float, default=2.0, help="seconds of a minute (60: real)")
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--questions", type=int, default=20)
    given = parser.parse_args()
    names = ("synchronous methods within a loop", "asynchronous methods")
    runs = run_twice(given.minute, nodes=given.nodes, questions=given.questions)
    for name, figures in zip(names, runs, strict=True):
        print(f"{name}\n  " + str(figures).replace("\n", "\n  "))


if __name__ == "__main__":
    main()
