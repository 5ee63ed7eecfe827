"""A long agent run over accounts that run dry: it finishes, and its trace tells who answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.callbacks import UsageMetadataCallbackHandler
from langchain_core.language_models import _compat_bridge
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.tracers import BaseTracer

from freetier import Router
from freetier.testing import Call, FakeProvider, Fleet, Limit, Said
from freetier.testing.books import Entry
from freetier_langchain import FreeTierChatModel
from tests.figures import Show
from tests.langchain.stage import ALIAS, CAPABILITIES

CALLS = 40
V3_IS_PROMOTED = hasattr(_compat_bridge, "GATEWAY_METADATA_RESPONSE_KEY")
"""Whether this LangChain's tracer is told who answered also in version 3 of its protocol; the
oldest supported one is not, and has it in the message alone."""

DRY_AFTER = {"north": 9, "south": 14}
ASK: Any = {"messages": [("user", "Go from city to city and tell what you found.")]}

pytestmark = pytest.mark.filterwarnings("ignore:The v3 streaming protocol")


class Tracer(BaseTracer):
    """Keeps the calls of the model that it was told of, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Any] = []

    def _persist_run(self, run: Any) -> None:
        pass

    def _on_llm_end(self, run: Any) -> None:
        self.calls.append(run)


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"It rains in {city}."


def population(city: str) -> str:
    """Tell how many live in a city."""
    return f"{len(city)} millions live in {city}."


def distance(start: str, end: str) -> str:
    """Tell how far two cities are from each other."""
    return f"It is {len(start) * len(end)} km from {start} to {end}."


def wandering(body: dict[str, Any]) -> Said:
    """Call one tool after the other, then answer."""
    done = sum(message["role"] == "tool" for message in body["messages"])
    if done == CALLS - 1:
        return Said(text="That is all I found.")
    city = f"city {done}"
    match done % 3:
        case 0:
            call = Call("weather", {"city": city})
        case 1:
            call = Call("population", {"city": city})
        case _:
            call = Call("distance", {"start": city, "end": "home"})
    return Said(calls=(call,))


@pytest.fixture(params=[True, False], ids=["limits known", "limits found"])
def scene(request: pytest.FixtureRequest) -> Iterator[tuple[Fleet, FreeTierChatModel]]:
    """Three accounts over HTTP, two of which run dry; each has a model of its own name."""
    fleet = Fleet(
        *(
            FakeProvider(
                name,
                models=[f"{name}-model"],
                limits=[Limit(DRY_AFTER[name], "day")] if name in DRY_AFTER else [],
                answer=wandering,
            )
            for name in ("north", "south", "west")
        )
    )
    with fleet:
        config = fleet.config(limits=request.param)
        for account in config["accounts"]:
            account["capabilities"] = CAPABILITIES
        ladder = [{"provider": name, "model": f"{name}-model"} for name in fleet.providers]
        config |= {"models": [{"alias": ALIAS, "models": ladder}], "strategy": "declared"}
        with Router(**config) as router:
            yield fleet, FreeTierChatModel(model=ALIAS, router=router)


def by_messages(agent: Any, config: Any) -> list[AIMessage]:
    """Stream the run as pieces of messages."""
    wholes: dict[str, Any] = {}
    for message, _ in agent.stream(ASK, config, stream_mode="messages"):
        if isinstance(message, AIMessageChunk):
            key = str(message.id)
            wholes[key] = message if key not in wholes else wholes[key] + message
    return [*wholes.values()]


def by_parts(agent: Any, config: Any) -> list[AIMessage]:
    """Stream the run in version 2 of LangGraph's protocol."""
    wholes: dict[str, Any] = {}
    for part in agent.stream(ASK, config, stream_mode="messages", version="v2"):
        message, _ = part["data"]
        if isinstance(message, AIMessageChunk):
            key = str(message.id)
            wholes[key] = message if key not in wholes else wholes[key] + message
    return [*wholes.values()]


def by_projections(agent: Any, config: Any) -> list[AIMessage]:
    """Stream the run in version 3 of LangChain's protocol."""
    run = agent.stream_events(ASK, config, version="v3")
    return [message.output for message in run.messages]


@pytest.mark.parametrize("way", [by_messages, by_parts, by_projections])
def test_an_agent_outlives_two_of_its_three_accounts(
    scene: tuple[Fleet, FreeTierChatModel],
    way: Callable[[Any, Any], list[AIMessage]],
    show: Show,
) -> None:
    """Every call's provider, model and usage are those of the fleet's own books."""
    fleet, model = scene
    tracer, usage = Tracer(), UsageMetadataCallbackHandler()
    agent: Any = create_agent(model, [weather, population, distance])

    messages = way(agent, {"callbacks": [tracer, usage], "recursion_limit": 4 * CALLS})

    answered = [entry for entry in fleet.books.entries if entry.verdict == "admitted"]
    assert len(answered) == CALLS == len(tracer.calls) == len(messages)
    assert Counter(entry.provider for entry in answered) == {
        **DRY_AFTER,
        "west": CALLS - sum(DRY_AFTER.values()),
    }
    assert messages[-1].text == "That is all I found."
    is_promoted = V3_IS_PROMOTED or way is not by_projections
    for entry, run, message in zip(answered, tracer.calls, messages, strict=True):
        check(entry, run, message)
        metadata = run.extra["metadata"]
        told = (metadata["ls_provider"], metadata["ls_model_name"])
        assert told == ((entry.provider, entry.model) if is_promoted else ("freetier", ALIAS))
    totals: Counter[str] = Counter()
    for entry in answered:
        totals[entry.model] += entry.input_tokens + entry.output_tokens
    assert {name: told["total_tokens"] for name, told in usage.usage_metadata.items()} == totals
    refused = [entry.provider for entry in fleet.books.entries if entry.verdict == "refused"]
    show(f"{CALLS} calls: {dict(totals)} tokens, refused on the way: {refused or 'none'}")


def check(entry: Entry, run: Any, message: AIMessage) -> None:
    """Hold one call's message and its run in the trace against the fleet's books."""
    traced = run.outputs["generations"][0][0]["message"]["kwargs"]
    assert traced["response_metadata"]["model_name"] == entry.model
    assert message.response_metadata["provider"] == entry.provider
    assert message.response_metadata["model_name"] == entry.model
    for told in (traced["usage_metadata"], message.usage_metadata):
        assert told is not None
        assert told["input_tokens"] == entry.input_tokens
        assert told["output_tokens"] == entry.output_tokens
