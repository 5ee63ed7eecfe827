"""LangChain, LlamaIndex and plain Python in one process on one router: one set of counters."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.callbacks import UsageMetadataCallbackHandler
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.callbacks import CallbackManager
from llama_index.core.callbacks.token_counting import TokenCountingHandler

from freetier import QuotaExhausted, Router
from freetier.testing import FakeProvider, Fleet, Limit
from freetier.testing.accounts import FakeModel
from freetier.testing.faults import Status
from freetier_langchain import FreeTierChatModel, FreeTierEmbeddings
from freetier_llamaindex import FreeTierEmbedding, FreeTierLLM

CHAT, VECTORS = "bravo-9b", "bge-m3"
A_DAY, TOKENS = 12, 1_000_000
HELLO = [ChatMessage(content="Hello there")]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """Three accounts that count requests and tokens of their day, and one that always fails."""
    models = [FakeModel(CHAT), FakeModel(VECTORS, dimensions=16)]
    limits = [Limit(A_DAY, "day"), Limit(TOKENS, "day", metric="total_tokens")]
    made = [
        FakeProvider("north", models=models),
        FakeProvider("south", accounts=2, models=models, limits=limits),
        FakeProvider("east", models=models, limits=limits),
    ]
    with Fleet(*made) as fleet:
        fleet.always("north", Status(400))
        yield fleet


@pytest.fixture
def router(fleet: Fleet) -> Iterator[Router]:
    """One router over all of them, which asks the failing one first."""
    accounts = [
        {**account, "priority": 1 + (account["provider"] != "north")}
        for account in fleet.config(limits=True)["accounts"]
    ]
    with Router({"accounts": accounts}, strategy="priority") as router:
        yield router


def _counted(router: Router, metric: str) -> Counter[str]:
    """Return what a router has counted of a metric, by account."""
    rows = router.quota_status()
    assert {row.reserved for row in rows} == {0}
    return Counter({row.account: row.used for row in rows if row.metric == metric and row.used})


async def test_the_counters_are_those_of_the_fleet(fleet: Fleet, router: Router) -> None:
    """Each colour of each framework, streamed and not, chats and vectors, all failing over."""
    usage, tokens = UsageMetadataCallbackHandler(), TokenCountingHandler(lambda text: [0] * 9999)
    chain = FreeTierChatModel(model=CHAT, router=router, callbacks=[usage])
    llama = FreeTierLLM(CHAT, router=router, callback_manager=CallbackManager([tokens]))

    chain.invoke("Hello there")
    await chain.ainvoke("Hello there")
    assert len(list(chain.stream("Hello there"))) > 1
    assert [part async for part in chain.astream("Hello there")]
    chain.batch(["One", "Two", "Three"])
    llama.chat(HELLO)
    await llama.acomplete("Hello")
    assert len(list(llama.stream_complete("Hello"))) > 1
    assert [part async for part in await llama.astream_chat(HELLO)]
    await asyncio.gather(*(llama.achat(HELLO) for _ in range(3)))
    own = [
        router.complete("Plain", model=CHAT),
        await router.acomplete("Plain", model=CHAT),
        *[router.complete("Plain", model=CHAT) for _ in range(2)],
    ]
    FreeTierEmbeddings(model=VECTORS, router=router).embed_documents(["a cat", "a dog"])
    FreeTierEmbedding(VECTORS, router=router).get_text_embedding_batch(["a cat", "a dog"])

    books = fleet.books
    admitted = Counter(entry.account for entry in books.admitted())
    assert admitted.total() == 7 + 7 + 4 + 2
    assert "north-1" not in admitted
    assert _counted(router, "requests") == admitted
    assert _counted(router, "total_tokens") == {
        account: books.tokens(account).total for account in admitted
    }
    failed = [entry for entry in books.entries if entry.verdict == "failed"]
    assert [entry.account for entry in failed] == ["north-1"] * 20
    assert not books.refused()

    said = list(usage.usage_metadata.values())
    chats = [entry for entry in books.admitted() if entry.route == "chat"]
    assert sum(entry.input_tokens for entry in chats) == (
        sum(used["input_tokens"] for used in said)
        + tokens.prompt_llm_token_count
        + sum(answer.usage.input_tokens for answer in own)
    )
    assert sum(entry.output_tokens for entry in chats) == (
        sum(used["output_tokens"] for used in said)
        + tokens.completion_llm_token_count
        + sum(answer.usage.output_tokens for answer in own)
    )


def test_what_one_takes_the_other_does_not_get(fleet: Fleet, router: Router) -> None:
    """From many threads of both frameworks exactly the limit is admitted, and nothing refused."""
    chain = FreeTierChatModel(model=CHAT, router=router, max_wait=0, exclude="north")
    llama = FreeTierLLM(CHAT, router=router, max_wait=0, exclude="north")

    def ask(number: int) -> str:
        call: Any = chain.invoke if number % 2 else llama.complete
        try:
            call("Hello there")
        except QuotaExhausted:
            return "told when"
        return "answered"

    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(ask, range(60)))

    assert said == {"answered": 3 * A_DAY, "told when": 60 - 3 * A_DAY}
    admitted = Counter(entry.account for entry in fleet.books.entries)
    assert admitted == {"south-1": A_DAY, "south-2": A_DAY, "east-1": A_DAY}
    assert _counted(router, "requests") == admitted
    assert not fleet.books.refused()
