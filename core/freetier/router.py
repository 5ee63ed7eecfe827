"""The router: one model over several accounts, in both colours."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast
from uuid import uuid4

from freetier.discreet import discreet
from freetier.embedding import Embedding
from freetier.foresight import Foresight
from freetier.jobs import Jobs
from freetier.late import Late
from freetier.overview import Overview
from freetier.parts import Parts
from freetier.saying import say_once

if TYPE_CHECKING:
    from freetier import embedders as made
    from freetier import engine as engines
    from freetier import overrides, recipes, runs, status, streams
    from freetier.embedders import Given
    from freetier.engine import Engine
    from freetier.hooks import Listener
    from freetier.routing import world
    from freetier.routing.ports import Dialect
    from freetier.routing.world import Trip
    from freetier.shapes import asked as shapes
    from freetier.shapes.asked import Asked
    from freetier.shapes.chat import Chat
    from freetier.stores.base import AsyncQuotaStore, QuotaStore
    from freetier.streams import AsyncChatStream, ChatStream
    from freetier.values.chat import ChatRequest
    from freetier.values.options import RouteOptions
    from freetier.values.reports import Completion, RouteReport
    from freetier.values.setup import Setup
    from freetier.values.standings import Ordering
    from freetier.values.wire import AsyncTransport, Transport
else:
    engines, made = Late("freetier.engine"), Late("freetier.embedders")
    overrides, recipes = Late("freetier.overrides"), Late("freetier.recipes")
    runs, status, streams = (Late(f"freetier.{name}") for name in ("runs", "status", "streams"))
    world, shapes = Late("freetier.routing.world"), Late("freetier.shapes.asked")

Config: TypeAlias = "str | Path | Mapping[str, Any] | Setup"


class Router(Embedding, Overview, Foresight, Jobs):
    """One model over several accounts; safe to share between threads, tasks and loops.

    Constructing reads the configuration and opens nothing.

    Args:
        config: A file, a mapping in the same shape, or a finished setup; without one the
            environment is read, and `FREETIER_CONFIG` may name a file.
        store: A quota store of your own, instead of the configured one.
        transport: Sends requests, instead of real connections.
        clock: Tells time, instead of the machine's clock; for simulation.
        strategy: A name, or a callable that orders standings.
        dialects: Wire languages of your own; a provider names one by its `dialect`.
        embedders: Functions of lists of texts, or `Embedder`s, by the name of their model.
        listeners: Called with each `RouteEvent`; they cannot break a call.
        seed: Makes what is left to chance the same each time.
        environ: Variables, instead of the process's.
        **fields: Fields of the configuration, by name; they win over the file.

    Raises:
        ConfigError: The configuration cannot be used; the text names file, key path and the
            nearest right name.
    """

    _setup: Setup
    _made = cast("Engine | None", None)

    def __init__(  # noqa: PLR0913 - each part may be handed in by itself
        self,
        config: Config | None = None,
        *,
        store: QuotaStore | AsyncQuotaStore | str | None = None,
        transport: Transport | AsyncTransport | None = None,
        clock: Any = None,
        strategy: str | Ordering | None = None,
        dialects: Iterable[Dialect] = (),
        embedders: Given | None = None,
        listeners: Iterable[Listener] = (),
        seed: int | None = None,
        environ: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> None:
        if isinstance(store, str):
            fields, store = {**fields, "store": store}, None
        if isinstance(strategy, str):
            fields, strategy = {**fields, "strategy": strategy}, None
        parts = Parts(
            store=store,
            transport=transport,
            clock=clock,
            strategy=strategy,
            dialects=tuple(dialects),
            embedders=made.embedders(embedders) if embedders else {},
            listeners=tuple(listeners),
            seed=seed,
        )
        mine = [d.name for d in parts.dialects], made.names(parts.embedders) if embedders else ()
        self._recipe = recipes.Recipe(config, fields, environ, *mine)
        self._parts, self._lock, config, environ = parts, threading.Lock(), None, None  # `discreet`
        with discreet(fields):
            self._setup = self._recipe.setup()
            say_once(self._setup.warnings)
            self._options = overrides.defaults(self._setup)
            if self._setup.origin != "environment" or not parts.is_empty:
                _ = self._engine  # what somebody wrote may be wrong, and is refused now
        self.key = uuid4().hex
        _LIVE[self.key] = self

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **fields: Any) -> Self:
        """Return a router over every provider whose key variable is set."""
        fields, environ = {**fields, "environ": environ}, None
        with discreet(fields):
            return cls(None, **fields)

    @classmethod
    def from_file(cls, path: str | Path, **fields: Any) -> Self:
        """Return a router over the accounts of a YAML or JSON file."""
        with discreet(fields):
            return cls(Path(path), **fields)

    @classmethod
    def shared(cls, config: str | Path | Mapping[str, Any] | None = None) -> Router:
        """Return the one router that everybody in this process with this configuration shares."""
        from freetier.shared import SHARED  # noqa: PLC0415 - with the first one

        given = {"config": config}
        del config
        with discreet(given):
            return SHARED.router(cls, given["config"])

    def __repr__(self) -> str:
        known = self.setup.accounts if hasattr(self, "_setup") else ()  # also of a half-made one
        return f"Router({', '.join(account.id for account in known)})"

    @property
    def setup(self) -> Setup:
        """The configuration, checked and merged."""
        return self._setup if self._made is None else self._made.setup

    @property
    def _engine(self) -> Engine:  # type: ignore[override]
        """What does the work; made when it is first needed, because much is loaded for it."""
        if self._made is None:
            with self._lock:
                if self._made is None:
                    self._made = engines.Engine(self._setup, self._parts)
        return self._made

    def options(self, **given: Any) -> RouteOptions:
        """Return the default options with some replaced; see `complete` for their names."""
        return overrides.overridden(self._options, given)

    def _asked(
        self, asked: Asked | None, options: RouteOptions | None, given: dict[str, Any]
    ) -> tuple[ChatRequest, RouteOptions]:
        routing = {name: given.pop(name) for name in list(given) if name in overrides.NAMES}
        unknown = given.keys() - shapes.FIELDS - shapes.RENAMED.keys()
        if unknown:
            raise overrides.unknown(min(unknown), shapes.FIELDS)
        what = given.pop("messages", ()) if asked is None else asked
        request = shapes.request(what, given)
        return request, overrides.overridden(options or self._options, routing)

    def _trip(self, request: ChatRequest, options: RouteOptions, *, stream: bool) -> Trip:
        return world.Trip(self._engine.job(request, options, stream=stream), self._engine.world)

    def _run(self, request: ChatRequest, options: RouteOptions, *, stream: bool) -> runs.Made:
        return runs.run(self._engine.sync, self._trip(request, options, stream=stream))

    def _arun(self, request: ChatRequest, options: RouteOptions, *, stream: bool) -> runs.AsyncMade:
        return runs.arun(self._engine.aio, self._trip(request, options, stream=stream))

    def complete(
        self, asked: Asked | None = None, *, options: RouteOptions | None = None, **given: Any
    ) -> Completion:
        """Answer one request.

        Args:
            asked: A text, messages (values or OpenAI-shaped dicts), or a `ChatRequest`.
            options: Routing options, instead of the router's defaults.
            **given: Fields of the request (`model`, `tools`, `max_tokens`, `temperature`, …)
                and routing options: `deadline`, `timeout` (one attempt), `max_wait`,
                `first_content`, `idle` in seconds, `attempts`, `priority`, `allow_paid`,
                `allow_training`, `only`, `exclude`, `tags`, `on_stream_break`, `max_cost`
                in dollars, `accept`, `fetch_media`.

        Raises:
            ConfigError: The request cannot be sent as it stands; `UnknownModel` if its model
                means nothing.
            RouteError: No answer came; `.report` says why, for every candidate.
        """
        request, how = self._asked(asked, options, given)
        return self._engine.sync.finish(self._run(request, how, stream=False)[0])

    async def acomplete(
        self, asked: Asked | None = None, *, options: RouteOptions | None = None, **given: Any
    ) -> Completion:
        """Answer one request; see `complete`."""
        request, how = self._asked(asked, options, given)
        return await self._engine.aio.finish(self._arun(request, how, stream=False)[0])

    def stream(
        self, asked: Asked | None = None, *, options: RouteOptions | None = None, **given: Any
    ) -> ChatStream:
        """Answer one request event by event; an iterator and a context manager.

        Nothing is sent before the first event is asked for. Arguments and errors are those
        of `complete`, and `StreamInterrupted` after the first content.
        """
        request, how = self._asked(asked, options, given)
        run, report = self._run(request, how, stream=True)
        return streams.ChatStream(run, report, self._engine.left_open)

    def astream(
        self, asked: Asked | None = None, *, options: RouteOptions | None = None, **given: Any
    ) -> AsyncChatStream:
        """Answer one request event by event; see `stream`."""
        request, how = self._asked(asked, options, given)
        run, report = self._arun(request, how, stream=True)
        return streams.AsyncChatStream(run, report, self._engine.left_open)

    @property
    def chat(self) -> Chat:
        """The same in OpenAI's shape: `router.chat.completions.create(...)` and `acreate`."""
        from freetier.shapes.chat import Chat  # noqa: PLC0415 - with the first use

        return Chat(self)

    def explain(
        self, asked: Asked | None = None, *, options: RouteOptions | None = None, **given: Any
    ) -> RouteReport:
        """Return, without sending, whom a request would go to in which order, and why not others.

        The candidates in order stand in `order`, those that are left out in `skipped`.
        """
        what = asked if asked is not None or "messages" in given else "Hello"
        request, how = self._asked(what, options, given)
        return status.explain(self._engine, self._trip(request, how, stream=False))

    def close(self) -> None:
        """Close connections and the store; a later call opens them again."""
        self._engine.close()

    async def aclose(self) -> None:
        """Close connections of the running loop, and the rest as `close` does."""
        await self._engine.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (self.key, self._recipe.portable(self._engine))


_LIVE: weakref.WeakValueDictionary[str, Router] = weakref.WeakValueDictionary()


def _revive(key: str, recipe: Any) -> Router:
    """Return the live router of this process, or one made anew from its configuration."""
    live = _LIVE.get(key)
    if live is None:
        live = recipe.rebuild(Router)
        live.key = key
        _LIVE[key] = live
    return live
