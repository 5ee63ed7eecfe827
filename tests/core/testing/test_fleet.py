"""A fleet is the same over HTTP and without sockets; books, scripts and configuration."""

from __future__ import annotations

import http.client
import json
import math
from typing import Any
from urllib.parse import urlsplit

import pytest

from freetier.testing import (
    STYLES,
    FakeAccount,
    FakeModel,
    FakeProvider,
    Fleet,
    Limit,
    VirtualClock,
    faults,
)
from freetier.values.wire import Broken, HttpRequest, Timeouts
from tests.core.testing.kit import read, request

PATIENCE = 0.1
"""Seconds that a client over sockets waits for what never comes."""

ENDS = {
    http.client.IncompleteRead: "cut",
    http.client.RemoteDisconnected: "cut",
    ConnectionResetError: "cut",
    http.client.BadStatusLine: "garbage",
    ConnectionRefusedError: "connect",
    TimeoutError: "timeout",
}


def over_http(wanted: HttpRequest, timeout: float = 5) -> tuple[int, bytes, str]:
    """Return status and body as a raw client sees them, and how the connection ended."""
    url = urlsplit(wanted.url)
    connection = http.client.HTTPConnection(url.netloc, timeout=timeout)
    status, body = 0, b""
    try:
        connection.request(wanted.method, url.path, wanted.body, dict(wanted.headers))
        response = connection.getresponse()
        status = response.status
        while part := response.read1(65_536):
            body += part
    except http.client.IncompleteRead as cut:
        return status, body + cut.partial, "cut"
    except tuple(ENDS) as error:
        return status, body, next(end for kind, end in ENDS.items() if isinstance(error, kind))
    finally:
        connection.close()
    return status, body, "whole"


def without_sockets(fleet: Fleet, wanted: HttpRequest) -> tuple[int, bytes, str]:
    """Return the same as the transport tells it."""
    answer = fleet.transport(VirtualClock()).send(wanted, Timeouts(head=3600))
    if isinstance(answer, Broken):
        return 0, b"", answer.kind
    body = b""
    while True:
        part = answer.body.read(3600)
        if isinstance(part, Broken):
            answer.body.close()
            return answer.status, body, part.kind
        if not part:
            return answer.status, body, "whole"
        body += part


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("style", STYLES)
def test_both_fronts_give_the_same_bytes(style: str, is_stream: bool) -> None:
    """In every style, but for the second in which it happens."""
    seen = []
    for front in ("http", "virtual"):
        fleet = Fleet(FakeProvider("mine", style), clock=VirtualClock())
        if front == "http":
            with fleet:
                seen.append(over_http(request(fleet, "mine-1", stream=is_stream)))
        else:
            seen.append(without_sockets(fleet, request(fleet, "mine-1", stream=is_stream)))
    assert seen[0] == seen[1]
    assert seen[0][0] == 200


EVERY_FAULT: list[tuple[Any, bool]] = [
    (faults.Ok(), True),
    (faults.Reset(), False),
    (faults.Status(503), False),
    (faults.Status(418, {"a": 1}, {"x-why": "tea"}), False),
    (faults.Status(429, headers={"x-why": "tea"}, after=0.01), False),
    (faults.Status(500, "plain words"), False),
    (faults.Status(500, b"\x00\x01"), False),
    (faults.Status(200, {"error": {"message": "inside"}}), False),
    (faults.VendorError("bad_key"), False),
    (faults.RateLimited(wait=7), False),
    (faults.Html(), False),
    (faults.Garbage(), False),
    (faults.Garbage("wire"), False),
    (faults.StallMidStream(seconds=0.01), True),
    (faults.Stall(0.01), False),
    (faults.Cut(), True),
    (faults.Cut(), False),
    (faults.Cut(0), True),
    (faults.ErrorEvent(), True),
    (faults.ErrorEvent(), False),
    (faults.ErrorEvent(0), True),
    (faults.BadEvent(), True),
    (faults.BadEvent(), False),
    (faults.Empty(), True),
    (faults.Empty(), False),
    (faults.RoleOnly(), True),
    (faults.RoleOnly(), False),
    (faults.NoDone(), True),
    (faults.NoFinish(), True),
    (faults.NoFinish(), False),
    (faults.NoUsage(), True),
    (faults.NoUsage(), False),
    (faults.RepeatedUsage(), True),
    (faults.TwoFinishes(), True),
    (faults.Crlf(), True),
    (faults.Comments(), True),
    (faults.Split(), True),
    (faults.Split(3), False),
    (faults.Drip(0.001), True),
    (faults.Flood(200_000), True),
    (faults.Flood(200_000), False),
]


@pytest.mark.parametrize(("fault", "is_stream"), EVERY_FAULT, ids=str)
def test_every_fault_is_the_same_on_both_fronts(fault: Any, is_stream: bool) -> None:
    """Status, bytes and ending; a raw client sees over sockets what the transport tells."""
    seen = []
    for front in ("http", "virtual"):
        fleet = Fleet(
            FakeProvider("groq", answer="Grüße aus 东京, my friend"), clock=VirtualClock()
        )
        fleet.script("groq-1", [fault])
        if front == "http":
            with fleet:
                seen.append(over_http(request(fleet, "groq-1", stream=is_stream)))
                assert over_http(request(fleet, "groq-1"))[0] == 200
        else:
            seen.append(without_sockets(fleet, request(fleet, "groq-1", stream=is_stream)))
    assert seen[0] == seen[1]


def test_every_fault_has_its_row() -> None:
    """The table above holds the whole closed list, but for those with tests of their own."""
    listed = {type(fault) for fault, _ in EVERY_FAULT} | {faults.Unreachable}
    assert set(faults.Fault.__args__) == listed  # type: ignore[attr-defined]


def test_no_connection_at_all() -> None:
    """Over loopback a client sees its connection reset; the transport says it was refused."""
    fleet = Fleet(FakeProvider("groq"))
    fleet.always("groq", faults.Unreachable())
    with fleet:
        assert over_http(request(fleet, "groq-1")) == (0, b"", "cut")
    assert without_sockets(fleet, request(fleet, "groq-1")) == (0, b"", "connect")


@pytest.mark.parametrize("fault", [faults.Stall(), faults.StallMidStream(1, math.inf)])
def test_a_stall_lasts_until_the_client_leaves(fault: Any) -> None:
    """The client's patience ends first, the slot is freed, and the books say so."""
    fleet = Fleet(FakeProvider("groq", limits=[Limit(1, metric="concurrent")]))
    fleet.script("groq-1", [fault])
    with fleet:
        _, body, end = over_http(request(fleet, "groq-1", stream=True), PATIENCE)
        assert end == "timeout"
        assert (body == b"") == isinstance(fault, faults.Stall)
        while fleet.books.entries[0].ended_at is None:
            over_http(request(fleet, "groq-1"))
        assert over_http(request(fleet, "groq-1"))[0] == 200
    assert fleet.books.entries[0].aborted


def test_a_provider_that_is_down_refuses_connections() -> None:
    """Its port is closed, and afterwards the same port is open again."""
    fleet = Fleet(FakeProvider("groq"), FakeProvider("mistral"))
    with fleet:
        wanted = request(fleet, "groq-1")
        with fleet.down("groq"):
            assert over_http(wanted) == (0, b"", "connect")
            assert over_http(request(fleet, "mistral-1"))[0] == 200
        assert over_http(wanted)[0] == 200


def test_limits_hold_over_http() -> None:
    """Three are admitted, the fourth gets the vendor's 429 with its headers."""
    fleet = Fleet(FakeProvider("groq", limits=[Limit(3)]))
    with fleet:
        statuses = [over_http(request(fleet, "groq-1"))[0] for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert len(fleet.books.admitted("groq-1")) == 3
    assert len(fleet.books.refused("groq-1")) == 1


async def test_a_fleet_serves_tasks_too() -> None:
    """`async with` works in any loop, since the fleet lives in a thread of its own."""
    async with Fleet(FakeProvider("groq")) as fleet:
        import aiohttp

        wanted = request(fleet, "groq-1", stream=True)
        async with (
            aiohttp.ClientSession() as client,
            client.post(wanted.url, data=wanted.body, headers=dict(wanted.headers)) as answer,
        ):
            assert answer.status == 200
            assert (await answer.read()).endswith(b"data: [DONE]\n\n")


def test_a_fleet_can_be_started_twice() -> None:
    """One after the other, on new ports; stopping twice does no harm."""
    fleet = Fleet(FakeProvider("groq"))
    for _ in range(2):
        with fleet:
            fleet.start()
            assert over_http(request(fleet, "groq-1"))[0] == 200
        fleet.stop()
    assert len(fleet.books.admitted()) == 2


def test_scripts_hit_the_place_they_name() -> None:
    """A provider, an account, a model, or everything."""
    fleet = Fleet(FakeProvider("groq", accounts=2), FakeProvider("mistral"))

    def statuses(**members: Any) -> list[int]:
        accounts = ("groq-1", "groq-2", "mistral-1")
        transport = fleet.transport(VirtualClock())
        return [read(transport.send(request(fleet, a, **members), Timeouts()))[0] for a in accounts]

    fleet.script("groq-2", [faults.Status(500)])
    assert statuses() == [200, 500, 200]
    assert statuses() == [200, 200, 200]
    rule = fleet.always("groq", faults.Status(500))
    assert statuses() == [500, 500, 200]
    fleet.rules.remove(rule)
    fleet.always(None, faults.Status(500), model="large")
    assert statuses() == [200, 200, 200]
    assert statuses(model="large") == [500, 500, 500]


def test_an_outage_has_a_beginning_and_an_end() -> None:
    """In the fleet's own time, which is the clock's."""
    clock = VirtualClock()
    fleet = Fleet(FakeProvider("groq"))
    transport = fleet.transport(clock)
    start = clock.now()
    fleet.outage("groq", start + 10, start + 20, faults.Status(503))
    statuses = []
    for _ in range(3):
        statuses.append(read(transport.send(request(fleet, "groq-1"), Timeouts()))[0])
        clock.sleep(10)
    assert statuses == [200, 503, 200]
    assert [entry.verdict for entry in fleet.books.entries] == ["admitted", "failed", "admitted"]


def test_chance_is_repeatable() -> None:
    """The same seed, the same calls."""

    def story(seed: int) -> list[int]:
        fleet = Fleet(FakeProvider("groq"))
        fleet.chance("groq", 0.5, faults.Status(500), seed=seed)
        transport = fleet.transport(VirtualClock())
        wanted = request(fleet, "groq-1")
        return [read(transport.send(wanted, Timeouts()))[0] for _ in range(50)]

    assert story(3) == story(3) != story(4)


@pytest.mark.parametrize(("place", "near"), [("groc", "groq"), ("groq-3", "groq-")])
def test_a_place_nobody_knows_is_an_error(place: str, near: str) -> None:
    """With the nearest name."""
    fleet = Fleet(FakeProvider("groq", accounts=2))
    with pytest.raises(ValueError, match=near):
        fleet.always(place, faults.Status(500))
    with pytest.raises(ValueError, match=near):
        fleet.key(place)


def test_names_and_labels_must_differ() -> None:
    """Else a script would not know its place."""
    with pytest.raises(ValueError, match="must all differ"):
        Fleet(FakeProvider("a", accounts=["x"]), FakeProvider("b", accounts=["x"]))
    with pytest.raises(ValueError, match="must all differ"):
        Fleet(FakeProvider("a", accounts=["a"]))


def test_faults_are_told_apart_in_the_books() -> None:
    """Refused, failed, and spoilt though admitted."""
    fleet = Fleet(FakeProvider("groq", limits=[Limit(100)]))
    story = [
        faults.RateLimited(),
        faults.Status(429),
        faults.Status(500),
        faults.Status(500, counted=True),
        faults.Reset(),
        faults.Cut(),
    ]
    fleet.script("groq-1", story)
    transport = fleet.transport(VirtualClock())
    for _ in story:
        read(transport.send(request(fleet, "groq-1"), Timeouts()))
    told = [(e.verdict, e.why, e.status) for e in fleet.books.entries]
    assert told == [
        ("refused", "RateLimited", 429),
        ("refused", "Status", 429),
        ("failed", "Status", 500),
        ("admitted", "Status", 500),
        ("admitted", "Reset", 0),
        ("admitted", "Cut", 200),
    ]
    assert fleet.books.tokens().output == 3 * fleet.books.entries[-1].output_tokens


def test_a_scripted_refusal_tells_its_window() -> None:
    """Whatever the limits say, as the vendor would."""
    fleet = Fleet(FakeProvider("groq"))
    fleet.script("groq-1", [faults.RateLimited(wait=86.4, window="day", amount=1000)])
    answer = fleet.transport(VirtualClock()).send(request(fleet, "groq-1"), Timeouts())
    assert not isinstance(answer, Broken)
    assert answer.header("retry-after") == "87"
    assert b"requests per day (RPD): Limit 1000, Used 1000" in read(answer)[1]


def test_the_configuration_names_every_account() -> None:
    """Provider, id, key and base URL; of a vendor's name nothing else."""
    fleet = Fleet(
        FakeProvider("groq", accounts=2, limits=[Limit(30)]),
        FakeProvider("mine", models=["a", FakeModel("v", dimensions=8)]),
        FakeProvider("local", accounts=[FakeAccount(label="here", key=None)]),
    )
    with fleet:
        entries = fleet.config()["accounts"]
        assert [entry["id"] for entry in entries] == ["groq-1", "groq-2", "mine-1", "here"]
        assert entries[0] == {
            "provider": "groq",
            "id": "groq-1",
            "auth": {"api_key": fleet.key("groq-1")},
            "base_url": fleet.url("groq"),
        }
        assert entries[0]["base_url"].startswith("http://127.0.0.1:")
        assert entries[0]["base_url"].endswith("/openai/v1")
    assert entries[2]["models"] == ["a", {"id": "v", "dimensions": 8, "normalised": True}]
    assert "auth" not in entries[3]
    json.dumps(entries)


def test_keys_are_in_no_book_and_no_repr() -> None:
    """Labels only."""
    account = FakeAccount(label="mine", key="canary-key")
    fleet = Fleet(FakeProvider("groq", accounts=[account]))
    fleet.transport(VirtualClock()).send(request(fleet, "mine"), Timeouts())
    shown = [repr(fleet.books.entries), repr(fleet.providers), repr(vars(fleet.books))]
    assert not any("canary-key" in text for text in shown)
