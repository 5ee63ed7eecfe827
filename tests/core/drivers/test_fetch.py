"""Media fetched by address, over real sockets, from hosts that a test declares public."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from freetier.drivers.addresses import is_public
from freetier.drivers.fetch import Fetcher
from freetier.routing.effects import Fetch
from freetier.values.wire import Fetched

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(32)
LIMIT = 4096


class Host(ThreadingHTTPServer):
    """Answers by path; remembers who asked for what with which headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]

    def page(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Lay something down and return its address."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (status, told, body)
        return f"http://media.test:{self.port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        """Answer with the page that lies there."""
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    """A server on this machine."""
    server = Host()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


NAMES = {"media.test": ["127.0.0.1"], "inside.test": ["10.0.0.7"], "meta.test": ["169.254.169.254"]}


def resolve(host: str, _port: int) -> list[str]:
    """Names of this test; a number stands for itself."""
    return NAMES.get(host, [host])


def public(number: str) -> bool:
    """This machine's own number is public here, and nothing else that is not."""
    return number == "127.0.0.1" or is_public(number)


@pytest.fixture(params=["thread", "task"])
def fetch(request: pytest.FixtureRequest) -> Any:
    """Fetch in either colour."""
    fetcher = Fetcher(resolve=resolve, public=public, most=LIMIT)

    def get(url: str, kind: str = "image", timeout: float = 5.0) -> Fetched | str:
        wish = Fetch(url, kind, timeout)
        return (
            fetcher.fetch(wish) if request.param == "thread" else asyncio.run(fetcher.afetch(wish))
        )

    return get


def test_an_image_comes_with_its_type(host: Host, fetch: Any) -> None:
    """Without a key, a cookie or a wish for compression."""
    url = host.page("/a.png", PIXEL, content_type="image/png; charset=x")
    assert fetch(url) == Fetched(data=PIXEL, mime="image/png")
    ((_, headers),) = host.asked
    assert (
        headers["Accept-Encoding" if "Accept-Encoding" in headers else "accept-encoding"]
        == "identity"
    )
    assert not {name.lower() for name in headers} & {"authorization", "cookie", "x-goog-api-key"}


def test_a_type_that_nobody_told_is_left_open(host: Host, fetch: Any) -> None:
    """The first bytes tell it later."""
    assert fetch(host.page("/a", PIXEL, content_type="application/octet-stream")).mime == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://inside.test/x.png",
        "http://meta.test/latest/meta-data",
        "http://127.0.0.2/x.png",
        "http://[::1]/x.png",
        "http://localhost6/x.png",
    ],
)
def test_a_host_inside_is_not_gone_to(url: str, fetch: Any) -> None:
    """By name or by number; nobody is connected to."""
    assert "is not on the public network" in fetch(url)


def test_a_name_that_changes_its_meaning_gains_nothing(host: Host) -> None:
    """DNS rebinding: the number that was judged is the number that is connected to."""
    answers = iter([["127.0.0.1"], ["10.0.0.7"]])
    asked: list[str] = []

    def rebinding(name: str, _port: int) -> list[str]:
        asked.append(name)
        return next(answers)

    fetcher = Fetcher(resolve=rebinding, public=public)
    url = host.page("/a.png", PIXEL, content_type="image/png")
    assert fetcher.fetch(Fetch(url, "image", 5.0)) == Fetched(data=PIXEL, mime="image/png")
    assert asked == ["media.test"]
    assert "not on the public network" in str(fetcher.fetch(Fetch(url, "image", 5.0)))


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("http://inside.test/secret.png", "inside.test is not on the public network"),
        ("http://169.254.169.254/latest", "is not on the public network"),
        ("file:///etc/passwd", "only http and https"),
        ("//meta.test/x", "meta.test is not on the public network"),
        ("/again", "more than 5 redirects"),
    ],
)
def test_a_redirect_is_judged_like_the_first_address(
    place: str, why: str, host: Host, fetch: Any
) -> None:
    """Each hop, and not too many of them."""
    host.page("/again", status=302, location="/again")
    assert why in fetch(host.page("/r", status=302, location=place))


def test_a_redirect_to_another_public_place_is_followed(host: Host, fetch: Any) -> None:
    """As picture hosts do."""
    host.page("/b.png", PIXEL, content_type="image/png")
    assert fetch(host.page("/r", status=307, location="/b.png")).data == PIXEL


@pytest.mark.parametrize("told", [True, False])
def test_what_is_too_large_is_not_read_to_its_end(told: bool, host: Host, fetch: Any) -> None:
    """By the length that is told, or by what has come."""
    more = {"content_length": str(LIMIT * 50)} if told else {}
    url = host.page("/big.png", bytes(LIMIT * 50), content_type="image/png", **more)
    assert fetch(url) == "it is larger than 0 MB"


@pytest.mark.parametrize(
    ("page", "kind", "why"),
    [
        ({"content_type": "text/html"}, "image", "it is text/html, and no image"),
        ({"content_type": "image/png"}, "audio", "it is image/png, and no audio"),
        ({"status": 403}, "image", "the answer is 403"),
        ({"content_type": "image/png", "content_encoding": "gzip"}, "image", "is compressed"),
    ],
)
def test_what_is_not_wanted_is_not_taken(
    page: dict[str, Any], kind: str, why: str, host: Host, fetch: Any
) -> None:
    """A page that asks to log in is no image."""
    assert why in fetch(host.page("/x", b"<html>", **page), kind)


def test_a_host_that_hangs_ends_in_time(fetch: Any) -> None:
    """The whole of it is bounded, not each read alone."""
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://media.test:{silent.getsockname()[1]}/x.png"
        assert fetch(url, timeout=0.2) == "it took too long"
