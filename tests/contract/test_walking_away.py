"""Whoever walks away leaves the books as the rules say, whenever and however he goes.

Never sent: given back. Sent, and nobody knows what it took: the estimate counts. Known: the
true figure counts. Over real sockets, in both colours, on a store in memory and in a file.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from freetier import Router
from freetier.values.reports import RouteEvent
from tests.figures import Show

PROMPT, OUTPUT = 5, 2
"""Tokens that the server reports for a finished answer."""

WITHIN = 10  # seconds; nothing here takes a tenth of it
SETTLES = 0.1  # seconds for bytes that were written to be read, before the caller goes

USAGE = {"prompt_tokens": PROMPT, "completion_tokens": OUTPUT, "total_tokens": PROMPT + OUTPUT}
WHOLE = json.dumps(
    {
        "id": "1",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
        ],
        "usage": USAGE,
    }
).encode()


def _event(delta: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish_reason", None)}
    chunk = {
        "id": "1",
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [choice],
        **more,
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


BEGUN = _event({"role": "assistant", "content": "Hi"}) + _event({"content": " there"})
ENDED = _event({}, finish_reason="stop", usage=USAGE) + b"data: [DONE]\n\n"
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


class Server:
    """Answers up to a point, tells that it has come there, and then says nothing more.

    Args:
        says: What it answers to a request, or None if it does not even shake hands.
    """

    def __init__(self, says: bytes | None) -> None:
        self.says = says
        self.there = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listener]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens; without a handshake a secure connection never comes about."""
        scheme = "https" if self.says is None else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def _answer(self, client: socket.socket) -> None:
        with suppress(OSError):
            read = b""
            while self.says is not None and b"\r\n\r\n" not in read:
                read += client.recv(65_536)
            if self.says:
                client.sendall(self.says)
            if self.says and self.says.endswith(ENDED):
                client.shutdown(socket.SHUT_WR)
            self.there.set()

    def close(self) -> None:
        """Hang up."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to walk away, and what the books say afterwards.

    Attributes:
        name: In words.
        says: What the server answers before it falls silent.
        requests, tokens: What counts as used afterwards; a token figure of -1 is the estimate.
        stream: Whether the request is streamed.
        reads: Of a stream, events that are taken before the caller goes; None reads on.
        waits: Whether the quota is used up first, so that this request waits.
    """

    name: str
    says: bytes | None
    requests: int
    tokens: int
    stream: bool = False
    reads: int | None = None
    waits: bool = False


ESTIMATE = -1
CASES = [
    Case(name="while connecting", says=None, requests=0, tokens=0),
    Case(name="while connecting, a stream", says=None, requests=0, tokens=0, stream=True),
    Case(name="before any answer", says=b"", requests=1, tokens=ESTIMATE),
    Case(name="before any answer, a stream", says=b"", requests=1, tokens=ESTIMATE, stream=True),
    Case(
        name="while reading",
        says=JSON % len(WHOLE) + WHOLE[:40],
        requests=1,
        tokens=ESTIMATE,
    ),
    Case(name="while reading a stream", says=SSE + BEGUN, requests=1, tokens=ESTIMATE, stream=True),
    Case(
        name="in the middle of a stream, closed",
        says=SSE + BEGUN,
        requests=1,
        tokens=ESTIMATE,
        stream=True,
        reads=1,
    ),
    Case(name="while waiting", says=JSON % len(WHOLE) + WHOLE, requests=1, tokens=7, waits=True),
    Case(
        name="while waiting, a stream",
        says=SSE + BEGUN + ENDED,
        requests=1,
        tokens=7,
        stream=True,
        waits=True,
    ),
    Case(
        name="never: read to the end",
        says=SSE + BEGUN + ENDED,
        requests=1,
        tokens=7,
        stream=True,
        reads=99,
    ),
]


class Stage:
    """A router over one account at one server, and what its books say."""

    def __init__(self, case: Case, store: str) -> None:
        self.case = case
        self.server = Server(case.says)
        self.waiting = threading.Event()
        limits = [
            {"metric": "requests", "amount": 1 if case.waits else 9, "per": "rolling 60s"},
            {"metric": "total_tokens", "amount": 5000, "per": "day@UTC"},
        ]
        account = {
            "provider": "own",
            "id": "one",
            "base_url": self.server.url,
            "models": ["m"],
            "limits": limits,
            "max_concurrency": 2,
        }
        self.router = Router({"accounts": [account]}, store=store, listeners=[self._heard])
        self.asked: dict[str, Any] = {"model": "own/m", "max_tokens": 16, "max_wait": 100}

    def _heard(self, event: RouteEvent) -> None:
        if event.kind == "wait":
            self.waiting.set()

    def books(self) -> dict[str, tuple[int, int]]:
        """Return used and reserved by metric."""
        return {row.metric: (row.used, row.reserved) for row in self.router.quota_status()}

    @property
    def there(self) -> threading.Event:
        """What happens when the caller has come to where he leaves."""
        return self.waiting if self.case.waits else self.server.there


@contextmanager
def _staged(case: Case, store: str) -> Iterator[Stage]:
    with warnings.catch_warnings():
        if case.says is None:  # the library leaves a half-made connection to the collector
            warnings.simplefilter("ignore", ResourceWarning)
        stage = Stage(case, store)
        with closing(stage.server):
            yield stage
            stage.router.close()
        gc.collect()


def _stores(folder: Path) -> dict[str, str]:
    return {"memory": "memory", "sqlite": f"sqlite:///{folder / 'quota.db'}"}


def _walk_away_sync(stage: Stage) -> dict[str, tuple[int, int]]:
    """Leave by `KeyboardInterrupt`, or by closing; return the books of the moment before."""
    during: dict[str, tuple[int, int]] = {}

    def interrupt(*_: object) -> None:
        during.update(stage.books())
        raise KeyboardInterrupt

    def ring() -> None:
        if stage.there.wait(WITHIN):
            time.sleep(SETTLES)
            signal.pthread_kill(main, signal.SIGUSR1)

    main, before = threading.get_ident(), signal.signal(signal.SIGUSR1, interrupt)
    case = stage.case
    try:
        if case.waits:
            _ = _read(stage, None) if case.stream else stage.router.complete("Hi", **stage.asked)
        if case.reads is not None:
            return _read(stage, case.reads)
        bell = threading.Thread(target=ring)
        bell.start()
        with pytest.raises(KeyboardInterrupt):
            _ = _read(stage, None) if case.stream else stage.router.complete("Hi", **stage.asked)
        bell.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    return during


def _read(stage: Stage, events: int | None) -> dict[str, tuple[int, int]]:
    with stage.router.stream("Hi", **stage.asked) as stream:
        for n, _event in enumerate(stream, 1):
            if n == events:
                return stage.books()
    return stage.books()


def _walk_away_async(stage: Stage) -> dict[str, tuple[int, int]]:
    """Leave by cancelling the task, or by closing; return the books of the moment before."""
    return asyncio.run(_walked(stage))


async def _walked(stage: Stage) -> dict[str, tuple[int, int]]:
    case, router = stage.case, stage.router

    async def ask(events: int | None = None) -> dict[str, tuple[int, int]]:
        if not case.stream:
            await router.acomplete("Hi", **stage.asked)
            return stage.books()
        async with router.astream("Hi", **stage.asked) as stream:
            n = 0
            async for _event in stream:
                n += 1
                if n == events:
                    return stage.books()
        return stage.books()

    try:
        if case.waits:
            await ask()
        if case.reads is not None:
            return await ask(case.reads)
        task = asyncio.ensure_future(ask())
        assert await asyncio.to_thread(stage.there.wait, WITHIN)
        await asyncio.sleep(SETTLES)
        during = stage.books()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return during
    finally:
        await router.aclose()


COLOURS: dict[str, Callable[[Stage], dict[str, tuple[int, int]]]] = {
    "sync": _walk_away_sync,
    "async": _walk_away_async,
}


def _as_expected(
    case: Case, during: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]
) -> bool:
    estimate = during["total_tokens"][1]
    tokens = estimate if case.tokens == ESTIMATE else case.tokens
    return estimate != PROMPT + OUTPUT and after == {
        "requests": (case.requests, 0),
        "total_tokens": (tokens, 0),
        "concurrent": (0, 0),
    }


def test_the_books_after_walking_away_are_what_the_rules_say(tmp_path: Path, show: Show) -> None:
    """A table of cases: used and reserved per window before and after, for each way to go."""
    lines, wrong = [], []
    for kind, url in _stores(tmp_path).items():
        for colour, walk_away in COLOURS.items():
            for case in CASES:
                with _staged(case, url) as stage:
                    stage.router.reset_usage()
                    during = walk_away(stage)
                    after = stage.books()
                line = f"{kind:7} {colour:6} {case.name:34} " + "  ".join(
                    f"{metric} {during[metric]} -> {after[metric]}" for metric in sorted(after)
                )
                lines.append(line)
                if not _as_expected(case, during, after):
                    wrong.append(line)
    show("(used, reserved) when the caller went, and afterwards\n" + "\n".join(lines))
    assert not wrong


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_that_is_dropped_unclosed_is_settled_with_the_next_call(
    colour: str, tmp_path: Path
) -> None:
    """Nobody closed it: its estimate counts once anybody uses the router again."""
    case = next(case for case in CASES if case.name == "in the middle of a stream, closed")
    with _staged(case, _stores(tmp_path)["sqlite"]) as stage:
        if colour == "sync":
            stream = stage.router.stream("Hi", **stage.asked)
            next(stream)
            during = stage.books()
            del stream
        else:
            during = asyncio.run(_dropped(stage))
        gc.collect()
        stage.router.explain("Hi", model="own/m")
        after = stage.books()
    assert during["requests"] == (0, 1)
    assert _as_expected(case, during, after)


async def _dropped(stage: Stage) -> dict[str, tuple[int, int]]:
    stream = stage.router.astream("Hi", **stage.asked)
    await anext(stream)
    during = stage.books()
    del stream
    gc.collect()
    await stage.router.aclose()
    return during
