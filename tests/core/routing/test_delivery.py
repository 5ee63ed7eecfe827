"""Streams, handed out as they come: what one read brings, and nothing before it is asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from freetier import Router, StreamInterrupted
from freetier.values.chat import Event, Finished, TextDelta, UsageReported
from freetier.values.wire import Answer, HttpRequest, Timeouts

CONFIG = {
    "accounts": [{"provider": "own", "base_url": "http://127.0.0.1:9/v1", "limits": {"rpm": 5}}]
}


def _said(text: str, reason: str | None = None) -> bytes:
    choice = {"delta": {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


READS = [_said("a") + _said("b"), _said("c"), _said("d") + _said("e", "stop") + b"data: [DONE]\n\n"]


class _Wire:
    """Answers with some pieces, and notes what is done with them."""

    def __init__(self, reads: list[bytes]) -> None:
        self._reads = reads
        self.done: list[str] = []

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer:
        self._left = iter(self._reads)
        return Answer(status=200, headers=(), body=self)

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer:
        self._left = iter(self._reads)
        return Answer(status=200, headers=(), body=_AsyncBody(self))

    def read(self, timeout: float | None) -> bytes:
        self.done.append("read")
        return next(self._left, b"")

    def close(self) -> None:
        self.done.append("close")

    async def aclose(self) -> None:
        pass


class _AsyncBody:
    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def read(self, timeout: float | None) -> bytes:
        return self._wire.read(timeout)

    async def close(self) -> None:
        self._wire.close()


def _text(event: Event) -> str:
    return event.text if isinstance(event, TextDelta) else type(event).__name__


async def _events(router: Router, colour: str, upto: int = 99) -> AsyncIterator[Event]:
    """Yield some events of a stream in one of the colours, then leave it."""
    if colour == "task":
        async with router.astream("Hello", model="own/m") as stream:
            async for event in stream:
                yield event
                upto -= 1
                if not upto:
                    break
        return
    with router.stream("Hello", model="own/m") as given:
        for event in given:
            yield event
            upto -= 1
            if not upto:
                break


both = pytest.mark.parametrize("colour", ["task", "thread"])


@both
async def test_the_next_read_waits_until_all_of_the_last_one_is_taken(colour: str) -> None:
    """Whoever reads slowly holds up the connection, not our memory."""
    wire, seen = _Wire(READS), list[tuple[str, int]]()
    async for event in _events(Router(CONFIG, transport=wire), colour):
        seen.append((_text(event), wire.done.count("read")))
    assert seen == [
        ("a", 1), ("b", 1), ("c", 2), ("d", 3), ("e", 3), ("UsageReported", 4), ("Finished", 4),
    ]  # fmt: skip
    assert wire.done[-1] == "close"


@both
async def test_who_leaves_within_a_read_gets_no_more_of_it(colour: str) -> None:
    """The connection is let go, and the estimate counts."""
    wire = _Wire(READS)
    router = Router(CONFIG, transport=wire)
    seen = [_text(event) async for event in _events(router, colour, upto=1)]
    assert (seen, wire.done) == (["a"], ["read", "close"])
    row = router.quota_status()[0]
    assert (row.used, row.reserved) == (1, 0)


@both
async def test_what_came_before_a_failure_in_one_read_is_handed_out(colour: str) -> None:
    """Then the stream is interrupted."""
    wire, seen = _Wire([_said("a") + _said("b") + b"data: {oops\n\n"]), list[str]()

    async def take() -> None:
        async for event in _events(Router(CONFIG, transport=wire), colour):
            seen.append(_text(event))

    with pytest.raises(StreamInterrupted):
        await take()
    assert seen == ["a", "b"]


def test_an_event_that_is_left_in_a_closed_stream_is_not_taken_any_more() -> None:
    """A closed stream has come to its end for whoever goes on asking."""
    stream = Router(CONFIG, transport=_Wire(READS)).stream("Hello", model="own/m")
    assert _text(next(stream)) == "a"
    stream.close()
    assert list(stream) == []


def test_usage_and_reason_come_last_and_once() -> None:
    """Together with the whole answer."""

    async def all_of_it() -> list[Event]:
        router = Router(CONFIG, transport=_Wire(READS))
        return [event async for event in _events(router, "task")]

    events = asyncio.run(all_of_it())
    assert [type(event) for event in events[-2:]] == [UsageReported, Finished]
