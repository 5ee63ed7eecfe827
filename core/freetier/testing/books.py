"""The books of a fleet: what came, in order, and what became of it. Labels only, no keys."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Verdict = Literal["admitted", "refused", "rejected", "failed", "listed"]

SLACK = 2e-6
"""Seconds by which two entries may be nearer than a window: the resolution of the limiters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request.

    Attributes:
        at: when it came, seconds since 1970 UTC.
        provider: the fake provider's name.
        account: the account's label; empty if the key belongs to none.
        model: what was asked for; empty if nothing readable was.
        route: `chat`, `embeddings`, `models`, or `none` for an unknown path.
        verdict: `admitted` past every limit; `refused` by a limit (or by a scripted 429);
            `rejected` for a wrong key, model or body; `failed` by a script before any limit;
            `listed`, a list of models, which no limit counts.
        why: the reason of every verdict but `admitted`, and the fault of a spoilt answer.
        status: the HTTP status; 0 if no answer came.
        input_tokens: of the prompt, of an admitted request.
        output_tokens: of the answer, as far as it was made.
        stream: whether a stream was asked for.
        aborted: whether the caller went away before the end.
        ended_at: when the answer ended; None while it runs.
    """

    at: float
    provider: str
    account: str = ""
    model: str = ""
    route: str = "none"
    verdict: Verdict = "admitted"
    why: str = ""
    status: int = 200
    input_tokens: int = 0
    output_tokens: int = 0
    stream: bool = False
    aborted: bool = False
    ended_at: float | None = None


class Tokens(NamedTuple):
    """Tokens of several requests."""

    input: int
    output: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.input + self.output


class Books:
    """Every request of a fleet; safe to read and write from any thread."""

    def __init__(self) -> None:
        self._facts: list[dict[str, Any]] = []
        self._forgotten = 0
        self._lock = threading.Lock()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything so far, in the order it came."""
        with self._lock:
            return tuple(Entry(**facts) for facts in self._facts)

    def __len__(self) -> int:
        """Return how many requests came."""
        return len(self._facts)

    def write(self, **facts: object) -> int:
        """Add a request, given as the attributes of its entry, and return its number."""
        with self._lock:
            self._facts.append(facts)
            return self._forgotten + len(self._facts) - 1

    def amend(self, number: int, **facts: object) -> None:
        """Say how a request went on, if it is still in the books."""
        with self._lock:
            place = number - self._forgotten
            if place >= 0:
                self._facts[place].update(facts)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._forgotten += len(self._facts)
            self._facts.clear()

    def admitted(self, account: str | None = None, model: str | None = None) -> list[Entry]:
        """Return what passed every limit of an account, or of all."""
        return self._pick(lambda e: e.verdict == "admitted", account, model)

    def refused(self, account: str | None = None, model: str | None = None) -> list[Entry]:
        """Return what a limit (or a scripted 429) refused."""
        return self._pick(lambda e: e.verdict == "refused", account, model)

    def tokens(self, account: str | None = None, model: str | None = None) -> Tokens:
        """Return the tokens of everything admitted."""
        entries = self.admitted(account, model)
        return Tokens(sum(e.input_tokens for e in entries), sum(e.output_tokens for e in entries))

    def peak(self, account: str | None, window: float, model: str | None = None) -> int:
        """Return the most requests admitted within any `window` seconds, end excluded."""
        most, inside = 0, deque[float]()
        for entry in sorted(self.admitted(account, model), key=lambda e: e.at):
            inside.append(entry.at)
            while entry.at - inside[0] >= window - SLACK:
                inside.popleft()
            most = max(most, len(inside))
        return most

    def _pick(
        self, claim: Callable[[Entry], bool], account: str | None, model: str | None
    ) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if claim(entry) and account in {None, entry.account} and model in {None, entry.model}
        ]
