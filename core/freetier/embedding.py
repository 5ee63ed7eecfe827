"""Vectors from a router."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from freetier.errors import RouteError, StoreError
from freetier.late import Late

if TYPE_CHECKING:
    from freetier import batches, overrides, runs
    from freetier.engine import Engine
    from freetier.routing import spaces
    from freetier.values.options import RouteOptions
    from freetier.values.reports import Embeddings
    from freetier.values.vectors import EmbedRequest, Space, Task
else:
    batches, runs = Late("freetier.batches"), Late("freetier.runs")
    overrides = Late("freetier.overrides")
    spaces = Late("freetier.routing.spaces")


class Embedding:
    """The part of a router that makes vectors."""

    _engine: Engine
    _options: RouteOptions

    def embed(
        self,
        texts: str | Iterable[str],
        *,
        model: str | None = None,
        task: Task | None = None,
        dimensions: int | None = None,
        expect_space: Space | None = None,
        **options: Any,
    ) -> Embeddings:
        """Return a vector for each text, all of one space, in the order of the texts.

        Texts go in batches as large as every host of the model takes; each batch is routed
        like any request, but only among hosts of the same space. Budgets but `deadline` and
        `max_cost` hold for each batch.

        Args:
            texts: One, or several; none of them empty.
            model: A canonical embedding model, or an alias of one; else the configuration's
                `default_embedding_model`.
            task: `query` or `document`, where the model tells them apart; there a text
                without a task is a document.
            dimensions: Numbers wanted in a vector, where the model can make shorter ones.
            expect_space: The space of the index; another one is refused before anything is sent.
            **options: Routing options; see `Router.complete`.

        Raises:
            ConfigError: There is no model, it is none for embeddings, an alias mixes several
                spaces, the space is another one than expected, or a text is empty.
            RouteError: A batch found no answer; `.done` has the vectors of the texts before it.
        """
        work = self._work(batches.request_of(texts, model, task, dimensions), expect_space, options)
        try:
            while (trip := work.next_trip()) is not None:
                work.take(self._engine.sync.finish(runs.run(self._engine.sync, trip)[0]))
        except (RouteError, StoreError) as error:
            work.break_off(error)
            raise
        return work.result()

    async def aembed(
        self,
        texts: str | Iterable[str],
        *,
        model: str | None = None,
        task: Task | None = None,
        dimensions: int | None = None,
        expect_space: Space | None = None,
        **options: Any,
    ) -> Embeddings:
        """Return a vector for each text; see `embed`."""
        work = self._work(batches.request_of(texts, model, task, dimensions), expect_space, options)
        try:
            while (trip := work.next_trip()) is not None:
                work.take(await self._engine.aio.finish(runs.arun(self._engine.aio, trip)[0]))
        except (RouteError, StoreError) as error:
            work.break_off(error)
            raise
        return work.result()

    def space(self, model: str | None = None, *, dimensions: int | None = None) -> Space:
        """Return the space of an embedding model, to be kept beside an index.

        What the catalog does not say is `None` until the first vector has come.

        Args:
            model: As in `embed`.
            dimensions: As in `embed`.

        Raises:
            ConfigError: There is no such model, or it mixes several spaces.
        """
        pinned = batches.pinned_of(self._engine, model or "")
        return self._engine.board.spaces.known(spaces.shortened(pinned.space, dimensions))

    def _work(
        self, request: EmbedRequest, expected: Space | None, options: dict[str, Any]
    ) -> batches.Work:
        asked = batches.checked(self._engine, request, expected)
        return batches.Work(self._engine, asked, overrides.overridden(self._options, options))
