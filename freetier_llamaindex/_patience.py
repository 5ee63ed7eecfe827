"""How long a call waits for quota where nobody said: longer where it is one of many.

A model is called in the same way by a person who waits for one answer and by a pipeline that
needs a thousand. LlamaIndex's spans tell them apart: they are opened around whatever makes
many calls, and what is set in their context is seen by every call within, also in tasks and
in the threads that LlamaIndex runs its own loops in. Building an index opens no span, but a
trace of LlamaIndex's older kind, which is kept in the same way.
"""

from __future__ import annotations

import inspect
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from llama_index.core.callbacks.base import global_stack_trace_ids
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]
from llama_index.core.instrumentation.span import BaseSpan
from llama_index.core.instrumentation.span_handlers import BaseSpanHandler

from freetier_llamaindex._missing import explain

FOREVER = float("inf")
QUERY = 3600.0
"""Seconds a call of a query waits: for the minutes and hours that its other calls take, but not
for another day, because somebody is waiting for the answer."""

# By the name of a base class, so that nothing is imported for the sake of asking.
_MANY = {"IngestionPipeline": FOREVER, "BaseQueryEngine": QUERY, "BaseSynthesizer": QUERY}
_JOBS = "run_jobs-"
"""How the spans begin in which extractors and others make their calls, some at a time."""

_BUILDING = frozenset(
    {
        "index_construction", "graph_construction", "insert", "ainsert", "insert_nodes",
        "ainsert_nodes", "update_ref_doc", "aupdate_ref_doc", "refresh_ref_docs",
        "arefresh_ref_docs",
    }
)  # fmt: skip
"""What the traces are called in which an index is built or added to."""

_Within = tuple[str, float, "_Within | None"]
_within: ContextVar[_Within | None] = ContextVar("freetier_within", default=None)


def patience() -> float | None:
    """Return how many seconds a call made here may wait, or `None` if it is not one of many.

    Decisions 8: ingestion waits as long as it takes, and so does building an index.
    """
    if not _BUILDING.isdisjoint(global_stack_trace_ids.get()):
        return FOREVER
    within = _within.get()
    return None if within is None else within[1]


@lru_cache(maxsize=1024)
def _of(bases: tuple[type, ...]) -> float | None:
    return next((_MANY[base.__name__] for base in bases if base.__name__ in _MANY), None)


class Watch(BaseSpanHandler[BaseSpan]):
    """Takes note of the spans in which many calls are made; keeps none of them."""

    @classmethod
    def class_name(cls) -> str:
        """Return the handler's name."""
        return "FreeTierWatch"

    def new_span(
        self,
        id_: str,
        bound_args: inspect.BoundArguments,  # noqa: ARG002 - LlamaIndex's signature
        instance: Any = None,
        parent_span_id: str | None = None,  # noqa: ARG002
        tags: dict[str, Any] | None = None,  # noqa: ARG002
        **_kwargs: Any,
    ) -> None:
        """Set what the calls within may wait."""
        outer = _within.get()
        if instance is not None:
            found = _of(type(instance).__mro__)
        else:  # a query makes jobs as well, and stays a query
            found = FOREVER if outer is None and id_.startswith(_JOBS) else None
        if found is not None:
            _within.set((id_, found if outer is None else max(found, outer[1]), outer))

    def prepare_to_exit_span(
        self,
        id_: str,
        bound_args: inspect.BoundArguments,  # noqa: ARG002
        instance: Any = None,  # noqa: ARG002
        result: Any = None,  # noqa: ARG002
        **_kwargs: Any,
    ) -> None:
        """Set what it was before."""
        _leave(id_)

    def prepare_to_drop_span(
        self,
        id_: str,
        bound_args: inspect.BoundArguments,  # noqa: ARG002
        instance: Any = None,  # noqa: ARG002
        err: BaseException | None = None,
        **_kwargs: Any,
    ) -> None:
        """Set what it was before, and complete the error."""
        explain(err)
        _leave(id_)


def _leave(id_: str) -> None:
    within = _within.get()
    if within is not None and within[0] == id_:
        _within.set(within[2])


def watch() -> None:
    """Begin to take note; once per process is enough."""
    root = get_dispatcher()
    if not any(isinstance(handler, Watch) for handler in root.span_handlers):
        root.add_span_handler(Watch())
