"""How long a call waits where nobody said: alone, in a query, in ingestion."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from llama_index.core import Document, Settings
from llama_index.core.async_utils import asyncio_run, run_jobs
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.schema import TransformComponent

from freetier import Router
from freetier_llamaindex import FreeTierLLM
from freetier_llamaindex._patience import FOREVER, QUERY, Watch, patience, watch

DOCUMENTS = [Document(text="One."), Document(text="Two.")]


class Engine(CustomQueryEngine):
    """A query engine that asks how patient its calls are."""

    def custom_query(self, query_str: str) -> str:
        """Answer with the patience of a task on a loop of its own."""
        if query_str == "Fail!":
            raise LookupError(query_str)
        return str(asyncio_run(_asked_in_a_task()))

    async def acustom_query(self, query_str: str) -> str:
        """Answer with the patience of a job."""
        return str(await run_jobs([_asked_in_a_task()]))


class Step(TransformComponent):
    """A step of a pipeline that notes how patient its calls are, and queries on the way."""

    heard: list[Any] = []  # noqa: RUF012 - a field: pydantic copies it

    def __call__(self, nodes: Any, **_kwargs: Any) -> Any:
        """Note it."""
        self.heard.extend([patience(), str(Engine().query("?"))])
        return nodes

    async def acall(self, nodes: Any, **_kwargs: Any) -> Any:
        """Note it in a task."""
        self.heard.append(await asyncio.create_task(_asked_in_a_task()))
        return nodes


async def _asked_in_a_task() -> float | None:
    await asyncio.sleep(0)
    return patience()


async def test_a_query_is_patient_and_no_longer_than_it_lasts() -> None:
    """Within it, its tasks, its threads and its jobs; also if it ends with an error."""
    assert patience() is None
    assert str(Engine().query("?")) == str(QUERY)
    assert str(await Engine().aquery("?")) == str([QUERY])
    with pytest.raises(LookupError):
        Engine().query("Fail!")
    assert patience() is None


@pytest.mark.parametrize("trace", ["index_construction", "insert", "refresh_ref_docs"])
async def test_building_an_index_waits_as_long_as_it_takes(trace: str) -> None:
    """Also in its tasks and its threads; other traces are no building."""
    with Settings.callback_manager.as_trace(trace):
        assert asyncio_run(_asked_in_a_task()) == FOREVER
        assert await asyncio.create_task(_asked_in_a_task()) == FOREVER
        assert str(Engine().query("?")) == str(FOREVER)
    with Settings.callback_manager.as_trace("chat"):
        assert patience() is None
    assert patience() is None


async def test_ingestion_waits_as_long_as_it_takes() -> None:
    """Both colours of a pipeline, a query inside it, and jobs that nobody queries for."""
    step = Step()
    IngestionPipeline(transformations=[step]).run(documents=DOCUMENTS)
    await IngestionPipeline(transformations=[step]).arun(documents=DOCUMENTS)

    assert step.heard == [FOREVER, str(FOREVER), FOREVER]
    assert await run_jobs([_asked_in_a_task(), _asked_in_a_task()]) == [FOREVER, FOREVER]
    assert patience() is None


def test_whoever_says_something_is_heard(lone_stage: Any) -> None:
    """An argument, a field, the router's own default; else it is what the span says."""
    limited = Router({**lone_stage.config, "max_wait": 5})
    models = [
        lone_stage.llm(),
        lone_stage.llm(max_wait=0.0),
        lone_stage.llm(max_wait=None),
        FreeTierLLM(router=limited),
    ]

    class Asking(CustomQueryEngine):
        def custom_query(self, query_str: str) -> str:
            return repr([model._own()["max_wait"] for model in models])

    class Ingesting(Step):
        def __call__(self, nodes: Any, **_kwargs: Any) -> Any:
            self.heard.append([model._own()["max_wait"] for model in models])
            return nodes

    step = Ingesting()
    IngestionPipeline(transformations=[step]).run(documents=DOCUMENTS)

    assert [model._own()["max_wait"] for model in models] == ["default", 0, None, "default"]
    assert str(Asking().query("?")) == repr([QUERY, 0.0, None, "default"])
    assert step.heard == [[None, 0, None, "default"]]


def test_one_watch_is_enough() -> None:
    """Importing sets it up; once more does nothing, and it keeps no span."""
    watch()
    (found,) = [one for one in get_dispatcher().span_handlers if isinstance(one, Watch)]
    Engine().query("?")

    assert (found.open_spans, found.completed_spans, found.dropped_spans) == ({}, [], [])
