"""What a request may cost, in calls of functions: the same on every machine, however busy.

The bounds are a tenth above what was counted when they were set. Whoever makes a request
dearer sees it here; whoever makes it cheaper lowers them. `make speed` measures time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from freetier import Router
from freetier.drivers.http.plain import PlainReader
from freetier.drivers.http.with_h11 import H11Reader
from freetier.drivers.http.with_httptools import HttptoolsReader
from freetier.testing import VirtualClock
from freetier.values.wire import Answer, HttpRequest, Timeouts
from tests.benchmarks.speed import server
from tests.benchmarks.speed.contenders import MESSAGES, MODEL, freetier_config
from tests.benchmarks.speed.targets import TARGETS

HEAD, _, WHOLE = server.whole().partition(b"\r\n\r\n")
HEADERS = tuple(
    (name.decode(), value.decode())
    for name, _, value in (line.partition(b": ") for line in HEAD.split(b"\r\n")[1:])
)
ORIGINS = [f"http://127.0.0.{n}:1/v1" for n in range(1, 9)]


class _Body:
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    def read(self, timeout: float | None) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None:
        pass


class _AsyncBody:
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)

    async def read(self, timeout: float | None) -> bytes:
        return next(self._pieces, b"")

    async def close(self) -> None:
        pass


def _pieces() -> list[bytes]:
    """Return a stream as its events arrive, one by one."""
    reader = HttptoolsReader()
    reader.begin()
    return [body for body in map(reader.feed, server.streamed()) if body]


EVENTS = _pieces()


class _Wire:
    """Answers at once; a stream in so many pieces, one by one."""

    def __init__(self, events: list[bytes] = EVENTS) -> None:
        self._events = events

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer:
        body = _Body(self._events if request.stream else [WHOLE])
        return Answer(status=200, headers=HEADERS, body=body)

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer:
        body = _AsyncBody(self._events if request.stream else [WHOLE])
        return Answer(status=200, headers=HEADERS, body=body)

    def close(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def _router(**parts: Any) -> Router:
    # time stands still, so that nothing is looked at again because it is old
    given = {"transport": _Wire(), "clock": VirtualClock(), "seed": 1, **parts}
    return Router(freetier_config(ORIGINS), **given)


def counted(work: Callable[[], object]) -> int:
    """Return how many functions some work calls, those in C included."""
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


def _in_threads(router: Router, times: int) -> int:
    return counted(lambda: [router.complete(MESSAGES, model=MODEL) for _ in range(times)])


def _in_tasks(one: Callable[[], Awaitable[object]], times: int) -> int:
    async def work() -> None:
        for _ in range(times):
            await one()

    return counted(lambda: asyncio.run(work()))


def per_request(count: Callable[[int], int]) -> float:
    """Return the calls of one more request, when everything is warm."""
    count(30)
    return (count(60) - count(30)) / 30


BOUNDS = {"acomplete": 1030, "complete": 1010, "a token": 101, "a token of many": 51}


def test_a_request_of_a_task() -> None:
    """Routing, limits, encoding, decoding and the report; without the wire."""
    router = _router()
    found = per_request(lambda n: _in_tasks(lambda: router.acomplete(MESSAGES, model=MODEL), n))
    print(f"calls of one acomplete: {found:.0f}")
    assert found <= BOUNDS["acomplete"]


def test_a_request_of_a_thread() -> None:
    """The same in the other colour."""
    router = _router()
    found = per_request(lambda n: _in_threads(router, n))
    print(f"calls of one complete: {found:.0f}")
    assert found <= BOUNDS["complete"]


@pytest.mark.parametrize(
    ("what", "events"), [("a token", EVENTS), ("a token of many", [b"".join(EVENTS)])]
)
def test_a_token_of_a_stream(what: str, events: list[bytes]) -> None:
    """From the bytes of its event to the caller: read by itself, or with all others."""
    router = _router(transport=_Wire(events))

    async def one() -> None:
        async with router.astream(MESSAGES, model=MODEL) as stream:
            async for _ in stream:
                pass

    found = per_request(lambda n: _in_tasks(one, n // 10)) * 10 / server.CHUNKS
    print(f"calls of {what}: {found:.1f}")
    assert found <= BOUNDS[what]


def test_a_dearer_request_is_seen() -> None:
    """The control: a listener that does a hundred things more passes the bound."""

    def listen(event: object) -> None:
        for _ in range(100):
            repr(1)

    router = _router(listeners=[listen])
    assert per_request(lambda n: _in_threads(router, n)) > BOUNDS["complete"]


@pytest.mark.parametrize(
    ("reader", "bound"), [(H11Reader, 345), (HttptoolsReader, 75), (PlainReader, 56)]
)
def test_an_answer_off_the_wire(reader: Any, bound: int) -> None:
    """Reading one whole answer."""
    one = reader()

    def read() -> None:
        one.begin()
        one.feed(server.whole())

    read()
    assert counted(read) <= bound


LOADED = {"import freetier": 35, "from freetier import Router; Router.from_env()": 130}


@pytest.mark.parametrize(("statement", "bound"), LOADED.items())
def test_modules_that_are_loaded(statement: str, bound: int) -> None:
    """Each costs time and memory before anything is asked; above a bare interpreter."""
    program = f"import sys; n = len(sys.modules); {statement}; print(len(sys.modules) - n)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        check=True,
        capture_output=True,
        env={"GROQ_API_KEY": "k"},
    )
    assert int(done.stdout) <= bound


def test_every_row_of_the_table_can_be_met() -> None:
    """A stretch is no weaker than its must."""
    assert all(0 < row.stretch <= row.must for row in TARGETS)
