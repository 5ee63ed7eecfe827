"""The way to the providers and back, in virtual time."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

from freetier.testing.provider import FakeProvider
from freetier.testing.replies import Incoming
from freetier.testing.simulation.scenario import Range
from freetier.testing.simulation.stage import Stage
from freetier.testing.transport import OUTCOMES, Delivery
from freetier.values.wire import Answer, Broken, HttpRequest, Timeouts

Body: TypeAlias = "Arriving"
Come = Callable[[Answer | Broken], None]


class Arriving:
    """The body of an answer on its way."""

    __slots__ = ("_delivery",)

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def next(self, timeout: float | None) -> tuple[float, bytes | Broken]:
        """Return how long to wait for the next part, and what then comes."""
        return self._delivery.next(timeout)

    def took(self, part: bytes | Broken) -> None:
        """Take note that a part has reached the reader."""
        self._delivery.took(part)

    def end(self) -> None:
        """Let the connection go."""
        self._delivery.close()


class Line:
    """Carries requests to providers, each after a time of its own.

    Args:
        stage: The time.
        homes: The providers by origin.
        transits: Seconds of the way to each, by its name.
        seed: Of the times.
    """

    def __init__(
        self,
        stage: Stage,
        homes: Mapping[str, FakeProvider],
        transits: Mapping[str, Range],
        seed: int,
    ) -> None:
        self._stage = stage
        self._homes = homes
        self._transits = transits
        self._dice = random.Random(f"line {seed}")  # noqa: S311 - repeatable on purpose
        self._origins: dict[str, tuple[str, str]] = {}

    def send(self, request: HttpRequest, timeouts: Timeouts, come: Come) -> None:
        """Let a request travel, be answered, and the head of its answer travel back."""
        origin, path = self._split(request.url)
        provider = self._homes[origin]
        incoming = Incoming(
            method=request.method,
            path=path,
            headers={name.lower(): value for name, value in request.headers},
            body=request.body,
        )
        there, back = (self._dice.uniform(*self._transits[provider.name]) for _ in range(2))
        stage, sent = self._stage, self._stage.elapsed

        def arrive() -> None:
            delivery = Delivery(provider.reply(incoming, stage.now()), stage.now)
            wait, broken = delivery.head(Timeouts(head=None))
            wait += back
            if timeouts.head is not None and stage.elapsed + wait - sent > timeouts.head:
                wait = max(0.0, sent + timeouts.head - stage.elapsed)
                broken = Broken(kind="timeout", detail="no headers in time")
            stage.after(wait, lambda: come(_head(delivery, broken)))

        stage.after(there, arrive)

    def _split(self, url: str) -> tuple[str, str]:
        found = self._origins.get(url)
        if found is None:
            parts = urlsplit(url)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            found = self._origins[url] = (f"{parts.scheme}://{parts.netloc}", path)
        return found


def _head(delivery: Delivery, broken: Broken | None) -> Answer | Broken:
    if broken is not None:
        delivery.close()
        return broken
    reply = delivery.reply
    headers = tuple((name.lower(), value) for name, value in reply.headers)
    return Answer(status=reply.status, headers=headers, body=Arriving(delivery))  # type: ignore[arg-type]


__all__ = ["OUTCOMES", "Arriving", "Body", "Come", "Line"]
