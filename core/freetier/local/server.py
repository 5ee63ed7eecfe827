"""A small real language model behind llama.cpp's own OpenAI-compatible server, on loopback."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Final, Self

from freetier.local.child import Child, Order, launched
from freetier.local.errors import ServerFailed
from freetier.local.parts import require
from freetier.local.weights import weights as cached_weights

if TYPE_CHECKING:
    from pathlib import Path


class LocalModel:
    """SmolLM2-135M-Instruct as an OpenAI-compatible server: `with LocalModel() as model: ...`.

    The server is a child process on a free port of 127.0.0.1 with a key of its own. It ends with
    the block, and by itself when this process dies. `async with` works too.

    What a model of this size can do: copy a short answer out of a short text, fill a JSON schema,
    fill the arguments of one tool under `tool_choice="required"`. What it cannot: decide to call
    a tool, choose well between tools, calculate.

    Args:
        weights: Path of the weights; fetched on first use when left out.
        slots: How many requests are answered at once.
        context: Tokens of prompt and answer together, for each request.
        start_timeout: Seconds until the server must be ready; fetching is not counted.

    Raises:
        PartMissing: The extra `local` is not installed.
        WeightsUnavailable: The weights cannot be fetched.
        ServerFailed: The server did not become ready; the message has its last words.
    """

    model: Final = "smollm2-135m-instruct"

    def __init__(
        self,
        *,
        weights: Path | None = None,
        slots: int = 2,
        context: int = 4096,
        start_timeout: float = 60.0,
    ) -> None:
        self._weights = weights
        self._slots = slots
        self._context = context
        self._start_timeout = start_timeout
        self._lock = threading.Lock()
        self._api_key = ""
        self._child: Child | None = None

    def start(self) -> Self:
        """Start the server unless it runs, and return when it is ready."""
        with self._lock:
            if self._child is None:
                require("xllamacpp")
                self._api_key = secrets.token_urlsafe(24)
                self._child = launched(self._order(), self._start_timeout)
        return self

    def stop(self) -> None:
        """End the server; when it does not run, nothing happens."""
        with self._lock:
            if self._child is not None:
                self._child.end()
                self._child = None

    @property
    def base_url(self) -> str:
        """Return what an OpenAI client calls `base_url`; it ends in `/v1`."""
        return self._running().base_url

    @property
    def api_key(self) -> str:
        """Return the key that every request must carry; it is new at each start."""
        self._running()
        return self._api_key

    @property
    def pid(self) -> int:
        """Return the id of the server's process, for those who measure it."""
        return self._running().process.pid

    def _running(self) -> Child:
        if self._child is None:
            raise ServerFailed("the local model is not running; use it in a `with` block")
        return self._child

    def _order(self) -> Order:
        return Order(
            weights=str(self._weights or cached_weights()),
            model=self.model,
            api_key=self._api_key,
            slots=self._slots,
            context=self._context,
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        import asyncio

        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.gather(starting, return_exceptions=True)
            self.stop()
            raise

    async def __aexit__(self, *_: object) -> None:
        import asyncio

        await asyncio.to_thread(self.stop)

    def __repr__(self) -> str:
        place = self._child.base_url if self._child else "not running"
        return f"<LocalModel {self.model}: {place}>"
