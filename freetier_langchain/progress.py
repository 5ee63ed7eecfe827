"""How far a batch is: as a value for a callable, or as a bar in a terminal or notebook."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Literal, Self

from freetier_langchain._errors import ModelMisconfigured

log = logging.getLogger("freetier")

BARS = ("tqdm", "rich")
"""Libraries that draw a bar, in the order in which `progress=True` looks for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """How far a batch is, told after each call that ended.

    Attributes:
        total: Calls in all.
        done: Calls that ended, those that failed included.
        failed: Calls that ended in an error.
        seconds: Since the batch began.
    """

    total: int
    done: int = 0
    failed: int = 0
    seconds: float = 0.0


Watcher = Callable[[BatchProgress], object]
Show = bool | Literal["tqdm", "rich"] | Watcher | None
"""What may be said of a batch's progress; true is the first library that is installed."""


class Meter:
    """Counts what ended and shows it; what a watcher raises is logged and harms nobody.

    Args:
        show: Who is shown it.
        total: Calls in all.

    Raises:
        ModelMisconfigured: It cannot be shown so.
        ImportError: No library that draws a bar is installed.
    """

    def __init__(self, show: Show, total: int) -> None:
        self._open = ExitStack()
        self._total = total
        self._done = self._failed = 0
        self._began = time.monotonic()
        self._watcher = self._opened(show)

    def _opened(self, show: Show) -> Watcher | None:
        if show is None or show is False:
            return None
        if show is True:
            show = _installed()
        if show == "tqdm":
            return _tqdm(self._open, self._total)
        if show == "rich":
            return _rich(self._open, self._total)
        if not callable(show):
            raise ModelMisconfigured(
                f"give True, 'tqdm', 'rich' or a callable, not {show!r}", where="progress"
            )
        return show

    def count(self, outcome: object) -> None:
        """Count one call that ended."""
        self._done += 1
        self._failed += isinstance(outcome, Exception)
        if self._watcher is None:
            return
        seconds = time.monotonic() - self._began
        told = BatchProgress(
            total=self._total, done=self._done, failed=self._failed, seconds=seconds
        )
        try:
            self._watcher(told)
        except Exception:
            log.exception("what watches the progress of a batch raised")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def _installed() -> Literal["tqdm", "rich"]:
    for name in BARS:
        if find_spec(name) is not None:
            return name  # type: ignore[return-value]
    raise ImportError(
        "progress=True draws a bar with tqdm or rich, and neither is installed; install one "
        "with pip install tqdm, or give a callable"
    )


def _tqdm(opened: ExitStack, total: int) -> Watcher:
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415 - for those who want a bar
    except ImportError as error:
        raise ImportError("progress='tqdm' needs tqdm; install it with pip install tqdm") from error
    bar: Any = opened.enter_context(tqdm(total=total, unit="call"))

    def show(progress: BatchProgress) -> None:
        if progress.failed:
            bar.set_postfix(failed=progress.failed, refresh=False)
        bar.update(progress.done - bar.n)

    return show


def _rich(opened: ExitStack, total: int) -> Watcher:
    try:
        from rich.progress import Progress  # noqa: PLC0415 - for those who want a bar
    except ImportError as error:
        raise ImportError(
            "progress='rich' needs rich; install it with pip install \"freetier[cli]\""
        ) from error
    bar = opened.enter_context(Progress())
    task = bar.add_task("calls", total=total)

    def show(progress: BatchProgress) -> None:
        failed = f" ({progress.failed} failed)" if progress.failed else ""
        bar.update(task, completed=progress.done, description=f"calls{failed}")

    return show
