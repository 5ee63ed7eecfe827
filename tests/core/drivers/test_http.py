"""Real connections on loopback: one request is one request, and what comes back is a value."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import threading
import time
import traceback
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import httpcore
import pytest

from freetier.drivers.http import HttpTransport
from freetier.drivers.http.plain import PlainReader
from freetier.drivers.http.with_h11 import H11Reader
from freetier.drivers.http.with_httptools import HttptoolsReader
from freetier.drivers.sent import Progress
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts
from tests.rough_loops import after_a_rough_end

KEY = "canary-0123456789abcdef"
SOON = Timeouts(connect=2.0, head=2.0)
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Seen: yes\r\n\r\nhi"


@contextmanager
def served(*scripts: list[bytes | float | None]) -> Iterator[str]:
    """Answer each connection by its script: bytes are sent, None hangs up, a float waits."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection: socket.socket, script: list[bytes | float | None]) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            for step in script:
                if step is None:
                    return
                if isinstance(step, float):
                    over.wait(step)
                else:
                    connection.sendall(step)
            over.wait(5)

    def accept() -> None:
        for script in scripts:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection, script), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.close()


READERS = [H11Reader, HttptoolsReader, PlainReader]


def _request(url: str) -> HttpRequest:
    headers = (("authorization", f"Bearer {KEY}"), ("content-type", "application/json"))
    return HttpRequest(method="POST", url=f"{url}/v1/chat", headers=headers, body=b"{}")


def _both(script: list[bytes | float | None], timeouts: Timeouts = SOON) -> list[object]:
    """Return what a thread and a task get, with each reader: a body, or why there is none."""
    return [found for reader in READERS for found in _pair(reader, script, timeouts)]


def _pair(reader, script: list[bytes | float | None], timeouts: Timeouts) -> list[object]:
    def sync(url: str) -> object:
        transport = HttpTransport(reader=reader)
        answer = transport.send(_request(url), timeouts)
        if isinstance(answer, Broken):
            return answer
        pieces = []
        while True:
            piece = answer.body.read(1.0)
            if not piece or isinstance(piece, Broken):
                break
            pieces.append(piece)
        answer.body.close()
        transport.close()
        return piece if isinstance(piece, Broken) else (answer.status, b"".join(pieces))

    async def aio(url: str) -> object:
        transport = HttpTransport(reader=reader)
        answer = await transport.asend(_request(url), timeouts)
        if isinstance(answer, Broken):
            return answer
        pieces = []
        while True:
            piece = await answer.body.read(1.0)
            if not piece or isinstance(piece, Broken):
                break
            pieces.append(piece)
        await answer.body.close()
        await transport.aclose()
        return piece if isinstance(piece, Broken) else (answer.status, b"".join(pieces))

    with served(script, script) as url:
        return [sync(url), asyncio.run(aio(url))]


def test_an_answer_comes_as_status_headers_and_bytes() -> None:
    """Header names are in small letters; the body ends with empty bytes."""
    assert _both([OK]) == [(200, b"hi")] * 2 * len(READERS)
    with served([OK]) as url:
        answer = HttpTransport().send(_request(url), SOON)
        assert isinstance(answer, Answer)
        assert answer.header("x-seen") == "yes"
        answer.body.close()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([None], "cut"),
        ([b"nonsense\r\n\r\n"], "garbage"),
        ([3.0, OK], "timeout"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", None], "cut"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf", 3.0], "timeout"),
        ([b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\nhi"], "garbage"),
        ([b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\nhi"], "garbage"),
    ],
)
def test_trouble_on_the_wire_is_a_value(script: list[bytes | float | None], kind: str) -> None:
    """Neither colour raises, and the request counts as sent."""
    for found in _both(script, Timeouts(connect=1.0, head=0.5)):
        assert isinstance(found, Broken)
        assert (found.kind, found.sent) == (kind, True)
        assert KEY not in repr(found)


@pytest.mark.real_sleep("what is told are seconds of real time")
def test_when_a_request_was_written_is_told_without_what_the_answer_takes() -> None:
    """What comes before the writing counts, what comes after it does not."""
    progress = Progress()
    time.sleep(0.02)
    progress.note("connection.connect_tcp.complete", {})
    assert 0.02 <= progress.written_after < progress.written_after
    progress.note("http11.send_request_body.complete", {})
    written = progress.written_after
    time.sleep(0.02)
    assert progress.written_after == written

    with served([0.3, OK], [0.3, OK]) as url:
        answers = [HttpTransport().send(_request(url), SOON), asyncio.run(_asked(url))]
    for answer in answers:
        assert isinstance(answer, Answer)
        assert 0 < answer.written_after < 0.3


async def _asked(url: str) -> Answer | Broken:
    transport = HttpTransport()
    try:
        return await transport.asend(_request(url), SOON)
    finally:
        await transport.aclose()


def test_a_refused_connection_was_never_sent() -> None:
    """Nobody listens: the request costs nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    found = HttpTransport().send(_request(url), SOON)
    assert isinstance(found, Broken)
    assert (found.kind, found.sent) == ("connect", False)

    async def aio() -> object:
        return await HttpTransport().asend(_request(url), SOON)

    other = asyncio.run(aio())
    assert isinstance(other, Broken)
    assert (other.kind, other.sent) == ("connect", False)


def test_a_name_that_does_not_exist_was_never_sent() -> None:
    """A base URL with a typing error is a value as well."""
    request = HttpRequest(method="POST", url="http://does-not-exist.invalid/v1", body=b"{}")
    found = HttpTransport().send(request, SOON)
    assert isinstance(found, Broken)
    assert not found.sent


def test_headers_that_drip_in_do_not_outlast_the_bound() -> None:
    """One byte at a time, each in time, is still too slow for the whole head."""
    drip: list[bytes | float | None] = []
    for byte in OK:
        drip += [bytes([byte]), 0.05]
    for found in _both(drip, Timeouts(connect=1.0, head=0.4)):
        assert isinstance(found, Broken)
        assert found.kind == "timeout"


def test_a_compressed_body_is_undone_and_a_bomb_is_not() -> None:
    """We ask for none, but a server may compress all the same; the bound is on what comes out."""
    packer = zlib.compressobj(wbits=31)
    small = packer.compress(b"hello") + packer.flush()
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
    assert _both([head % len(small) + small]) == [(200, b"hello")] * 2 * len(READERS)
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(80)) + packer.flush()
    for found in _both([head % len(bomb) + bomb]):
        assert isinstance(found, Broken)
        assert found.kind == "too_large"


def test_a_redirect_is_not_followed() -> None:
    """A key is sent to its own origin only."""
    moved = b"HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:1/steal\r\ncontent-length: 0\r\n\r\n"
    assert _both([moved]) == [(307, b"")] * 2 * len(READERS)


@pytest.mark.parametrize("through_proxy", [False, True])
def test_who_walks_away_takes_no_key_along(through_proxy: bool) -> None:
    """A cancelled call's traceback, with all local variables, shows nothing that was written."""

    async def left(url: str) -> BaseException:
        transport = HttpTransport()
        request = replace(_request(url), body=bytes(32 << 20))
        if through_proxy:
            request = replace(request, url="http://provider.example/v1", proxy=url)
        task = asyncio.create_task(transport.asend(request, Timeouts()))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        await transport.aclose()
        return caught.value

    with served([2.0]) as url:
        error = asyncio.run(left(url))
    frames = [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert frames[-1] == "asend"
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert KEY not in "".join(told.format())


def test_a_second_loop_gets_connections_of_its_own() -> None:
    """Notebooks open a new loop per cell; nothing of a closed loop is used or complained about."""
    transport = HttpTransport()

    async def once(url: str) -> int:
        answer = await transport.asend(_request(url), SOON)
        assert isinstance(answer, Answer)
        assert await answer.body.read(1.0) == b"hi"
        await answer.body.close()
        return answer.status

    with served([OK], [OK], [OK]) as url:
        assert [asyncio.run(once(url)) for _ in range(3)] == [200] * 3
    gc.collect()


def test_a_loop_that_is_closed_without_its_generators_leaves_no_trouble() -> None:
    """The sockets of such a loop are let go when the next loop comes."""
    transport = HttpTransport()

    async def once(url: str) -> int:
        answer = await transport.asend(_request(url), SOON)
        assert isinstance(answer, Answer)
        await answer.body.close()
        return answer.status

    with served([OK], [OK]) as url:
        rough = asyncio.new_event_loop()
        assert rough.run_until_complete(once(url)) == 200
        rough.close()
        assert asyncio.run(once(url)) == 200


def test_loops_that_begin_at_once_find_the_same_dead_one() -> None:
    """Threads with loops of their own do not fall over what another has cleared away."""
    transport = HttpTransport()

    async def once() -> int | str:
        answer = await transport.asend(_request(url), SOON)
        if isinstance(answer, Broken):
            return answer.detail
        await answer.body.close()
        return answer.status

    with served([OK], [OK], [OK]) as url:
        assert after_a_rough_end(once) == [200] * 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_opens_connections_of_its_own() -> None:
    """The parent's sockets are neither used nor closed by the child."""
    transport = HttpTransport()
    with served([OK], [OK]) as url:
        answer = transport.send(_request(url), SOON)
        assert isinstance(answer, Answer)
        answer.body.close()
        child = os.fork()
        if child == 0:
            found = transport.send(_request(url), SOON)
            os._exit(0 if isinstance(found, Answer) and found.status == 200 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_connection_is_used_again_and_a_dead_one_is_not() -> None:
    """The second request goes over the first one's connection; one that was closed is noticed."""
    again = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"

    async def two(url: str) -> list[object]:
        transport = HttpTransport()
        found: list[object] = []
        for pause in (0.3, 0.0):
            answer = await transport.asend(_request(url), SOON)
            assert isinstance(answer, Answer)
            found.append(await answer.body.read(1.0))
            await answer.body.close()
            await asyncio.sleep(pause)
        await transport.aclose()
        return found

    with served([again, 0.1, None], [again]) as url:
        transport = HttpTransport()
        for _ in range(2):
            answer = transport.send(_request(url), SOON)
            assert isinstance(answer, Answer)
            assert answer.body.read(1.0) == b"hi"
            answer.body.close()
            threading.Event().wait(0.3)
        transport.close()
    with served([again, 0.05, None], [again]) as url:
        assert asyncio.run(two(url)) == [b"hi", b"hi"]


def test_a_header_cannot_bring_a_second_request_along() -> None:
    """What HTTP cannot carry is refused before a byte is out."""
    for headers in ((("x", "a\r\nhost: b"),), (("x y", "a"),)):
        request = HttpRequest(method="POST", url="http://127.0.0.1:1/v1", headers=headers)
        found = HttpTransport().send(request, SOON)
        assert isinstance(found, Broken)
        assert (found.kind, found.sent) == ("garbage", False)


def test_a_proxy_is_asked_for_the_whole_address() -> None:
    """The proxy variables lead there; the answer is the proxy's."""
    request = HttpRequest(method="POST", url="http://provider.example/v1", body=b"{}")

    async def aio(url: str) -> object:
        transport = HttpTransport({"http_proxy": url})
        answer = await transport.asend(request, SOON)
        assert isinstance(answer, Answer)
        body = await answer.body.read(1.0)
        await answer.body.close()
        await transport.aclose()
        return body

    with served([OK], [OK]) as url:
        transport = HttpTransport({"http_proxy": url})
        answer = transport.send(request, SOON)
        assert isinstance(answer, Answer)
        assert answer.body.read(1.0) == b"hi"
        answer.body.close()
        transport.close()
        assert asyncio.run(aio(url)) == b"hi"
    found = HttpTransport({"http_proxy": "http://127.0.0.1:1"}).send(request, SOON)
    assert isinstance(found, Broken)
    assert (found.kind, found.sent) == ("connect", False)


def test_what_a_proxy_sends_back_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The library tells headers to those who debug it, and a header may repeat the key."""
    caplog.set_level(logging.DEBUG)
    echo = OK.replace(b"yes", KEY.encode())

    async def aio(request: HttpRequest) -> object:
        transport = HttpTransport()
        answer = await transport.asend(request, SOON)
        await transport.aclose()
        return answer

    with served([echo], [echo], [echo]) as url:
        request = replace(_request("http://provider.example"), proxy=url)
        transport = HttpTransport()
        for answer in (transport.send(request, SOON), asyncio.run(aio(request))):
            assert isinstance(answer, Answer)
            assert answer.header("x-seen") == KEY
        transport.close()
        assert KEY not in caplog.text
        with httpcore.ConnectionPool() as pool:  # the control: others' requests are told
            pool.request("GET", url)
    assert KEY in caplog.text
