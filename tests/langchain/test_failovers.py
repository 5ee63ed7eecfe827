"""Failovers are told to LangChain's listeners, each once, and never break a call."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers.base import BaseTracer
from tenacity import RetryCallState

from freetier import AllFailed
from freetier.testing import Fleet, faults
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, NORTH, SOUTH, failing_over, offline, two_providers


class Watch(BaseCallbackHandler):
    """Notes retries and custom events."""

    def __init__(self) -> None:
        self.retries: list[RetryCallState] = []
        self.events: list[tuple[str, Any]] = []

    def on_retry(self, retry_state: RetryCallState, **_: Any) -> None:
        """Note a retry."""
        self.retries.append(retry_state)

    def on_custom_event(self, name: str, data: Any, **_: Any) -> None:
        """Note an event."""
        self.events.append((name, data))


class AsyncWatch(AsyncCallbackHandler):
    """Notes retries in a task."""

    def __init__(self) -> None:
        self.retries: list[RetryCallState] = []

    async def on_retry(self, retry_state: RetryCallState, **_: Any) -> None:
        """Note a retry."""
        self.retries.append(retry_state)


class Tracer(BaseTracer):
    """Keeps the runs it was told of."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Any] = []

    def _persist_run(self, run: Any) -> None:
        self.runs.append(run)


def failing(fault: faults.Fault = faults.Status(503, body="busy")) -> Fleet:  # noqa: B008 - frozen
    """Return a fleet whose first provider fails."""
    fleet = two_providers()
    fleet.always(NORTH, fault)
    return fleet


def test_a_failover_is_a_retry_of_the_run() -> None:
    """Listeners see who did not answer, and why."""
    watch = Watch()

    offline(failing()).invoke("hi", config={"callbacks": [watch]})

    (state,) = watch.retries
    assert state.attempt_number == 1
    assert state.outcome is not None
    assert "north-1" in str(state.outcome.exception())
    assert watch.events == []


async def test_an_awaited_failover_is_a_retry_of_the_run() -> None:
    """The same in tasks."""
    watch = AsyncWatch()
    with failing_over() as scene:
        model = FreeTierChatModel(model=ALIAS, router=scene.router)
        await model.ainvoke("hi", config={"callbacks": [watch]})
        await scene.router.aclose()

    assert [state.attempt_number for state in watch.retries] == [1]


def test_a_trace_shows_the_failover_and_who_answered() -> None:
    """The run has a retry among its events and names the provider and model in the end."""
    tracer = Tracer()

    offline(failing()).invoke("hi", config={"callbacks": [tracer]})

    (run,) = tracer.runs
    assert [event["name"] for event in run.events] == ["start", "retry", "end"]
    assert run.extra["metadata"]["ls_provider"] == SOUTH
    assert run.extra["metadata"]["ls_model_name"] == "small-1"


def test_a_streams_failover_is_an_event_of_the_chain_around_it() -> None:
    """LangChain gives a stream no run to speak to, so the surrounding one is told."""
    watch = Watch()
    chain = RunnableLambda(lambda text: text) | offline(failing())

    list(chain.stream("hi", config={"callbacks": [watch]}))

    ((name, data),) = watch.events
    assert name == "freetier_failover"
    assert (data["provider"], data["fault"], data["attempt"]) == (NORTH, "overloaded", 1)
    assert watch.retries == []


def test_a_stream_of_its_own_needs_nobody_to_tell() -> None:
    """Without a run around it the metadata alone say so."""
    assert len(list(offline(failing()).stream("hi"))) > 1


@pytest.mark.parametrize("way", ["invoke", "stream"])
def test_a_call_that_nobody_answers_tells_of_all_switches(way: str) -> None:
    """The last failure is no failover: nobody came after it."""
    fleet = failing(faults.Status(413))
    fleet.always(SOUTH, faults.Status(413))
    watch = Watch()
    chain = RunnableLambda(lambda text: text) | offline(fleet)

    with pytest.raises(AllFailed):
        list(getattr(chain, way)("hi", config={"callbacks": [watch]}))

    assert len(watch.retries) + len(watch.events) == 1


def test_a_call_without_a_failover_tells_nothing() -> None:
    """Silence means that the first one answered."""
    watch = Watch()

    offline(two_providers()).invoke("hi", config={"callbacks": [watch]})

    assert watch.retries == watch.events == []
