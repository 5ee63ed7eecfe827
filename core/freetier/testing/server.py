"""A fleet over HTTP: each provider on a port of loopback, all in one thread with one loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from freetier.testing.provider import FakeProvider

if TYPE_CHECKING:
    from aiohttp import web

    from freetier.testing.relay import Relay

T = TypeVar("T")
LOOPBACK = "127.0.0.1"
MOST_BODY = 64 * 1024 * 1024


class Server:
    """Serves fake providers until it is stopped.

    Args:
        providers: by name.
        now: tells the instant by which they limit, seconds since 1970 UTC.
    """

    def __init__(self, providers: Mapping[str, FakeProvider], now: Callable[[], float]) -> None:
        self.origins: dict[str, str] = {}
        self._providers = providers
        self._now = now
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="fleet", daemon=True)
        self._runners: dict[str, web.AppRunner] = {}
        self._relay: Relay | None = None

    def start(self) -> None:
        """Open every port and return when they listen.

        Raises:
            ImportError: the extra `testing` is not installed.
        """
        try:
            from freetier.testing.relay import Relay  # noqa: PLC0415 - needs aiohttp
        except ImportError as missing:
            self._loop.close()
            raise ImportError(
                "a fleet over HTTP needs aiohttp: pip install 'freetier[testing]'"
            ) from missing
        self._relay = Relay(self._now)
        self._thread.start()
        for name in self._providers:
            self.open(name)

    def stop(self) -> None:
        """Close every port and every connection."""
        for name in list(self._runners):
            self.shut(name)
        if self._relay is not None:
            self._do(self._relay.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self, name: str) -> None:
        """Let a provider listen: on the port it had, or on a free one."""
        self._do(self._open(name))

    def shut(self, name: str) -> None:
        """Close a provider's port and connections."""
        self._do(self._runners.pop(name).cleanup())

    async def _open(self, name: str) -> None:
        from aiohttp import web  # noqa: PLC0415 - comes with the extra

        assert self._relay is not None  # noqa: S101 - made by `start`
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_route("*", "/{path:.*}", self._relay.route(self._providers[name]))
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        known = self.origins.get(name)
        port = int(known.rpartition(":")[2]) if known else 0
        await web.TCPSite(runner, LOOPBACK, port, reuse_address=True).start()
        self._runners[name] = runner
        self.origins[name] = f"http://{LOOPBACK}:{runner.addresses[0][1]}"

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
