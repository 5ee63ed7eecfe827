"""The record of one request while it is being made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from freetier.values.accounts import Candidate
from freetier.values.chat import FinishReason, Usage
from freetier.values.faults import Refused
from freetier.values.quick import maker
from freetier.values.reports import Attempt, RouteReport, Skipped

_report = maker(RouteReport)

SHOWN = 16
"""Skipped candidates that a report lists one by one; the rest is counted by reason."""


class Beside(NamedTuple):
    """What the other attempt of a hedged request did: attempts, and candidates it skipped."""

    attempts: tuple[Attempt, ...]
    skipped: dict[str, Skipped]


class Record:
    """Takes down attempts, skips and waits; `report` is the value of it so far."""

    __slots__ = (
        "alias", "attempts", "beside", "closed", "continued", "cost", "dropped", "duration",
        "finish_reason", "more", "notes", "passed_on", "quota_left", "reasons", "request_id",
        "resting", "served", "skipped", "tags", "usage", "waited",
    )  # fmt: skip

    def __init__(
        self,
        request_id: str,
        alias: str,
        tags: tuple[str, ...] = (),
        closed: tuple[Skipped, ...] = (),
        reasons: Mapping[str, int] | None = None,
    ) -> None:
        self.closed = closed
        self.reasons = Counter(s.reason for s in closed) if reasons is None else reasons
        self.request_id = request_id
        self.alias = alias
        self.tags = tags
        self.attempts: list[Attempt] = []
        self.beside: Callable[[], Beside] | None = None
        self.resting: Callable[[Collection[str]], Mapping[str, int]] | None = None
        self.skipped: dict[str, Skipped] = {}
        self.served: Candidate | None = None
        self.usage: Usage | None = None
        self.waited = 0.0
        self.duration = 0.0
        self.cost = 0.0
        self.quota_left: float | None = None
        self.dropped: tuple[str, ...] = ()
        self.passed_on: tuple[str, ...] = ()
        self.continued = False
        self.finish_reason: FinishReason | None = None
        self.notes: list[str] = []
        self.more: Counter[str] = Counter()

    def note(self, remark: str) -> None:
        """Take down a remark, once."""
        if remark not in self.notes:
            self.notes.append(remark)

    def skip(self, skipped: Skipped) -> None:
        """Note why a candidate was not sent to; the last word on each counts."""
        self.skipped[skipped.candidate] = skipped

    def attempt(self, attempt: Attempt) -> None:
        """Note one attempt; what was said of skipping its candidate is void."""
        self.skipped.pop(attempt.candidate, None)
        self.attempts.append(attempt)

    def _more(self, shown: Sequence[Skipped], met: Collection[str]) -> dict[str, int]:
        """Count by reason those that are not shown: who cannot serve it, or rests."""
        resting = {} if self.resting is None else self.resting(met)
        if not (resting or self.reasons or self.more):
            return {}
        more = Counter(self.reasons)
        more.update(resting)
        more.subtract(skip.reason for skip in shown)
        more.update(self.more)
        return dict(+more)

    def report(self) -> RouteReport:
        """Return the value of the record so far."""
        attempts, skipped = self.attempts, self.skipped
        if self.beside is not None:  # the last attempt is the own one: it may have delivered
            others, theirs = self.beside()
            attempts = [*others, *attempts]
            tried = {attempt.candidate for attempt in attempts}
            skipped = {k: s for k, s in (theirs | skipped).items() if k not in tried}
        shown = self.closed[: max(0, SHOWN - len(skipped))]
        skips = [*skipped.values(), *shown]
        served = self.served
        return _report(
            request_id=self.request_id,
            alias=self.alias,
            provider=served.provider.name if served else None,
            account=served.account.id if served else None,
            canonical=served.model.canonical if served else None,
            family=served.model.family if served else None,
            model=served.model.id if served else None,
            free=served.free if served else True,
            cost=self.cost,
            usage=self.usage,
            attempts=tuple(attempts),
            skipped=tuple(skips),
            skipped_more=self._more(shown, [*skipped, *(a.candidate for a in attempts)]),
            waited=self.waited,
            duration=self.duration,
            quota_left=self.quota_left,
            passed_on=self.passed_on,
            dropped=self.dropped,
            continued=self.continued,
            finish_reason=self.finish_reason,
            tags=self.tags,
            notes=tuple(self.notes),
        )


def failed(candidate: Candidate, refused: Refused, started: float, ended: float) -> Attempt:
    """Return the record of an attempt that did not deliver; instants since the request began."""
    return Attempt(
        candidate=candidate.key,
        provider=candidate.provider.name,
        account=candidate.account.id,
        model=candidate.model.id,
        started_at=started,
        ended_at=ended,
        fault=refused.fault,
        status=refused.status,
        detail=refused.detail,
        retry_in=refused.retry_in,
    )
