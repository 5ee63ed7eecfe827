"""Many calls at once over few minute limits: paced by the pool, bounded, in order."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from llama_index.core import Document, SummaryIndex, TreeIndex
from llama_index.core.extractors import KeywordExtractor
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.query_engine import SubQuestionQueryEngine
from llama_index.core.question_gen import LLMQuestionGenerator
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import MetadataMode
from llama_index.core.tools import QueryEngineTool

from freetier import QuotaExhausted, Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from freetier_llamaindex import FreeTierLLM, collect_routes

MODEL = "bravo-9b"
A_MINUTE = 5
MANY = 48
NOTES = [f"Note {n}: {'rain ' * 60}and that is all." for n in range(MANY)]
NUMBER = re.compile(r"Note (\d+):")


class Hall:
    """Three accounts of five calls a minute each, on a clock that jumps."""

    def __init__(self, *, accounts: int = 3, **fields: Any) -> None:
        self.clock = VirtualClock()
        self.heard: list[str] = []
        self.answer: Callable[[str], str] = lambda _said: "Rain."
        self.fleet = Fleet(
            FakeProvider(
                "north", accounts=accounts, limits=[Limit(A_MINUTE, "minute")], answer=self._answer
            )
        )
        config = self.fleet.config(limits=True)["accounts"]
        self.router = Router(
            {"accounts": [{**account, "models": [MODEL]} for account in config], **fields},
            transport=self.fleet.transport(self.clock),
            clock=self.clock,
        )
        self.llm = FreeTierLLM(MODEL, router=self.router)
        self.accounts = accounts

    def _answer(self, body: Any) -> str:
        self.heard.append(str(body["messages"]))
        return self.answer(self.heard[-1])

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run it on the clock; check what holds for every load."""
        with collect_routes() as routes:
            found = self.clock.run(work)
        books = self.fleet.books
        assert {entry.verdict for entry in books.entries} == {"admitted"}
        assert len(routes) == len(books)
        for account in {entry.account for entry in books.entries}:
            assert books.peak(account, 60.0) <= A_MINUTE
        assert self.router._engine.world.waiting == [0]
        return found

    def minutes(self, calls: int) -> float:
        """Return the fewest minutes that so many calls take, with a second's grace for each."""
        rounds = math.ceil(calls / (A_MINUTE * self.accounts)) - 1
        return rounds * 61 / 60


@pytest.fixture
def index() -> SummaryIndex:
    """An index whose engines are given every note."""
    return SummaryIndex.from_documents([Document(text=note) for note in NOTES])


@pytest.mark.parametrize("mode", ["accumulate", "refine", "tree_summarize"])
def test_a_query_over_many_nodes_is_paced(index: SummaryIndex, mode: str) -> None:
    """48 notes, all at once or one after the other, in the order of the notes."""
    hall = Hall(accounts=1 if mode == "accumulate" else 3)
    synthesizer: Any = get_response_synthesizer(llm=hall.llm, response_mode=mode, use_async=True)
    if mode == "tree_summarize":  # a window so small that each note is a leaf of its own
        synthesizer = get_response_synthesizer(
            llm=FreeTierLLM(MODEL, router=hall.router, context_window=250, num_output=50),
            response_mode=mode,
            use_async=True,
        )
    engine = index.as_query_engine(llm=hall.llm, response_synthesizer=synthesizer)
    answer = hall.run(engine.aquery("How much rain?"))

    calls = len(hall.heard)
    assert calls > MANY * 0.9
    assert hall.clock.monotonic() / 60 <= hall.minutes(calls) + 0.1
    first = [int(found.group(1)) for text in hall.heard if (found := NUMBER.search(text))]
    together = A_MINUTE * hall.accounts  # who starts in the same instant does so in any order
    ranks = [sorted(first).index(n) // together for n in first]
    assert ranks == sorted(ranks)
    assert "Rain." in str(answer)


def test_sub_questions_are_paced() -> None:
    """All sub-questions are asked at the same time, each of an engine of its own."""
    hall = Hall()
    several = [{"sub_question": f"Note {n}: rain?", "tool_name": "notes"} for n in range(MANY)]
    hall.answer = lambda said: (
        json.dumps({"items": several}) if "list of tools" in said else "Rain."
    )
    notes = SummaryIndex.from_documents([Document(text="It rains.")]).as_query_engine(llm=hall.llm)
    engine = SubQuestionQueryEngine.from_defaults(
        query_engine_tools=[QueryEngineTool.from_defaults(notes, name="notes", description="All.")],
        question_gen=LLMQuestionGenerator.from_defaults(llm=hall.llm),
        llm=hall.llm,
        use_async=True,
        verbose=False,
    )
    assert str(hall.run(engine.aquery("How much rain is in every note?"))) == "Rain."
    assert len(hall.heard) == MANY + 2
    assert hall.clock.monotonic() / 60 <= hall.minutes(MANY + 2) + 0.1


def test_extractors_are_paced() -> None:
    """Twenty calls of an extractor at a time, each of which waits as long as it takes."""
    hall = Hall(accounts=1)
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), KeywordExtractor(llm=hall.llm, num_workers=20)]
    )
    documents = [Document(text=note) for note in NOTES]
    nodes = hall.run(pipeline.arun(documents=documents))

    assert [node.get_content(MetadataMode.NONE) for node in nodes] == NOTES
    assert {node.metadata["excerpt_keywords"] for node in nodes} == {"Rain."}
    assert hall.clock.monotonic() / 60 <= hall.minutes(MANY) + 0.1


def test_a_callers_own_patience_is_kept(index: SummaryIndex) -> None:
    """A router that says how long a call may wait says it of queries as well."""
    hall = Hall(accounts=1, max_wait=90)
    engine = index.as_query_engine(llm=hall.llm, response_mode="accumulate", use_async=True)
    with pytest.raises(QuotaExhausted) as caught:
        hall.clock.run(engine.aquery("How much rain?"))

    assert caught.value.retry_after is not None
    assert not hall.fleet.books.refused()


def test_a_query_does_not_wait_for_another_day(index: SummaryIndex) -> None:
    """Whoever asks is told at once when a day's quota is back; ingestion would wait for it."""
    hall = Hall(accounts=1)
    fleet = Fleet(FakeProvider("north", limits=[Limit(1, "day")]))
    account = {**fleet.config(limits=True)["accounts"][0], "models": [MODEL]}
    router = Router(
        {"accounts": [account]}, transport=fleet.transport(hall.clock), clock=hall.clock
    )
    llm = FreeTierLLM(MODEL, router=router)
    engine = index.as_query_engine(llm=llm, response_mode="refine")
    with pytest.raises(QuotaExhausted):
        hall.clock.run(engine.aquery("How much rain?"))
    assert hall.clock.monotonic() == 0.0

    pipeline = IngestionPipeline(transformations=[SentenceSplitter(), KeywordExtractor(llm=llm)])
    (node,) = hall.clock.run(pipeline.arun(documents=[Document(text="It rains.")]))
    assert node.metadata["excerpt_keywords"]
    assert hall.clock.monotonic() > 86_000


def test_an_index_is_built_though_it_takes_days() -> None:
    """Its summaries wait as long as they take; a call that nobody made many of does not."""
    hall = Hall(accounts=1)
    fleet = Fleet(FakeProvider("north", limits=[Limit(2, "day")], answer=hall._answer))
    account = {**fleet.config(limits=True)["accounts"][0], "models": [MODEL]}
    router = Router(
        {"accounts": [account]}, transport=fleet.transport(hall.clock), clock=hall.clock
    )
    llm = FreeTierLLM(MODEL, router=router)

    tree = TreeIndex.from_documents(
        [Document(text=note) for note in NOTES[:6]], llm=llm, num_children=2
    )
    tree.insert(Document(text="Note 99: sun."))

    assert len(fleet.books) == len(hall.heard) >= 5
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}
    assert hall.clock.monotonic() > 86_400
    while len(fleet.books) % 2:
        llm.complete("How much rain?")
    with pytest.raises(QuotaExhausted):
        llm.complete("How much rain?")
