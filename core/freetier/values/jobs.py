"""What a job of many requests gives back, item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from freetier.values.reports import Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """One item of a job and what became of it.

    Attributes:
        index: Its place in the input, from 0.
        item: The item itself.
        completion: The answer, or `None` if there is none.
        error: Why there is none.
        restored: Whether it comes from the journal of an earlier run.
    """

    index: int
    item: Any
    completion: Completion | None = None
    error: Exception | None = None
    restored: bool = False

    @property
    def ok(self) -> bool:
        """Tell whether it was answered."""
        return self.completion is not None

    @property
    def text(self) -> str:
        """Return the answer's text; raises the item's error if there is no answer."""
        if self.completion is None:
            raise self.error or RuntimeError("no answer and no error")
        return self.completion.text


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far a job is.

    Attributes:
        done: Items with an answer, restored ones among them.
        failed: Items with an error.
        restored: Items whose answer an earlier run had.
        running: Items under way or waiting for quota.
        total: Items in all, if that is known.
        elapsed: Seconds since the job began.
        last: The item that was just finished.
    """

    done: int = 0
    failed: int = 0
    restored: int = 0
    running: int = 0
    total: int | None = None
    elapsed: float = 0.0
    last: JobResult | None = None
