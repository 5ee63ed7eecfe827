"""Each extension point in about twenty lines, as a user would write it."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from freetier import AllFailed, ConfigError, Router
from freetier.catalog import fault_table
from freetier.dialects.openai import OpenAIDialect
from freetier.routing.ports import Encoded
from freetier.stores.memory import MemoryStore
from freetier.testing import FakeProvider, Fleet, VirtualClock
from freetier.values.accounts import Candidate
from freetier.values.chat import ChatRequest, Content, FinishReason, Usage
from freetier.values.quota import Denied, Granted, Reservation
from freetier.values.reports import RouteEvent
from freetier.values.standings import Standing, Turn
from freetier.values.wire import Answer, HttpRequest, Timeouts
from tests.wire.samples import sample

SAID = {
    "choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
MINE = {"provider": "mine", "base_url": "http://127.0.0.1:1/v1", "models": ["m"]}


class Body:
    """An answer that is there already."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, _timeout: float | None) -> bytes:
        """Return it once."""
        data, self.data = self.data, b""
        return data

    def close(self) -> None:
        """Nothing is open."""


class Canned:
    """A transport: one method, from request to answer."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.sent: list[HttpRequest] = []

    def send(self, request: HttpRequest, _timeouts: Timeouts) -> Answer:
        """Answer without a network."""
        self.sent.append(request)
        return Answer(status=200, headers=(), body=Body(self.body))

    def close(self) -> None:
        """Nothing is open."""


def test_a_transport() -> None:
    """`Router(transport=...)` sends everything through it."""
    transport = Canned(json.dumps(SAID).encode())
    router = Router({"accounts": [MINE]}, transport=transport)
    assert router.complete("Hi", model="m").text == "Hello."
    assert [request.url for request in transport.sent] == ["http://127.0.0.1:1/v1/chat/completions"]


class Shouting(OpenAIDialect):
    """A wire language of one's own: a text goes out, a text comes back."""

    name = "shouting"

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Send the last words in capitals."""
        del stream  # it has no streams
        text = str(request.messages[-1].content).upper().encode()
        url = f"{candidate.account.base_url}/shout"
        return Encoded(request=HttpRequest(method="POST", url=url, body=text))

    def whole(self, candidate: Candidate, body: bytes) -> Content:
        """Take what comes as it is."""
        return Content(text=body.decode(), finish_reason=FinishReason.STOP, usage=Usage())


def test_a_dialect() -> None:
    """`Router(dialects=...)` speaks it wherever a provider says so; a wrong name is told."""
    config = {
        "providers": [
            {"name": "loud", "base_url": "http://127.0.0.1:1", "dialect": "shouting",
             "keyless": True, "models": [{"id": "m", "tier": 1}]},
        ],
        "accounts": [{"provider": "loud", "free": True}],
    }  # fmt: skip
    transport = Canned(b"HELLO!")
    router = Router(config, dialects=[Shouting(fault_table())], transport=transport)
    assert router.complete("hi there", model="m").text == "HELLO!"
    assert transport.sent[0].body == b"HI THERE"
    with pytest.raises(ConfigError, match="no dialect 'shouting'"):
        Router(config)


class Canny(Canned):
    """A transport that refuses whoever comes first."""

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer:
        """Be busy once, then answer."""
        answer = super().send(request, timeouts)
        return answer if len(self.sent) > 1 else replace(answer, status=503)


class Counting(OpenAIDialect):
    """The OpenAI language; it counts what of a request is made of what was written before."""

    name = "counting"

    def __init__(self) -> None:
        super().__init__(fault_table())
        self.again = 0

    def encode_again(
        self, before: Encoded, request: ChatRequest, candidate: Candidate, *, stream: bool
    ) -> Encoded:
        """Count, then do as before."""
        self.again += 1
        return super().encode_again(before, request, candidate, stream=stream)


class Signing(Counting):
    """The same, with an end of its own under everything that is sent."""

    def encode(self, request: ChatRequest, candidate: Candidate, *, stream: bool) -> Encoded:
        """Sign what the language writes."""
        made = super().encode(request, candidate, stream=stream)
        signed = made.request.body + f"\n{candidate.model.id}".encode()
        return replace(made, request=replace(made.request, body=signed))


@pytest.mark.parametrize(("dialect", "ends"), [(Counting(), ["}", "}"]), (Signing(), ["m", "n"])])
def test_what_is_written_again_after_a_failure_is_what_the_dialect_writes(
    dialect: Counting, ends: list[str]
) -> None:
    """The second candidate's body is made of the first one's, unless somebody writes his own."""
    config = {
        "providers": [
            {"name": "two", "base_url": "http://127.0.0.1:1", "dialect": "counting",
             "keyless": True, "models": [{"id": "m", "tier": 1}, {"id": "n", "tier": 1}]},
        ],
        "accounts": [{"provider": "two", "free": True}],
        "aliases": {"both": ["two/m", "two/n"]},
    }  # fmt: skip
    transport = Canny(json.dumps(SAID).encode())
    router = Router(config, dialects=[dialect], transport=transport, strategy="priority")
    assert router.complete("hi", model="both").text == "Hello."
    bodies = [request.body.decode() for request in transport.sent]
    assert dialect.again == 1
    assert [json.loads(body.split("\n")[0])["model"] for body in bodies] == ["m", "n"]
    assert [body[-1] for body in bodies] == ends


class Thrifty(MemoryStore):
    """A store of one's own: here the memory's, which also counts who asked."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.asked: Counter[str] = Counter()

    def reserve(self, reservation: Reservation, deadline_ms: int | None = None) -> Granted | Denied:
        """Count, then do as before."""
        self.asked.update(charge.metric for charge in reservation.charges)
        return super().reserve(reservation, deadline_ms)


def test_a_store() -> None:
    """`Router(store=...)` keeps all quota there."""
    clock = VirtualClock()
    store = Thrifty(clock)
    config = {"accounts": [{**MINE, "limits": {"rpm": 5}}]}
    router = Router(config, store=store, clock=clock, transport=Canned(json.dumps(SAID).encode()))
    router.complete("Hi", model="m")
    assert store.asked["requests"] >= 1
    assert router.quota_status()[0].used == 1


def test_a_strategy() -> None:
    """A callable orders the standings; here the longest name first."""

    def longest(standings: Sequence[Standing], turn: Turn) -> list[Candidate]:
        assert turn.counter >= 0
        candidates = [standing.candidate for standing in standings]
        return sorted(candidates, key=lambda c: -len(c.account.id))

    fleet = Fleet(FakeProvider("mine", "generic", accounts=["a", "abc", "ab"], models=["m"]))
    clock = VirtualClock()
    router = Router(fleet.config(), strategy=longest, transport=fleet.transport(clock), clock=clock)
    assert router.complete("Hi", model="m").report.account == "abc"


def test_a_listener() -> None:
    """It is told of each step in frozen values, and cannot break a call."""
    told: list[RouteEvent] = []

    def broken(event: RouteEvent) -> None:
        raise ValueError(event.kind)

    transport = Canned(json.dumps(SAID).encode())
    router = Router({"accounts": [MINE]}, listeners=[told.append, broken], transport=transport)
    router.complete("Hi", model="m")
    assert [event.kind for event in told] == ["attempt", "answer"]
    assert told[-1].candidate is None or "mine" in told[-1].candidate


class Handler(BaseHTTPRequestHandler):
    """Answers every request, and remembers its line and its headers."""

    server: Any

    def do_POST(self) -> None:
        """Answer as a model would."""
        self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        data = json.dumps(SAID).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    """A real server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.seen = []  # type: ignore[attr-defined]
        made.daemon_threads = True
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def url(server: socketserver.TCPServer, scheme: str = "http", host: str = "127.0.0.1") -> str:
    """Return the address of a server."""
    return f"{scheme}://{host}:{server.server_address[1]}"


def test_headers_of_an_account(server: Any) -> None:
    """They go with each of its requests, and with nobody else's."""
    account = {**MINE, "base_url": url(server), "headers": {"X-Team": "blue"}}
    with Router({"accounts": [account]}) as router:
        router.complete("Hi", model="m")
    assert server.seen[0][1]["x-team"] == "blue"


def test_a_proxy_of_an_account(server: Any) -> None:
    """It is asked for the whole address, of a host that nobody else would find."""
    account = {**MINE, "base_url": "http://far.test/v1", "proxy": url(server), "free": True}
    with Router({"accounts": [account]}, environ={}) as router:
        assert router.complete("Hi", model="m").text == "Hello."
    assert server.seen[0][0] == "http://far.test/v1/chat/completions"


def test_certificates_of_an_account(server: Any, tmp_path: Path) -> None:
    """A host with a certificate of one's own is trusted with `ca_file`, and not without."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    account = {**MINE, "base_url": url(server, "https")}
    with Router({"accounts": [{**account, "ca_file": str(file)}]}) as router:
        assert router.complete("Hi", model="m").text == "Hello."
    with (
        Router({"accounts": [account]}) as router,
        pytest.raises(AllFailed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        router.complete("Hi", model="m", attempts=1, max_wait=0)


NEW = """
providers:
  - name: newcomer
    base_url: https://api.newcomer.test/v1
    key_env: [NEWCOMER_API_KEY]
    status: free
    quirks: {max_tokens_field: max_completion_tokens, drop: [seed], renames: {stop: stop_words}}
    headers:
      x-left: {role: remaining, metric: requests, per: minute}
    limits:
      - {metric: requests, per: minute, kind: rolling, amount: 9, source: me, as_of: 2026-12-01}
    errors: [{status: 418, class: model_busy}]
    models:
      - {id: new-70b, tier: 3, context: 65536, capabilities: [tools]}
accounts:
  - {provider: newcomer, auth: {api_key: "${NEWCOMER_API_KEY}"}}
"""


def test_a_provider_is_one_file_and_one_sample_answer(tmp_path: Path) -> None:
    """Added on the fly from a user's YAML: aliases, quirks, limits and headers take it in."""
    file = tmp_path / "freetier.yaml"
    file.write_text(NEW, encoding="utf-8")
    transport = Canned(sample("openai/success.json").body)
    router = Router(file, environ={"NEWCOMER_API_KEY": "k-1"}, transport=transport)
    done = router.complete("Hi", model="best-large", max_tokens=5, seed=1, stop=["X"])
    assert done.text == "Oslo is cold and clear today."
    assert (done.report.provider, done.report.model) == ("newcomer", "new-70b")
    sent = json.loads(transport.sent[0].body)
    assert (sent["max_completion_tokens"], sent["stop_words"]) == (5, ["X"])
    assert "seed" not in sent
    assert dict(transport.sent[0].headers)["authorization"] == "Bearer k-1"
    assert [(row.limit, row.used) for row in router.quota_status()] == [(9, 1)]
    assert router.prospects("best-large")[0].context == 65_536


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (", source: me, as_of: 2026-12-01}", "}", r"limits\[0\]: a limit needs `source`"),
        ("base_url: https", "base_ulr: https", r"base_ulr: unknown key; did you mean 'base_url'"),
        ("tier: 3, ", "", r"models\[0\].tier: is missing; say how large it is"),
        ("drop: [seed]", "drops: [seed]", r"quirks.drops: unknown key; did you mean 'drop'"),
    ],
)
def test_a_mistake_in_it_is_told_with_its_place(
    old: str, new: str, why: str, tmp_path: Path
) -> None:
    """File, list, key path, and the nearest right word."""
    file = tmp_path / "freetier.yaml"
    file.write_text(NEW.replace(old, new), encoding="utf-8")
    assert yaml.safe_load(NEW.replace(old, new))
    with pytest.raises(ConfigError, match=rf"freetier\.yaml: providers\[0\]: {why}"):
        Router(file, environ={"NEWCOMER_API_KEY": "k"})
