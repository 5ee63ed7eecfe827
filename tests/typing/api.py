"""Typed calls of the public API: never run, judged by the strict type checker.

What stands here is what a user's own checker sees. An error in this file is a change of
the public types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import assert_type

from freetier import (
    ChatRequest,
    Completion,
    Message,
    QuotaExhausted,
    RouteError,
    RouteEvent,
    Router,
    RouteReport,
    Space,
    Tool,
    plots,
)
from freetier.streams import AsyncChatStream, ChatStream
from freetier.values.accounts import Candidate
from freetier.values.chat import Event, TextDelta
from freetier.values.listing import QuotaRow, QuotaStatus
from freetier.values.reports import Attempt, Embeddings, Standby
from freetier.values.standings import Standing, Turn


def makes_a_router() -> None:
    """Three ways, one meaning."""
    assert_type(Router(), Router)
    assert_type(Router.from_env(), Router)
    assert_type(Router.from_file("freetier.yaml"), Router)
    assert_type(Router.from_file(Path("freetier.yaml"), strategy="priority"), Router)
    assert_type(Router({"accounts": [{"provider": "groq"}]}, seed=7), Router)
    with Router(listeners=[_note]) as router:
        assert_type(router, Router)


def asks_in_a_thread(router: Router) -> None:
    """A text, messages as values or as dicts, and a whole request."""
    assert_type(router.complete("Hello"), Completion)
    assert_type(router.complete([Message(role="user", content="Hello")], model="best"), Completion)
    assert_type(router.complete([{"role": "user", "content": "Hello"}], max_wait=0), Completion)
    assert_type(router.complete(ChatRequest(model="fast"), deadline=30.0), Completion)
    assert_type(router.complete("Hello", tools=[Tool(name="look_up")]), Completion)
    assert_type(router.complete("Hello").report, RouteReport)
    with router.stream("Hello") as stream:
        assert_type(stream, ChatStream)
        for event in stream:
            assert_type(event, Event)
            if isinstance(event, TextDelta):
                assert_type(event.text, str)
        assert_type(stream.completion, Completion)


def embeds(router: Router) -> None:
    """One text or many, and the space to keep beside an index."""
    assert_type(router.embed("Hello", model="bge-m3"), Embeddings)
    found = router.embed(["Hello"], task="query", expect_space=router.space("bge-m3"), max_wait=0)
    assert_type(found.vectors, tuple[tuple[float, ...], ...])
    assert_type(found.space, Space)
    assert_type(found.reports, tuple[RouteReport, ...])


async def asks_in_a_task(router: Router) -> None:
    """The same names with an `a` before them."""
    assert_type(await router.acomplete("Hello", allow_paid=False), Completion)
    async with router.astream("Hello", model="fast") as stream:
        assert_type(stream, AsyncChatStream)
        async for event in stream:
            assert_type(event, Event)
    async with Router() as own:
        assert_type(own, Router)


def reads_an_error(router: Router) -> None:
    """Every error carries the route; an empty quota says when it comes back."""
    try:
        router.complete("Hello")
    except QuotaExhausted as error:
        assert_type(error.available_at, float)
    except RouteError as error:
        assert_type(error.report, RouteReport)
        assert_type(error.causes, tuple[Attempt, ...])


def looks_around(router: Router) -> None:
    """What is there, what is left, and who would be asked."""
    assert_type(router.quota_status(), QuotaStatus)
    assert_type(router.quota_status()[0], QuotaRow)
    assert_type(router.explain("Hello", model="best"), RouteReport)
    assert_type(router.is_model_available("best"), bool)
    assert_type(router.warnings, tuple[str, ...])
    assert_type([model.id for model in router.list_models()], list[str])
    assert_type(router.explain("Hello").order[0], Standby)
    assert_type(router.complete("Hello").message, Message)
    assert_type(router.history.points[0].seconds, float)
    assert_type(router.listen(_note), Callable[[], None])
    assert_type(plots.usage(router), plots.Picture)
    router.clear_cooldowns()
    router.reset_usage("groq-1")


def orders_candidates_itself() -> None:
    """A strategy may be any callable that orders standings."""
    Router(strategy=_by_name)


def _by_name(standings: Sequence[Standing], turn: Turn) -> list[Candidate]:
    ordered = sorted(standings, key=lambda standing: standing.candidate.key)
    return [standing.candidate for standing in ordered[turn.counter % len(ordered) :]]


def _note(event: RouteEvent) -> None:
    assert_type(event, RouteEvent)
