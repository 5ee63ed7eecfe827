"""Every recorded error, served over a real connection: the route takes it for what it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from freetier import Router
from freetier.catalog import provider
from freetier.errors import RouteError, StreamInterrupted
from freetier.values.faults import Fault
from freetier.values.reports import Attempt
from tests.wire.classes import FAULTS
from tests.wire.samples import Sample, samples

ERRORS = [s for s in samples() if s.expect_class and not s.file.endswith(".ndjson")]
OWN_HEADERS = {"content-length", "transfer-encoding", "connection"}
ASKED = {"attempts": 1, "max_wait": 0, "timeout": 20}


@asynccontextmanager
async def served() -> AsyncIterator[str]:
    """Answer a request below `/<number>/` with that sample, byte for byte."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        of = ERRORS[int(head.split(b"/")[1])]
        kind = b"text/event-stream" if of.is_stream else b"application/json"
        named = {name.lower() for name, _ in of.headers}
        lines = [b"HTTP/1.1 %d Said" % of.status, b"content-length: %d" % len(of.body)]
        lines += [b"content-type: " + kind] if "content-type" not in named else []
        lines += [f"{k}: {v}".encode() for k, v in of.headers if k.lower() not in OWN_HEADERS]
        writer.write(b"\r\n".join(lines) + b"\r\nconnection: close\r\n\r\n" + of.body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def _router(origin: str, number: int, of: Sample) -> Router:
    base = provider(of.provider).base_url or "http://host/v1"
    path = base.split("//", 1)[-1].partition("/")[2]
    account = {
        "provider": of.provider,
        "id": "here",
        "auth": {"api_key": "sk-canary-0123456789"},
        "base_url": f"{origin}/{number}/{path}".rstrip("/"),
        "free": True,
    }
    ids = [model.id for model in provider(of.provider).models if not model.dimensions]
    model = f"{of.provider}:{ids[0] if ids else 'some-model'}"
    return Router({"accounts": [account], "default_model": model})


async def met(router: Router, *, stream: bool) -> Fault | None:
    """Return the fault of the one attempt."""
    attempts: tuple[Attempt, ...] = ()
    try:
        if stream:
            async with router.astream("Hello", **ASKED) as events:
                async for _ in events:
                    pass
        else:
            await router.acomplete("Hello", **ASKED)
    except (RouteError, StreamInterrupted) as error:
        attempts = error.report.attempts
    return attempts[0].fault if attempts else None


async def test_every_recorded_error_is_known_when_it_comes_over_a_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whole and, because errors come before the first event as well, streamed."""
    caplog.set_level(logging.CRITICAL)
    wrong = []
    async with served() as origin:
        for number, of in enumerate(ERRORS):
            for stream in (False, True) if not of.is_stream else (True,):
                async with _router(origin, number, of) as router:
                    fault = await met(router, stream=stream)
                assert of.expect_class is not None
                if fault not in FAULTS[of.expect_class]:
                    wrong.append(f"{of.file} stream={stream}: {fault}, not {of.expect_class}")
    assert not wrong, "\n".join(wrong)
    assert len(ERRORS) > 130


async def test_a_sample_of_another_class_is_found() -> None:
    """The control: a rate limit is not taken for a wrong key."""
    number = next(n for n, of in enumerate(ERRORS) if of.expect_class == "rate_limit_minute")
    async with served() as origin, _router(origin, number, ERRORS[number]) as router:
        assert await met(router, stream=False) not in FAULTS["auth"]
