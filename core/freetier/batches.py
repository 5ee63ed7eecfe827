"""One embedding call: texts in batches, each batch one route, all in one space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from freetier.errors import ConfigError, DeadlineExceeded, RouteError, StoreError, kind_of
from freetier.routing.embedding import batch, room
from freetier.routing.spaces import Pinned, models_of, shortened, unexpected
from freetier.routing.world import Job, Trip
from freetier.values.chat import Usage
from freetier.values.options import RouteOptions
from freetier.values.reports import Completion, Embeddings, RouteReport
from freetier.values.vectors import EmbedRequest, Space, Task, Vector

if TYPE_CHECKING:
    from freetier.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One embedding call, checked: all its texts, and where their vectors shall live."""

    request: EmbedRequest
    pinned: Pinned
    space: Space


class Work:
    """One embedding call under way, batch after batch."""

    def __init__(self, engine: Engine, asked: Asked, options: RouteOptions) -> None:
        self._engine = engine
        self._asked = asked
        self._options = options
        self._began = engine.world.now()
        self._vectors: list[Vector] = []
        self._reports: list[RouteReport] = []
        self._usage = Usage()

    def next_trip(self) -> Trip | None:
        """Return the route of the next batch, or `None` if every text is embedded.

        Raises:
            DeadlineExceeded: The deadline has passed between two batches.
        """
        texts, start = self._asked.request.inputs, len(self._vectors)
        if start >= len(texts):
            return None
        board, options = self._engine.board, self._left()
        first = self._job((texts[start],), options)
        seats = board.lineup(first).seats
        able = [seat.candidate for seat in seats] or list(first.resolved.candidates)
        inputs = batch(texts, start, room(able, board.lengths))
        return Trip(self._job(inputs, options), self._engine.world)

    def _job(self, inputs: tuple[str, ...], options: RouteOptions) -> Job:
        asked = self._asked
        job = self._engine.job(replace(asked.request, inputs=inputs), options, stream=False)
        resolved = asked.pinned.resolved
        return replace(job, resolved=resolved, notes=resolved.notes, space=asked.space, prepared={})

    def _left(self) -> RouteOptions:
        """Return the options with what is left of the budgets of the whole call."""
        options, budgets = self._options, self._options.budgets
        if options.max_cost is not None:
            spent = sum(report.cost for report in self._reports)
            options = replace(options, max_cost=max(0.0, options.max_cost - spent))
        if budgets.deadline is None or not self._reports:
            return options
        left = budgets.deadline - (self._engine.world.now() - self._began)
        if left <= 0:
            text = f"the deadline of {budgets.deadline:g} s passed between two batches"
            raise DeadlineExceeded(text, self._reports[-1])
        return replace(options, budgets=replace(budgets, deadline=left))

    def take(self, done: Completion) -> None:
        """Take in the vectors of a batch."""
        self._vectors += done.content.vectors
        self._reports.append(done.report)
        if done.usage is not None:
            self._usage = _sum(self._usage, done.usage)

    def break_off(self, error: RouteError | StoreError) -> None:
        """Let an error carry what was embedded before it."""
        error.done = tuple(self._vectors)
        every = len(self._asked.request.inputs)
        if error.done:
            error.add_note(f"{len(error.done)} of {every} texts are embedded; see `.done`")

    def result(self) -> Embeddings:
        """Return everything."""
        return Embeddings(
            vectors=tuple(self._vectors),
            space=self._engine.board.spaces.known(self._asked.space),
            usage=self._usage,
            reports=tuple(self._reports),
        )


def request_of(
    texts: str | Iterable[str], model: str | None, task: Task | None, dimensions: int | None
) -> EmbedRequest:
    """Return what is asked, checked; raises `ConfigError` for a text that cannot be one."""
    given: Any = (texts,) if isinstance(texts, str) else texts
    if not isinstance(given, Iterable) or isinstance(given, Mapping | bytes):
        raise ConfigError(f"give a text or a list of texts, not {kind_of(given)}", where="texts")
    inputs = tuple(given)
    for place, text in enumerate(inputs):
        _check_text(text, f"texts[{place}]")
    if task is not None and task not in get_args(Task):
        raise ConfigError("give 'query' or 'document'", where="task")
    if dimensions is not None and (type(dimensions) is not int or dimensions < 1):
        raise ConfigError(f"give a whole number above 0, not {dimensions!r}", where="dimensions")
    return EmbedRequest(model=model or "", inputs=inputs, dimensions=dimensions, task=task)


def _check_text(text: object, where: str) -> None:
    if not isinstance(text, str):
        raise ConfigError(f"give texts, not {kind_of(text)}", where=where)
    if not text:
        raise ConfigError("an empty text has no vector", where=where)


def checked(engine: Engine, request: EmbedRequest, expected: Space | None) -> Asked:
    """Return a call with the space of its vectors; raises `ConfigError` if it is another one."""
    pinned = pinned_of(engine, request.model)
    space = shortened(pinned.space, request.dimensions)
    if expected is not None:
        known = engine.board.spaces.known(space)
        if not expected.agrees(known):
            raise unexpected(expected, known)
        space = replace(
            space,
            dimensions=space.dimensions or expected.dimensions,
            normalised=expected.normalised if space.normalised is None else space.normalised,
        )
    named = replace(request, model=pinned.source.name)
    return Asked(request=named, pinned=pinned, space=space)


def pinned_of(engine: Engine, model: str) -> Pinned:
    """Return the one space that a name stands for; raises `ConfigError` if there is none."""
    setup = engine.setup
    name = model or setup.default_embedding_model
    if not name:
        there = ", ".join(models_of(engine.index.candidates)) or "none"
        raise ConfigError(
            f"name an embedding model, or set default_embedding_model; there are: {there}",
            where="model",
        )
    alias = setup.aliases.get(name)
    is_ladder = alias is not None and alias.selector is None
    return engine.board.spaces.pinned(engine.resolve(name), strict=is_ladder)


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        total_tokens=one.total_tokens + other.total_tokens,
        estimated=one.estimated or other.estimated,
    )
