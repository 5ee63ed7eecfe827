"""Errors in both languages: the core's class, and the one that LlamaIndex's users catch."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from llama_index.core.base.llms.types import AudioBlock, ChatMessage, TextBlock

from freetier import (
    AllFailed,
    ConfigError,
    DeadlineExceeded,
    Fault,
    NoCandidate,
    NotAuthorised,
    QuotaExhausted,
    RequestRejected,
    RouteError,
    RouteReport,
    StreamInterrupted,
    UnknownModel,
)
from freetier.errors import (
    ContentRefused,
    ContextTooLong,
    FreetierError,
    StoreError,
    StoreUnavailable,
)
from freetier.testing.faults import Cut, RateLimited, Status
from freetier_llamaindex import FreeTierLLM
from freetier_llamaindex._errors import framework_errors
from tests.llamaindex.conftest import ABLE, Stage

REPORT = RouteReport(request_id="r1", alias="fast")
HELLO = [ChatMessage(content="Hello there, how are you today?")]
REJECTED = {"fault": Fault.BAD_REQUEST, "detail": "no"}


@pytest.mark.parametrize(
    "error",
    [
        NoCandidate("no", REPORT),
        RequestRejected("no", REPORT, **REJECTED),
        ContextTooLong("no", REPORT, **REJECTED),
        ContentRefused("no", REPORT, **REJECTED),
        ConfigError("no", where="x"),
        UnknownModel("fats", ("fast",)),
    ],
)
def test_nothing_that_a_query_engine_would_swallow_is_raised(error: FreetierError) -> None:
    """Engines drop a `ValueError` and answer without it, which would hide the cause."""
    with pytest.raises(type(error)) as caught, framework_errors():
        raise error
    assert not isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (NotAuthorised("no", REPORT), PermissionError),
        (StreamInterrupted("no", REPORT, text="half"), ConnectionError),
        (StoreUnavailable("no"), ConnectionError),
        (DeadlineExceeded("no", REPORT), TimeoutError),
    ],
)
def test_an_error_is_of_both_kinds(error: FreetierError, builtin: type[Exception]) -> None:
    """The core's class, its text and its fields stay; what users look for is added."""
    with pytest.raises(type(error)) as caught, framework_errors():
        raise error

    assert isinstance(caught.value, builtin)
    assert str(caught.value) == str(error)
    assert caught.value.__dict__.items() >= error.__dict__.items()


def test_an_error_of_both_kinds_travels() -> None:
    """It comes out of another process as it went in, the route included."""
    with pytest.raises(RouteError) as caught, framework_errors():
        raise NotAuthorised("no", REPORT)
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own

    assert isinstance(again, PermissionError)
    assert (str(again), again.report) == ("no", REPORT)


@pytest.mark.parametrize(
    "error",
    [
        QuotaExhausted("no", REPORT, available_at=1.0, retry_after=1.0),
        AllFailed("no", REPORT),
        StoreError("no"),
    ],
)
def test_what_is_wrong_with_the_world_is_no_value_error(error: FreetierError) -> None:
    """A `SubQuestionQueryEngine` would drop the question that ends in a `ValueError`."""
    with pytest.raises(type(error)) as caught, framework_errors():
        raise error

    assert caught.value is error
    assert not isinstance(error, ValueError)


async def _drain(stream: Any) -> list[Any]:
    return [part async for part in await stream]


CALLS: dict[str, Callable[[FreeTierLLM], Any]] = {
    "chat": lambda llm: llm.chat(HELLO),
    "stream_chat": lambda llm: list(llm.stream_chat(HELLO)),
    "achat": lambda llm: asyncio.run(llm.achat(HELLO)),
    "astream_chat": lambda llm: asyncio.run(_drain(llm.astream_chat(HELLO))),
    "complete": lambda llm: llm.complete("Hello"),
    "stream_complete": lambda llm: list(llm.stream_complete("Hello")),
    "acomplete": lambda llm: asyncio.run(llm.acomplete("Hello")),
    "astream_complete": lambda llm: asyncio.run(_drain(llm.astream_complete("Hello"))),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_wrong_keys_are_a_permission_error(
    lone_stage: Any, call: Callable[[FreeTierLLM], Any]
) -> None:
    """Where no account may answer, each of the eight calls says so, with the whole route."""
    lone_stage.fleet.always(None, Status(401))
    with pytest.raises(PermissionError) as caught:
        call(lone_stage.llm())

    assert isinstance(caught.value, NotAuthorised)
    assert [cause.provider for cause in caught.value.causes] == ["north", "south"]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_rejected_request_is_a_value_error(
    lone_stage: Any, call: Callable[[FreeTierLLM], Any]
) -> None:
    """Two providers that find fault with a request are believed."""
    lone_stage.fleet.always(None, Status(400))
    with pytest.raises(FreetierError, match="rejected the request") as caught:
        call(lone_stage.llm())

    assert isinstance(caught.value, RequestRejected)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_quota_is_quota_exhausted(lone_stage: Any, call: Callable[[FreeTierLLM], Any]) -> None:
    """Where everybody says "later" and the caller will not wait, the error says when."""
    lone_stage.fleet.always(None, RateLimited(wait=40))
    with pytest.raises(QuotaExhausted) as caught:
        call(lone_stage.llm(max_wait=0))

    assert 0 < caught.value.retry_after <= 60


@pytest.mark.parametrize("name", ["stream_chat", "astream_chat", "stream_complete"])
def test_a_cut_stream_is_a_connection_error(lone_stage: Any, name: str) -> None:
    """After its first content a stream that breaks raises, and keeps the text so far."""
    lone_stage.fleet.always(None, Cut(pieces=2))
    with pytest.raises(ConnectionError) as caught:
        CALLS[name](lone_stage.llm())

    assert isinstance(caught.value, StreamInterrupted)
    assert caught.value.text.startswith("This is")


def test_a_block_nobody_takes_is_a_value_error() -> None:
    """What no candidate can listen to is refused before anything is sent."""
    stage = Stage(able=tuple(set(ABLE) - {"audio"}))
    sound = AudioBlock(audio=b"RIFF\x24\x00\x00\x00WAVEfmt ", format="wav")
    message = ChatMessage(blocks=[TextBlock(text="What is this?"), sound])
    with pytest.raises(FreetierError, match="audio") as caught:
        stage.llm().chat([message])

    assert isinstance(caught.value, NoCandidate)
    assert len(stage.fleet.books) == 0
    stage.close()


def test_a_schema_nobody_follows_is_a_value_error() -> None:
    """A shape that no candidate can be held to is refused before anything is sent."""
    stage = Stage(able=("tools",))
    shape = {"type": "json_schema", "json_schema": {"name": "city", "schema": {"type": "object"}}}
    with pytest.raises(FreetierError, match="json_schema") as caught:
        stage.llm().chat(HELLO, response_format=shape)

    assert isinstance(caught.value, RouteError)
    assert len(stage.fleet.books) == 0
    stage.close()


def test_an_unknown_model_names_the_nearest(lone_stage: Any) -> None:
    """A slip in the alias is a `ValueError` with the right name, also from `metadata`."""
    llm = FreeTierLLM("bravo-9", router=lone_stage.router)
    for ask in (lambda: llm.chat(HELLO), lambda: llm.metadata):
        with pytest.raises(FreetierError, match="did you mean 'bravo-9b'") as caught:
            ask()
        assert isinstance(caught.value, UnknownModel)


def test_no_account_is_said_at_the_first_call() -> None:
    """Constructing needs no account; calling does, and the error says so."""
    llm = FreeTierLLM("fast", config={"accounts": []})
    with pytest.raises(ConfigError, match="account"):
        llm.chat(HELLO)
