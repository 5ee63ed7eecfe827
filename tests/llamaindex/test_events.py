"""Events and collected routes: told once, on every path, within their span."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.instrumentation.events import BaseEvent

from freetier import NotAuthorised, RouteEvent, Router
from freetier.testing.clock import VirtualClock
from freetier.testing.faults import Cut, Status
from freetier.testing.fleet import Fleet
from freetier.testing.limits import Limit
from freetier.testing.provider import FakeProvider
from freetier_llamaindex import (
    FreeTierFailoverEvent,
    FreeTierLLM,
    FreeTierRouteEvent,
    FreeTierWaitEvent,
    collect_routes,
)
from tests.llamaindex.conftest import MODEL

HELLO = [ChatMessage(content="Hello there")]
OURS = (FreeTierFailoverEvent, FreeTierRouteEvent, FreeTierWaitEvent)


class Listener(BaseEventHandler):
    """Keeps our events."""

    heard: list[BaseEvent] = []  # noqa: RUF012 - a field: pydantic copies it

    @classmethod
    def class_name(cls) -> str:
        """Return its name."""
        return "Listener"

    def handle(self, event: BaseEvent, **_kwargs: Any) -> None:
        """Keep an event of ours."""
        if isinstance(event, OURS):
            self.heard.append(event)

    def kinds(self) -> list[str]:
        """Return what was heard, in order."""
        return [event.class_name() for event in self.heard]


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A handler at the root of LlamaIndex's instrumentation."""
    root, listener = get_dispatcher(), Listener()
    before = list(root.event_handlers)
    root.add_event_handler(listener)
    yield listener
    root.event_handlers = before


async def test_every_path_tells_who_answered(stage: Any, listener: Listener) -> None:
    """Each of the eight calls is one route, and one failover where one is forced."""
    llm = stage.llm()
    with collect_routes() as routes:
        llm.chat(HELLO)
        llm.complete("Hello")
        list(llm.stream_chat(HELLO))
        list(llm.stream_complete("Hello"))
        await llm.achat(HELLO)
        await llm.acomplete("Hello")
        _ = [part async for part in await llm.astream_chat(HELLO)]
        _ = [part async for part in await llm.astream_complete("Hello")]

    told = [event for event in listener.heard if isinstance(event, FreeTierRouteEvent)]
    switches = [event for event in listener.heard if isinstance(event, FreeTierFailoverEvent)]
    assert len(told) == len(routes) == 8
    assert [event.request_id for event in told] == [route.request_id for route in routes]
    forced = routes[0].provider == "south"
    assert len(switches) == (8 if forced else 0)
    assert {event.failovers for event in told} == {int(forced)}


def test_a_route_says_everything(lone_stage: Any, listener: Listener) -> None:
    """The event names who answered, and holds the whole route as plain values."""
    lone_stage.llm().chat(HELLO)

    (event,) = listener.heard
    assert isinstance(event, FreeTierRouteEvent)
    assert (event.alias, event.provider, event.account, event.model, event.free) == (
        MODEL, "north", "north-1", MODEL, True,
    )  # fmt: skip
    assert event.duration > 0
    assert event.report["attempts"][0]["candidate"] == f"north-1/{MODEL}"
    assert json.loads(json.dumps(event.report)) == event.report
    assert event.span_id is not None
    assert event.span_id.startswith("FreeTierLLM.chat-")
    assert event.model_dump()["class_name"] == "FreeTierRouteEvent"


def test_a_failover_says_who_took_over(lone_stage: Any, listener: Listener) -> None:
    """A switch is told before its route, with the fault and both candidates."""
    lone_stage.fail_north()
    lone_stage.llm().chat(HELLO)

    switch, route = listener.heard
    assert isinstance(switch, FreeTierFailoverEvent)
    assert (switch.candidate, switch.successor) == (f"north-1/{MODEL}", f"south-1/{MODEL}")
    assert (switch.fault, switch.status) == ("bad_request", 400)
    assert switch.request_id == route.request_id


def test_a_stream_tells_its_switch_with_its_first_content(
    lone_stage: Any, listener: Listener
) -> None:
    """Who reads a stream hears of the failover first, of the route at the end, each once."""
    lone_stage.fail_north()
    stream = lone_stage.llm().stream_chat(HELLO)
    assert listener.kinds() == []
    next(stream)
    assert listener.kinds() == ["FreeTierFailoverEvent"]
    list(stream)
    assert listener.kinds() == ["FreeTierFailoverEvent", "FreeTierRouteEvent"]
    assert {event.span_id for event in listener.heard} == {listener.heard[0].span_id}
    assert listener.heard[0].span_id.startswith("FreeTierLLM.stream_chat-")


def test_what_nobody_answered_has_switches_and_no_route(
    lone_stage: Any, listener: Listener
) -> None:
    """A call that fails tells what was tried on the way."""
    lone_stage.fleet.always(None, Status(401))
    with collect_routes() as routes, pytest.raises(NotAuthorised):
        lone_stage.llm().chat(HELLO)

    assert listener.kinds() == ["FreeTierFailoverEvent"]
    assert routes == []


async def test_a_broken_stream_has_no_route(lone_stage: Any, listener: Listener) -> None:
    """Who fell silent in the middle has not answered."""
    lone_stage.fleet.always(None, Cut(pieces=2))
    with collect_routes() as routes, pytest.raises(ConnectionError):
        _ = [part async for part in await lone_stage.llm().astream_chat(HELLO)]

    assert listener.heard == routes == []


class Timed(Listener):
    """Notes when it heard what."""

    clock: Any
    heard_at: list[float] = []  # noqa: RUF012 - a field: pydantic copies it

    def handle(self, event: BaseEvent, **kwargs: Any) -> None:
        """Keep an event of ours, and the time."""
        before = len(self.heard)
        super().handle(event, **kwargs)
        if len(self.heard) > before:
            self.heard_at.append(self.clock.monotonic())


def _two_a_minute(clock: VirtualClock) -> tuple[Fleet, FreeTierLLM]:
    """Return a model over two hosts, each of which answers once a minute."""
    fleet = Fleet(*(FakeProvider(name, limits=[Limit(1, "minute")]) for name in ("north", "south")))
    accounts = [
        {**account, "models": [MODEL], "priority": n}
        for n, account in enumerate(fleet.config(limits=True)["accounts"])
    ]
    router = Router(
        {"accounts": accounts, "strategy": "priority"},
        transport=fleet.transport(clock),
        clock=clock,
    )
    return fleet, FreeTierLLM(MODEL, router=router, max_wait=None)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_a_wait_is_told_when_it_begins(streamed: bool) -> None:
    """Who and how long, before the wait and not after; the switch before it is told by then."""
    clock = VirtualClock()
    fleet, llm = _two_a_minute(clock)
    fleet.script("north", [Status(400)])
    root, listener = get_dispatcher(), Timed(clock=clock)
    before = list(root.event_handlers)
    root.add_event_handler(listener)
    try:
        with collect_routes() as routes:
            for _ in range(3):
                _ = list(llm.stream_chat(HELLO)) if streamed else llm.chat(HELLO)
    finally:
        root.event_handlers = before

    assert listener.kinds() == [
        "FreeTierFailoverEvent", "FreeTierRouteEvent", "FreeTierRouteEvent",
        "FreeTierWaitEvent", "FreeTierRouteEvent",
    ]  # fmt: skip
    wait, route = listener.heard[3:]
    assert isinstance(wait, FreeTierWaitEvent)
    assert wait.candidate is not None
    assert wait.request_id == route.request_id
    assert wait.seconds == route.waited == routes[2].waited == pytest.approx(60, abs=1)
    assert listener.heard_at == pytest.approx([0, 0, 0, 0, wait.seconds], abs=0.1)
    assert len(fleet.books.refused()) == 0


def test_a_listener_of_the_callers_own_is_told_as_well(lone_stage: Any, listener: Listener) -> None:
    """A call's `listener` hears the router's events beside LlamaIndex's."""
    own: list[RouteEvent] = []
    lone_stage.llm().chat(HELLO, listener=own.append)

    assert [event.kind for event in own] == ["attempt", "answer"]
    assert listener.kinds() == ["FreeTierRouteEvent"]


def test_collections_may_be_nested(lone_stage: Any) -> None:
    """Each block has the calls made within it, the inner ones as well."""
    llm = lone_stage.llm()
    with collect_routes() as outer:
        llm.complete("One")
        with collect_routes() as inner:
            llm.complete("Two")
        llm.complete("Three")
    llm.complete("Four")

    assert (len(outer), len(inner)) == (3, 1)
    assert inner[0] is outer[1]
