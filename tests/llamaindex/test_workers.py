"""A pipeline that hands its nodes to other processes: the quota is still one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from llama_index.core.extractors import KeywordExtractor
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import TextNode

from freetier import Router
from freetier.testing import FakeProvider, Fleet, Limit
from freetier.testing.accounts import FakeModel
from freetier_llamaindex import FreeTierEmbedding, FreeTierLLM

CHAT, VECTORS = "bravo-9b", "bge-m3"
NODES = 14


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
async def test_workers_count_in_the_shared_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`arun(num_workers=2)`: the models travel by reference, keys stay in the environment."""
    models = [FakeModel(CHAT), FakeModel(VECTORS, dimensions=8)]
    limits = [Limit(40, "day")]
    with Fleet(FakeProvider("north", accounts=2, models=models, limits=limits)) as fleet:
        accounts = fleet.config(limits=True)["accounts"]
        for number, account in enumerate(accounts):
            monkeypatch.setenv(f"NORTH_{number}", str(fleet.key(account["id"])))
            account["auth"] = {"api_key": f"${{NORTH_{number}}}"}
        config = {"accounts": accounts, "store": f"sqlite:///{tmp_path / 'quota.db'}"}
        with Router(config) as router:
            llm = FreeTierLLM(CHAT, router=router)
            steps = [
                KeywordExtractor(llm=llm, show_progress=False),
                FreeTierEmbedding(VECTORS, router=router),
            ]
            pipeline = IngestionPipeline(transformations=steps, disable_cache=True)
            notes = [TextNode(text=f"Town {n} has much rain.") for n in range(NODES)]
            nodes = await pipeline.arun(nodes=notes, num_workers=2)
            counted = {row.account: row.used for row in router.quota_status()}

    assert [node.text for node in nodes] == [note.text for note in notes]
    assert all(node.embedding and node.metadata["excerpt_keywords"] for node in nodes)
    assert {entry.verdict for entry in fleet.books.entries} == {"admitted"}
    assert counted == Counter(entry.account for entry in fleet.books.entries)
    assert sum(counted.values()) == NODES + 2
