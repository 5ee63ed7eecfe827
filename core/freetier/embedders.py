"""Vectors by a function of the user's own, as one more host of an embedding model.

The function stands behind an address that no network knows, and answers as an
OpenAI-compatible server would: so spaces, batches, order, fail-over and reports are the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any

from freetier.drivers.common import AsyncFetches, Fetches
from freetier.errors import ConfigError
from freetier.routing.effects import Fetch
from freetier.values.accounts import Account
from freetier.values.models import Capability, Model
from freetier.values.providers import Provider
from freetier.values.quirks import Quirks
from freetier.values.setup import Setup
from freetier.values.vectors import Embedder
from freetier.values.wire import (
    Answer,
    AsyncTransport,
    Broken,
    Fetched,
    HttpRequest,
    Timeouts,
    Transport,
)

SCHEME = "callable://"

Given = Mapping[str, Embedder | Callable[..., Any]]


def embedders(given: Given) -> dict[str, Embedder]:
    """Return embedders by the name of their model.

    Raises:
        ConfigError: A name cannot be one, or what stands there cannot be called.
    """
    made = {}
    for name, one in given.items():
        if not name.strip() or "/" in name:
            raise ConfigError(f"{name!r} cannot be the name of a model", where="embedders")
        embedder = one if isinstance(one, Embedder) else Embedder(one)
        if not callable(embedder.embed):
            raise ConfigError("give a function of a list of texts", where="embedders", path=name)
        if iscoroutinefunction(embedder.embed):
            raise ConfigError(
                "give a plain function, which tasks run in a thread; this one is `async`",
                where="embedders",
                path=name,
            )
        made[name] = embedder
    return made


def names(own: Mapping[str, Embedder]) -> tuple[str, ...]:
    """Return what the models of embedders may be called."""
    return tuple(dict.fromkeys((*own, *(one.model for one in own.values() if one.model))))


def joined(setup: Setup, own: Mapping[str, Embedder]) -> Setup:
    """Return a setup in which each embedder is an account that serves one model.

    Raises:
        ConfigError: An account or a provider has the name already.
    """
    taken = {account.id for account in setup.accounts} | setup.providers.keys()
    for name in own:
        if name in taken:
            raise ConfigError(
                "an account or a provider has this name", where="embedders", path=name
            )
    providers = {name: _provider(name, embedder) for name, embedder in own.items()}
    accounts = [
        Account(id=name, provider=name, base_url=f"{SCHEME}{name}", free=True) for name in own
    ]
    return replace(
        setup,
        accounts=(*setup.accounts, *accounts),
        providers={**setup.providers, **providers},
    )


def _provider(name: str, embedder: Embedder) -> Provider:
    model = Model(
        id=name,
        canonical=embedder.model or name,
        family=embedder.family,
        capabilities=frozenset({Capability.EMBEDDINGS}),
        dimensions=embedder.dimensions,
        normalised=embedder.normalised,
        batch_max=embedder.batch_max,
        revision=embedder.revision,
        status="active",
    )
    return Provider(
        name=name,
        title=name,
        base_url=f"{SCHEME}{name}",
        status="own",
        keyless=True,
        quirks=Quirks(models_path=None, dimensions_field=None),
        models=(model,),
        source="user",
    )


class WithEmbedders:
    """A transport that answers for embedders itself and passes everything else on.

    Args:
        inner: What sends all other requests.
        own: By the name of their model.
    """

    def __init__(self, inner: Transport | AsyncTransport, own: Mapping[str, Embedder]) -> None:
        self._inner: Any = inner
        self._own = own

    def send(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request, or let a function answer it in this thread."""
        if not request.url.startswith(SCHEME):
            return self._inner.send(request, timeouts)  # type: ignore[no-any-return]
        status, body = self._answer(request)
        return Answer(status=status, headers=(), body=_Body(body))

    async def asend(self, request: HttpRequest, timeouts: Timeouts) -> Answer | Broken:
        """Send one request, or let a function answer it in a thread beside the loop."""
        if not request.url.startswith(SCHEME):
            return await self._inner.asend(request, timeouts)  # type: ignore[no-any-return]
        import asyncio  # noqa: PLC0415 - only tasks need it

        status, body = await asyncio.to_thread(self._answer, request)
        return Answer(status=status, headers=(), body=_AsyncBody(body))

    def _answer(self, request: HttpRequest) -> tuple[int, bytes]:
        name = request.url.removeprefix(SCHEME).partition("/")[0]
        texts = json.loads(request.body)["input"]
        try:
            vectors = [[float(x) for x in vector] for vector in self._own[name].embed(texts)]
            data = [{"index": n, "embedding": vector} for n, vector in enumerate(vectors)]
            body = json.dumps({"object": "list", "model": name, "data": data}, allow_nan=False)
        except Exception as error:  # noqa: BLE001 - the user's function; told as a server's fault
            said = f"the embedder {name}: {type(error).__name__}: {error}"
            return 500, json.dumps(
                {"error": {"message": said[:500], "type": "server_error"}}
            ).encode()
        return 200, body.encode()

    def fetch(self, wish: Fetch) -> Fetched | str:
        """Fetch as the inner transport does, or over connections of our own."""
        if isinstance(self._inner, Fetches):
            return self._inner.fetch(wish)
        from freetier.drivers.fetch import Fetcher  # noqa: PLC0415 - with the first address

        return Fetcher().fetch(wish)

    async def afetch(self, wish: Fetch) -> Fetched | str:
        """Fetch as the inner transport does, or over connections of our own."""
        if isinstance(self._inner, AsyncFetches):
            return await self._inner.afetch(wish)
        from freetier.drivers.fetch import Fetcher  # noqa: PLC0415 - with the first address

        return await Fetcher().afetch(wish)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


class _Body:
    """An answer that is there already, for a thread."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, timeout: float | None) -> bytes:
        """Return it once."""
        del timeout
        data, self._data = self._data, b""
        return data

    def close(self) -> None:
        """Nothing is open."""


class _AsyncBody(_Body):
    """The same for a task."""

    async def read(self, timeout: float | None) -> bytes:  # type: ignore[override]
        """Return it once."""
        return super().read(timeout)

    async def close(self) -> None:  # type: ignore[override]
        """Nothing is open."""
