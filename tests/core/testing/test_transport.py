"""The transport without sockets: the wire protocol in virtual time."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest

from freetier.testing import FakeProvider, Fleet, Limit, Upstream, VirtualClock, faults
from freetier.values.wire import Answer, AsyncTransport, Broken, HttpRequest, Timeouts, Transport
from tests.core.testing.kit import aread, events, read, request

UNBOUNDED = Timeouts(connect=None, head=None)


def fleet_of(**members: object) -> Fleet:
    """Return a fleet of one provider with one account."""
    return Fleet(FakeProvider("mine", **members))  # type: ignore[arg-type]


def test_it_is_both_transports() -> None:
    """One object serves threads and tasks."""
    transport = fleet_of().transport(VirtualClock())
    sync: Transport = transport
    tasks: AsyncTransport = transport
    assert sync is tasks


def test_an_answer_takes_its_time() -> None:
    """Headers after the latency; the parts of a stream at their moments."""
    clock = VirtualClock()
    fleet = fleet_of(answer="a b c d e f g h i", latency=2, token_rate=1)
    answer = fleet.transport(clock).send(request(fleet, "mine-1", stream=True), Timeouts())
    assert isinstance(answer, Answer)
    assert clock.monotonic() == 2
    moments = []
    while answer.body.read(None):  # type: ignore[truthy-bool]
        moments.append(clock.monotonic() - 2)
    assert moments == pytest.approx([0, 1.25, 2.75, 4.25, 4.25, 4.25])
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"


def test_threads_and_tasks_get_the_same_bytes_at_the_same_time() -> None:
    """Both colours, whole and streamed."""
    outcomes = []
    for is_stream in (False, True):
        clock, fleet = VirtualClock(), fleet_of(latency=1, token_rate=10)
        sent = read(
            fleet.transport(clock).send(request(fleet, "mine-1", stream=is_stream), UNBOUNDED)
        )
        outcomes.append((sent, clock.monotonic()))

        async def ask(clock: VirtualClock, fleet: Fleet, stream: bool) -> object:
            transport = fleet.transport(clock)
            return await aread(
                await transport.asend(request(fleet, "mine-1", stream=stream), UNBOUNDED)
            )

        clock, fleet = VirtualClock(), fleet_of(latency=1, token_rate=10)
        assert (clock.run(ask(clock, fleet, is_stream)), clock.monotonic()) == outcomes[-1]
    assert outcomes[0] != outcomes[1]


def test_headers_that_come_too_late_are_a_timeout() -> None:
    """The caller waits as long as he said, and the books say that he left."""
    clock, fleet = VirtualClock(), fleet_of(latency=100)
    broken = fleet.transport(clock).send(request(fleet, "mine-1"), Timeouts(head=30))
    assert isinstance(broken, Broken)
    assert (broken.kind, broken.sent, clock.monotonic()) == ("timeout", True, 30)
    assert fleet.books.entries[0].aborted


def test_parts_that_come_too_late_are_a_timeout() -> None:
    """Each read has its own bound; later ones may still succeed."""
    clock, fleet = VirtualClock(), fleet_of()
    fleet.always("mine", faults.StallMidStream(pieces=1, seconds=20))
    answer = fleet.transport(clock).send(request(fleet, "mine-1", stream=True), Timeouts())
    assert isinstance(answer, Answer)
    assert isinstance(answer.body.read(5), bytes)
    late = answer.body.read(5)
    assert isinstance(late, Broken)
    assert (late.kind, clock.monotonic()) == ("timeout", 5)
    assert isinstance(answer.body.read(15), bytes)
    assert clock.monotonic() == 20


def test_a_body_that_was_closed_gives_nothing_more() -> None:
    """Closing twice is safe; what was not read is not charged."""
    clock, fleet = VirtualClock(), fleet_of(answer="x" * 4000, token_rate=100)
    answer = fleet.transport(clock).send(request(fleet, "mine-1", stream=True), Timeouts())
    assert isinstance(answer, Answer)
    answer.body.read(None)
    clock.sleep(2)
    for _ in range(2):
        answer.body.close()
    assert isinstance(answer.body.read(None), Broken)
    (entry,) = fleet.books.entries
    assert entry.aborted
    assert entry.output_tokens < 1000


def test_a_reader_who_stops_at_the_last_event_has_not_aborted() -> None:
    """Everything had been sent by then."""
    clock, fleet = VirtualClock(), fleet_of()
    answer = fleet.transport(clock).send(request(fleet, "mine-1", stream=True), Timeouts())
    assert isinstance(answer, Answer)
    answer.body.read(None)
    answer.body.close()
    assert not fleet.books.entries[0].aborted


def test_a_cancelled_task_leaves_nothing_behind() -> None:
    """Cancelled while waiting for headers: the slot is free, the entry closed."""
    clock = VirtualClock()
    fleet = fleet_of(latency=100, limits=[Limit(1, metric="concurrent")])
    transport = fleet.transport(clock)

    async def main() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(transport.asend(request(fleet, "mine-1"), UNBOUNDED), 10)
        answer = await transport.asend(request(fleet, "mine-1"), UNBOUNDED)
        assert isinstance(answer, Answer)
        return answer.status

    assert clock.run(main()) == 200
    assert [entry.aborted for entry in fleet.books.entries] == [True, False]


def test_a_cancelled_read_loses_nothing() -> None:
    """The part that was waited for comes with the next read."""
    clock, fleet = VirtualClock(), fleet_of(answer="a b c d", token_rate=0.1)

    async def main() -> bytes:
        answer = await fleet.transport(clock).asend(
            request(fleet, "mine-1", stream=True), UNBOUNDED
        )
        assert isinstance(answer, Answer)
        first = await answer.body.read(None)  # type: ignore[misc]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer.body.read(None), 1)  # type: ignore[arg-type]
        _, rest, _ = await aread(answer)
        assert isinstance(first, bytes)
        return first + rest

    told = events(clock.run(main()))
    assert [e["choices"][0]["delta"].get("content") for e in told[:3]] == ["", "a b c", " d"]


def test_nobody_lives_elsewhere() -> None:
    """Another port, another host, or a provider that is down: no connection, nothing sent."""
    clock, fleet = VirtualClock(), fleet_of()
    transport = fleet.transport(clock)
    sound = request(fleet, "mine-1")
    for url in ("http://127.0.0.1:99/v1/chat/completions", "https://api.example.org/v1"):
        broken = transport.send(replace(sound, url=url), Timeouts())
        assert isinstance(broken, Broken)
        assert (broken.kind, broken.sent) == ("connect", False)
    with fleet.down("mine"):
        assert isinstance(transport.send(sound, Timeouts()), Broken)
    assert isinstance(transport.send(sound, Timeouts()), Answer)


def test_a_jump_of_the_wall_does_not_move_the_providers() -> None:
    """The caller's clock is corrected; the provider's minute goes on."""
    clock, fleet = VirtualClock(), fleet_of(limits=[Limit(1)])
    transport = fleet.transport(clock)
    assert read(transport.send(request(fleet, "mine-1"), Timeouts()))[0] == 200
    clock.shift(3600)
    assert read(transport.send(request(fleet, "mine-1"), Timeouts()))[0] == 429
    clock.sleep(60)
    assert read(transport.send(request(fleet, "mine-1"), Timeouts()))[0] == 200


def test_waiting_for_ever_is_a_deadlock_not_a_hang() -> None:
    """A stall without any bound ends the test with an error."""
    clock, fleet = VirtualClock(), fleet_of()
    fleet.always("mine", faults.Stall(math.inf))
    with pytest.raises(RuntimeError, match="endless"):
        fleet.transport(clock).send(request(fleet, "mine-1"), UNBOUNDED)
    assert fleet.books.entries[0].aborted


def test_an_upstream_needs_sockets() -> None:
    """Real answers cannot come in virtual time, and the error says so."""
    clock, fleet = VirtualClock(), fleet_of(upstream=Upstream(url="http://127.0.0.1:1/v1"))
    with pytest.raises(RuntimeError, match="over HTTP only"):
        fleet.transport(clock).send(request(fleet, "mine-1"), Timeouts())


def test_closing_the_transport_does_no_harm() -> None:
    """There is nothing to close."""
    clock, fleet = VirtualClock(), fleet_of()
    transport = fleet.transport(clock)
    transport.close()
    clock.run(transport.aclose())
    assert isinstance(transport.send(request(fleet, "mine-1"), Timeouts()), Answer)


def test_two_hundred_threads_and_tasks_meet_the_same_limit() -> None:
    """30 a minute: of 200 at once 30 are admitted, from threads and from tasks alike."""
    clock, fleet = VirtualClock(), fleet_of(limits=[Limit(30)], latency=0.3)
    transport = fleet.transport(clock)

    def ask(wanted: HttpRequest) -> int:
        return read(transport.send(wanted, Timeouts()))[0]

    async def ask_all(wanted: HttpRequest) -> list[int]:
        async def one() -> int:
            return (await aread(await transport.asend(wanted, Timeouts())))[0]

        return await asyncio.gather(*(one() for _ in range(200)))

    wanted = request(fleet, "mine-1")
    with clock.threads(32) as pool:
        statuses = list(pool.map(ask, [wanted] * 200))
    assert statuses.count(200) == 30
    clock.sleep(60)
    assert clock.run(ask_all(wanted)).count(200) == 30
    assert fleet.books.peak("mine-1", 60) == 30
