"""Streams fail over before their first content, never after it, and let go when left."""

from __future__ import annotations

import asyncio
import gc
import time
from functools import reduce
from operator import add

import pytest
from langchain_core.exceptions import ModelConnectionError, ModelRateLimitError

from freetier import QuotaExhausted, StreamInterrupted
from freetier.testing import Call, FakeProvider, Fleet, Limit, Said, faults
from freetier_langchain import FreeTierChatModel
from tests.langchain.stage import ALIAS, NORTH, SOUTH, offline, provider, stage, two_providers

LONG = "A long answer, in many words, so that it comes in many pieces. " * 20
SAVE = [{"name": "save", "description": "d", "parameters": {"type": "object"}}]
BEFORE_CONTENT = [
    faults.Status(503),
    faults.Html(),
    faults.Reset(),
    faults.Empty(),
    faults.RoleOnly(),
    faults.ErrorEvent(pieces=0),
]


@pytest.mark.parametrize("fault", BEFORE_CONTENT, ids=repr)
def test_a_stream_that_fails_before_its_content_comes_from_the_next(fault: faults.Fault) -> None:
    """Nothing of the first provider is seen."""
    fleet = two_providers(answer="One answer.")
    fleet.script(NORTH, [fault] * 3)

    chunks = list(offline(fleet).stream("hi"))

    whole = reduce(add, chunks)
    assert whole.content == "One answer."
    assert whole.response_metadata["provider"] == SOUTH
    assert whole.response_metadata["freetier"]["failovers"] >= 1


@pytest.mark.parametrize("fault", [faults.Cut(pieces=3), faults.ErrorEvent(), faults.BadEvent()])
def test_a_stream_that_breaks_after_its_content_is_an_error(fault: faults.Fault) -> None:
    """The error is LangChain's for a connection, with the text so far; nobody else answers."""
    fleet = two_providers(answer=LONG)
    fleet.always(NORTH, fault)
    came: list[str] = []

    with pytest.raises(ModelConnectionError) as got:
        came.extend(str(chunk.content) for chunk in offline(fleet).stream("hi"))

    assert isinstance(got.value, StreamInterrupted)
    assert got.value.text == "".join(came) != ""
    assert {entry.provider for entry in fleet.books.entries} == {NORTH}


def test_a_broken_stream_is_continued_where_that_is_wanted() -> None:
    """The chunks go on, and the last one says so."""
    fleet = Fleet(provider(NORTH, answer=LONG), provider(SOUTH, answer="And so on."))
    fleet.always(NORTH, faults.Cut(pieces=3))

    whole = reduce(add, offline(fleet).stream("hi", on_stream_break="continue"))

    assert str(whole.content).endswith("And so on.")
    assert whole.response_metadata["freetier_final"]["continued"] is True


@pytest.mark.parametrize("fault", [faults.TwoFinishes(), faults.RepeatedUsage(), faults.NoDone()])
def test_what_providers_say_twice_is_said_once(fault: faults.Fault) -> None:
    """Chunks are added up, so a second finish reason or usage would double."""
    fleet = two_providers(answer="One answer.")
    fleet.always(NORTH, fault)

    whole = reduce(add, offline(fleet).stream("hi"))

    tokens = fleet.books.tokens()
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["input_tokens"] == tokens.input
    assert whole.usage_metadata["output_tokens"] == tokens.output


def test_usage_that_nobody_told_is_estimated_and_called_so() -> None:
    """Missing usage would vanish from every count."""
    fleet = two_providers(answer="One answer.")
    fleet.always(NORTH, faults.NoUsage())

    whole = reduce(add, offline(fleet).stream("hi"))

    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] > 0
    assert whole.response_metadata["freetier_final"]["usage_estimated"] is True


def test_a_call_that_was_cut_is_an_error_in_a_stream() -> None:
    """An answer that was cut at its bound must not have a tool run with half its rows."""
    said = Said(calls=(Call("save", '{"rows": [1, 2'),), finish="length")
    model = offline(two_providers(answer=lambda _: said))

    with pytest.raises(ModelConnectionError, match="cut within its arguments"):
        list(model.bind_tools(SAVE).stream("hi"))


def test_half_a_call_is_invalid_whole_and_streamed() -> None:
    """Weak models forget the end; LangChain alone would complete the arguments of a stream."""
    said = Said(calls=(Call("save", '{"rows": [1, 2'),))
    bound = offline(two_providers(answer=lambda _: said)).bind_tools(SAVE)

    for message in (bound.invoke("hi"), reduce(add, bound.stream("hi"))):
        assert message.tool_calls == []
        assert [call["name"] for call in message.invalid_tool_calls] == ["save"]


def test_a_model_told_to_stream_does_so_for_whole_answers() -> None:
    """The whole answer is put together again."""
    fleet = two_providers(answer="One answer.")

    message = offline(fleet).bind(stream=True).invoke("hi")

    assert message.content == "One answer."
    assert message.response_metadata["finish_reason"] == "stop"
    assert [entry.stream for entry in fleet.books.entries] == [True]


def test_a_model_told_not_to_stream_does_not() -> None:
    """`streaming=False` is LangChain's word for never."""
    fleet = two_providers()
    model = offline(fleet)

    list(FreeTierChatModel(model=ALIAS, router=model.router, streaming=False).stream("hi"))

    assert [entry.stream for entry in fleet.books.entries] == [False]


def test_a_stream_that_is_left_lets_its_connection_go() -> None:
    """The provider sees that nobody reads on, and the next call is served."""
    with stage(strategy="declared") as scene:
        scene.fleet.providers[NORTH].token_rate = 10
        model = FreeTierChatModel(model=ALIAS, router=scene.router)
        for _ in model.stream("hi " * 50):
            break
        gc.collect()

        assert model.invoke("hi").response_metadata["provider"] == NORTH
        while (first := scene.books.entries[0]).ended_at is None:
            time.sleep(0.01)
        assert first.aborted


async def test_an_awaited_stream_that_is_left_lets_its_connection_go() -> None:
    """The same in a task, when the generator is closed."""
    with stage(strategy="declared") as scene:
        scene.fleet.providers[NORTH].token_rate = 10
        model = FreeTierChatModel(model=ALIAS, router=scene.router)
        chunks = model.astream("hi " * 50)
        await anext(chunks)
        await chunks.aclose()

        assert (await model.ainvoke("hi")).response_metadata["provider"] == NORTH
        while (first := scene.books.entries[0]).ended_at is None:  # noqa: ASYNC110 - in a thread
            await asyncio.sleep(0.01)
        assert first.aborted
        await scene.router.aclose()


def test_quota_that_is_gone_raises_before_the_first_chunk() -> None:
    """The error says when it is back, and that a retry within a minute makes sense."""
    fleet = Fleet(FakeProvider(NORTH, models=["small-1"], limits=[Limit(1, "minute")]))
    config = fleet.config(limits=True)
    model = offline(fleet, accounts=config["accounts"])
    list(model.stream("hi"))

    with pytest.raises(ModelRateLimitError) as got:
        list(model.stream("hi", max_wait=0))

    assert isinstance(got.value, QuotaExhausted)
    assert got.value.retry_after == pytest.approx(60, abs=1)
    assert got.value.is_retryable
    assert fleet.books.refused() == []
