"""A fleet without sockets: both transports of the wire protocol, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from freetier.clock import Clock
from freetier.testing.provider import FakeProvider
from freetier.testing.replies import Incoming, Reply, due_times
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts

Find = Callable[[str], FakeProvider | None]
"""From an origin, such as `http://127.0.0.1:1`, to the provider that lives there now."""

OUTCOMES: Mapping[str, Broken] = {
    "unreachable": Broken(kind="connect", detail="connection refused", sent=False),
    "reset": Broken(kind="cut", detail="connection reset before the answer"),
    "garbage": Broken(kind="garbage", detail="what came is not HTTP"),
}


class Delivery:
    """A reply on its way: what comes next, and after how long.

    Args:
        reply: the reply.
        now: tells the fleet's instant.
    """

    def __init__(self, reply: Reply, now: Callable[[], float]) -> None:
        arrived_at = now()
        self.reply = reply
        self.now = now
        self._head_at = arrived_at + reply.after
        self._due = due_times(reply, arrived_at)
        self._next = 0
        self._broken: Broken | None = None

    def head(self, timeouts: Timeouts) -> tuple[float, Broken | None]:
        """Return how long to wait for the headers, and why they do not come."""
        wait = self._head_at - self.now()
        if timeouts.head is not None and wait > timeouts.head:
            return timeouts.head, Broken(kind="timeout", detail="no headers in time")
        return wait, OUTCOMES.get(self.reply.broken or "")

    def next(self, timeout: float | None) -> tuple[float, bytes | Broken]:
        """Return how long to wait for the next part of the body, and what then comes."""
        if self._broken is not None:
            return 0.0, self._broken
        if self._next == len(self._due):
            return 0.0, self._end()
        wait = max(0.0, self._due[self._next] - self.now())
        if timeout is not None and wait > timeout:
            return timeout, Broken(kind="timeout", detail="no bytes in time")
        return wait, self.reply.pieces[self._next].data

    def took(self, part: bytes | Broken) -> None:
        """Take note that a part has reached the reader."""
        if isinstance(part, bytes) and self._next < len(self._due):
            self._next += 1
            if self._next == len(self._due):
                self.reply.close(self.now(), self._next, None)

    def close(self) -> None:
        """End the reply: what was due by now has been sent, read or not."""
        now = self.now()
        sent = self._next + sum(due <= now for due in self._due[self._next :])
        self._broken = self._broken or Broken(kind="cut", detail="closed by the reader")
        self.reply.close(now, sent, None)

    def _end(self) -> bytes | Broken:
        if self.reply.ending == "cut":
            self._broken = Broken(kind="cut", detail="connection reset within the body")
        return self._broken or b""


class FleetBody:
    """A body for a thread."""

    def __init__(self, delivery: Delivery, clock: Clock) -> None:
        self._delivery = delivery
        self._clock = clock

    def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next part, empty at the end, or why there is none."""
        wait, part = self._delivery.next(timeout)
        if wait > 0:
            self._clock.sleep(wait)
        self._delivery.took(part)
        return part

    def close(self) -> None:
        """Let the connection go."""
        self._delivery.close()


class AsyncFleetBody:
    """A body for a task."""

    def __init__(self, delivery: Delivery, clock: Clock) -> None:
        self._delivery = delivery
        self._clock = clock

    async def read(self, timeout: float | None) -> bytes | Broken:
        """Return the next part, empty at the end, or why there is none."""
        wait, part = self._delivery.next(timeout)
        if wait > 0:
            await self._clock.asleep(wait)
        self._delivery.took(part)
        return part

    async def close(self) -> None:
        """Let the connection go."""
        self._delivery.close()


class FleetTransport:
    """Carries requests to a fleet on a clock; safe to share between threads and tasks.

    Wall time may jump on that clock: providers live by its monotonic time, set when this
    transport is made.

    Args:
        find: from an origin to the provider there.
        clock: of the callers.
    """

    def __init__(self, find: Find, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._epoch = clock.now() - clock.monotonic()

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from a thread, and return at the headers."""
        delivery = self._deliver(request)
        if delivery is None:
            return OUTCOMES["unreachable"]
        wait, broken = delivery.head(timeouts)
        if wait > 0:
            try:
                self._clock.sleep(wait)
            except BaseException:
                delivery.close()
                raise
        return answered(delivery, broken, FleetBody(delivery, self._clock))

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request from a task, and return at the headers."""
        delivery = self._deliver(request)
        if delivery is None:
            return OUTCOMES["unreachable"]
        wait, broken = delivery.head(timeouts)
        if wait > 0:
            try:
                await self._clock.asleep(wait)
            except BaseException:
                delivery.close()
                raise
        return answered(delivery, broken, AsyncFleetBody(delivery, self._clock))

    def close(self) -> None:
        """Do nothing: there are no connections."""

    async def aclose(self) -> None:
        """Do nothing: there are no connections."""

    def now(self) -> float:
        """Return the fleet's instant."""
        return self._epoch + self._clock.monotonic()

    def _deliver(self, request: HttpRequest) -> Delivery | None:
        url = urlsplit(request.url)
        provider = self._find(f"{url.scheme}://{url.netloc}")
        if provider is None:
            return None
        incoming = Incoming(
            method=request.method,
            path=f"{url.path}?{url.query}" if url.query else url.path,
            headers={name.lower(): value for name, value in request.headers},
            body=request.body,
        )
        reply = provider.reply(incoming, self.now())
        if reply.forward is not None:
            raise RuntimeError(f"{provider.name} has an upstream: it answers over HTTP only")
        return Delivery(reply, self.now)


def answered(
    delivery: Delivery, broken: Broken | None, body: FleetBody | AsyncFleetBody
) -> Answer | Broken:
    """Return what has come at the time of the headers."""
    if broken is not None:
        delivery.close()
        return broken
    reply = delivery.reply
    if not reply.pieces:
        reply.close(delivery.now(), 0, None)
    headers = tuple((name.lower(), value) for name, value in reply.headers)
    return Answer(status=reply.status, headers=headers, body=body)
