"""Several fake providers behind one door: over HTTP on loopback, or without sockets."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from freetier.clock import Clock, SystemClock
from freetier.testing.books import Books
from freetier.testing.entries import account_entry
from freetier.testing.faults import Fault
from freetier.testing.provider import FakeProvider
from freetier.testing.rules import Chance, Outage, Rule, Rules, Scene, Script, by_call
from freetier.testing.server import Server
from freetier.testing.transport import FleetTransport


class Fleet:
    """Fake providers with common books and scripts.

    Over HTTP: `with Fleet(...) as fleet` (or `async with`) serves each provider on a free
    port of loopback, in a thread of its own, so that threads and tasks may both call it.
    Without sockets: `fleet.transport(clock)`.

    A place for a fault is a provider's name, an account's label, or None for everywhere;
    `model` narrows it further.

    Args:
        providers: their names and their accounts' labels must all differ.
        clock: of the limits over HTTP; by default the machine's.

    Raises:
        ValueError: two providers with one name, or two accounts with one label.
    """

    def __init__(self, *providers: FakeProvider, clock: Clock | None = None) -> None:
        self.books = Books()
        self.rules = Rules()
        self.providers: Mapping[str, FakeProvider] = {p.name: p for p in providers}
        labels = [label for p in providers for label in p.register.accounts]
        if len({*self.providers, *labels}) < len(providers) + len(labels):
            raise ValueError("names of providers and labels of accounts must all differ")
        for provider in providers:
            provider.join(self.books, self.rules)
        self._clock = clock or SystemClock()
        self._server: Server | None = None
        self._down: set[str] = set()
        self._virtual = {name: f"http://127.0.0.1:{n + 1}" for n, name in enumerate(self.providers)}

    def transport(self, clock: Clock) -> FleetTransport:
        """Return a transport, sync and async, that reaches this fleet without sockets."""
        homes = {origin: name for name, origin in self._virtual.items()}

        def find(origin: str) -> FakeProvider | None:
            name = homes.get(origin)
            return None if name is None or name in self._down else self.providers[name]

        return FleetTransport(find, clock)

    def start(self) -> None:
        """Serve over HTTP.

        Raises:
            ImportError: the extra `testing` is not installed.
        """
        if self._server is None:
            self._server = Server(self.providers, self._clock.now)
            self._server.start()

    def stop(self) -> None:
        """Close every connection and every port."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self) -> Self:
        """Serve over HTTP."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Serve over HTTP."""
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        await asyncio.to_thread(self.stop)

    def url(self, provider: str) -> str:
        """Return a provider's base URL: of its port, or of the transport without sockets."""
        origin = self._virtual if self._server is None else self._server.origins
        return origin[provider] + self.providers[provider].form.base_path

    def key(self, account: str) -> str | None:
        """Return an account's key."""
        return self._account(account)[1]

    def config(self, *, limits: bool = False) -> dict[str, Any]:
        """Return the accounts as a router's configuration.

        Args:
            limits: whether accounts state their true limits, or leave them to be found.
        """
        return {
            "accounts": [
                account_entry(provider, account, self.url(provider.name), limits=limits)
                for provider in self.providers.values()
                for account in provider.register.accounts.values()
            ]
        }

    def script(
        self,
        place: str | None,
        faults: Sequence[Fault] | Mapping[int, Fault],
        *,
        model: str | None = None,
    ) -> Rule:
        """Let calls go wrong one after the other, or by their number from 1; then none."""
        return self._add(Script(self._scene(place, model), by_call(faults)))

    def always(self, place: str | None, fault: Fault, *, model: str | None = None) -> Rule:
        """Let every call go wrong."""
        return self.chance(place, 1.0, fault, model=model)

    def chance(
        self,
        place: str | None,
        probability: float,
        fault: Fault,
        *,
        model: str | None = None,
        seed: int = 0,
    ) -> Rule:
        """Let calls go wrong with a probability; the same seed gives the same calls."""
        return self._add(Chance(self._scene(place, model), probability, fault, seed))

    def outage(
        self,
        place: str | None,
        since: float,
        until: float,
        fault: Fault,
        *,
        model: str | None = None,
    ) -> Rule:
        """Let every call go wrong from an instant until before another."""
        return self._add(Outage(self._scene(place, model), since, until, fault))

    @contextmanager
    def down(self, provider: str) -> Iterator[None]:
        """Close a provider's port for a while: connections are refused."""
        self._known(provider)
        self._down.add(provider)
        if self._server is not None:
            self._server.shut(provider)
        try:
            yield
        finally:
            self._down.discard(provider)
            if self._server is not None:
                self._server.open(provider)

    def _add(self, rule: Rule) -> Rule:
        self.rules.add(rule)
        return rule

    def _scene(self, place: str | None, model: str | None) -> Scene:
        if place is None or place in self.providers:
            return Scene(provider=place, model=model)
        self._known(place)
        return Scene(account=place, model=model)

    def _known(self, place: str) -> None:
        labels = [label for p in self.providers.values() for label in p.register.accounts]
        places = [*self.providers, *labels]
        if place not in places:
            near = difflib.get_close_matches(place, places, n=1) or places
            raise ValueError(f"no provider or account {place!r} in this fleet; is it {near[0]!r}?")

    def _account(self, label: str) -> tuple[str, str | None]:
        self._known(label)
        for provider in self.providers.values():
            if label in provider.register.accounts:
                return provider.name, provider.register.accounts[label].key
        raise ValueError(f"{label!r} is a provider, not an account")
