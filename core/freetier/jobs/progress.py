"""Bars for jobs: `tqdm`'s if it is there, else lines on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from freetier.values.jobs import JobProgress

if TYPE_CHECKING:
    from tqdm import tqdm

Told = Callable[[JobProgress], None]

EVERY = 10.0
"""Seconds between two plain lines."""


class Bar:
    """Shows how far a job is until it is closed."""

    def __init__(self, total: int | None) -> None:
        self._bar: Any = _tqdm(total) or _Lines()

    def __call__(self, progress: JobProgress) -> None:
        """Show it."""
        self._bar.show(progress)

    def close(self) -> None:
        """Leave the last state on the screen."""
        self._bar.close()


class _Tqdm:
    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar

    def show(self, progress: JobProgress) -> None:
        self._bar.update(progress.done + progress.failed - self._bar.n)
        words = {"restored": progress.restored, "failed": progress.failed}
        self._bar.set_postfix({name: n for name, n in words.items() if n}, refresh=False)

    def close(self) -> None:
        self._bar.close()


class _Lines:
    def __init__(self) -> None:
        self._shown: float | None = None
        self._last: JobProgress | None = None

    def show(self, progress: JobProgress) -> None:
        self._last = progress
        if self._shown is None or progress.elapsed - self._shown >= EVERY:
            self._write(progress)

    def _write(self, progress: JobProgress) -> None:
        self._shown, self._last = progress.elapsed, None
        of = f" of {progress.total}" if progress.total is not None else ""
        failed = f", {progress.failed} failed" if progress.failed else ""
        sys.stderr.write(f"{progress.done}{of} answered{failed} after {progress.elapsed:.0f} s\n")

    def close(self) -> None:
        if self._last is not None:
            self._write(self._last)


def _tqdm(total: int | None) -> _Tqdm | None:
    try:
        from tqdm.auto import tqdm  # noqa: PLC0415 - a wish, no dependency
    except ImportError:
        return None
    return _Tqdm(tqdm(total=total, unit=" answers", mininterval=0.2))
