"""A bound on the calls of one run, for agents that would go on until the quota is gone."""

from __future__ import annotations

import threading
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

from freetier_langchain._errors import CallBudgetSpent, ModelMisconfigured

_AROUND: ContextVar[tuple[CallBudget, ...]] = ContextVar("freetier_budgets", default=())


class CallBudget:
    """Bounds the model calls of one run: `with CallBudget(40): agent.invoke(...)`.

    It holds for every call of any model of this package made inside, in whatever thread or
    task LangChain makes it, and may be given to single calls as `budget` instead, or in
    `config["configurable"]`. An answer from a cache is no call; fail-overs are part of one.
    Safe to share between threads and tasks. LangChain's `ModelCallLimitMiddleware` bounds the
    steps of one agent; this also counts its summaries, its subagents and the retries around it.

    Args:
        calls: How many there may be.

    Raises:
        ModelMisconfigured: That is no number of calls.
    """

    def __init__(self, calls: int) -> None:
        if type(calls) is not int or calls < 0:
            raise ModelMisconfigured(f"give a number of calls, not {calls!r}", where="CallBudget")
        self.calls = calls
        self.used = 0
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Calls that may still be made."""
        return self.calls - self.used

    def spend(self) -> None:
        """Take one call.

        Raises:
            CallBudgetSpent: There is none left.
        """
        with self._lock:
            if self.used >= self.calls:
                raise CallBudgetSpent(f"the run has made the {self.calls} calls it may make")
            self.used += 1

    def __enter__(self) -> Self:
        _AROUND.set((*_AROUND.get(), self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _AROUND.set(_AROUND.get()[:-1])

    def __repr__(self) -> str:
        return f"CallBudget({self.used} of {self.calls} used)"

    # Copies of a configuration count on the same budget.
    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def spend(given: CallBudget | None) -> None:
    """Take one call from every budget that holds here.

    Args:
        given: That of the call itself.

    Raises:
        CallBudgetSpent: One of them has none left.
        ModelMisconfigured: What was given is no budget.
    """
    if given is not None and not isinstance(given, CallBudget):
        raise ModelMisconfigured(f"give a CallBudget, not {given!r}", where="budget")
    around = _AROUND.get()
    budgets = around if given is None or given in around else (*around, given)
    for budget in reversed(budgets):  # the inner one first: what it refuses, no other counts
        budget.spend()
