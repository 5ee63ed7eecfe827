"""The whole truth about one request: who was tried, who was skipped, why, how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from freetier.values.chat import Content, FinishReason, Message, ToolCall, Usage
from freetier.values.faults import Fault
from freetier.values.quick import quick, unfolded
from freetier.values.sheets import Sheet, Shown
from freetier.values.vectors import Space, Vector

NO_SUCH_MODEL = "no account here has a model of this kind"
"""Why a request has no candidate, not even one that was left out."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One reservation spent on one candidate.

    Instants are seconds since the request began.

    Attributes:
        candidate: The candidate's key.
        provider, account, model: What it is made of; `model` is the upstream id.
        started_at, ended_at: Instants.
        first_content_at: When the first content came, if it did.
        fault: Why it failed; `None` if it delivered.
        status: The HTTP status, 0 if there was none.
        detail: The provider's words, one bounded line.
        retry_in: Seconds the provider asked to be left alone.
        usage: What it used, where that is known.
    """

    candidate: str
    provider: str
    account: str
    model: str
    started_at: float
    ended_at: float
    first_content_at: float | None = None
    fault: Fault | None = None
    status: int = 0
    detail: str = ""
    retry_in: float | None = None
    usage: Usage | None = None

    @property
    def duration(self) -> float:
        """Return how long it took, in seconds."""
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A candidate that was looked at and not sent to.

    Attributes:
        candidate: Its key.
        reason: One of a closed list of words (see `routing.resolve` and `routing.flow`).
        detail: For people.
        back_in: Seconds until it could take this request, if that is known.
    """

    candidate: str
    reason: str
    detail: str = ""
    back_in: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """A candidate that a request may go to, as `explain()` lists them.

    Attributes:
        candidate: Its key.
        free: Whether it costs nothing.
        quota_left: Share left of its tightest window, 0 to 1.
    """

    candidate: str
    free: bool
    quota_left: float


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport(Shown):
    """The whole record of one request: who was tried, who was skipped, why, how long.

    It is on every answer and every error, prints as text and shows as a table in a notebook.

    Attributes:
        request_id: Made by the router.
        alias: What the caller asked for.
        provider, account, canonical, family, model: Who answered; `None` if nobody did.
            `model` is the upstream id that was asked for.
        free: Whether the answer cost nothing.
        cost: US dollars.
        usage: Of the answer.
        attempts: In order; the last one delivered if `provider` is set.
        order: Only of `explain()`: whom the request would go to, best first.
        skipped: Candidates looked at and not sent to.
        skipped_more: How many more were skipped, by reason.
        waited: Seconds spent waiting for quota.
        duration: Seconds from the call to the end of the answer.
        quota_left: Share left of the tightest window of the account, 0 to 1.
        passed_on: Parameters unknown to us that were sent on.
        dropped: Parameters that this provider does not take and that were left out.
        continued: Whether a broken stream was continued elsewhere.
        finish_reason: Why the answer ended.
        tags: As given by the caller.
        notes: Readable remarks (a bound that was added, a withdrawn model that was named).
    """

    request_id: str
    alias: str
    provider: str | None = None
    account: str | None = None
    canonical: str | None = None
    family: str | None = None
    model: str | None = None
    free: bool = True
    cost: float = 0.0
    usage: Usage | None = None
    attempts: tuple[Attempt, ...] = ()
    order: tuple[Standby, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    skipped_more: Mapping[str, int] = field(default_factory=dict)
    waited: float = 0.0
    duration: float = 0.0
    quota_left: float | None = None
    passed_on: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    continued: bool = False
    finish_reason: FinishReason | None = None
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def failovers(self) -> int:
        """Return how many attempts failed before the last one."""
        return max(0, len(self.attempts) - 1)

    @property
    def served_by(self) -> str | None:
        """Return `provider/model`, or `None` if nobody answered."""
        return f"{self.provider}/{self.model}" if self.provider else None

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON-able values."""
        told: dict[str, Any] = unfolded(self)
        return told

    def explain(self) -> str:
        """Return the route as text, one line per attempt and skipped candidate."""
        return "\n".join(_lines(self))

    __str__ = explain

    def sheets(self) -> tuple[Sheet, ...]:
        """Return the table that shows the route."""
        from freetier.display.routes import sheets  # noqa: PLC0415 - only those who look load it

        return sheets(self)


def _lines(report: RouteReport) -> list[str]:
    alias = report.alias or "(default)"
    if report.order:
        out = [f"{alias} would go to"]
        for n, standby in enumerate(report.order, 1):
            free = "free" if standby.free else "paid"
            out.append(f"  {n}. {standby.candidate} ({free}, {standby.quota_left:.0%} left)")
    else:
        who = report.served_by or "nobody"
        out = [f"{alias} -> {who} in {report.duration:.2f} s"]
    if report.account:
        out[0] += f" (account {report.account}, {'free' if report.free else 'paid'})"
    if report.waited:
        out.append(f"  waited {report.waited:.1f} s for quota")
    for n, attempt in enumerate(report.attempts, 1):
        end = attempt.fault or "answered"
        words = f": {attempt.detail}" if attempt.detail else ""
        out.append(f"  {n}. {attempt.candidate} {end} after {attempt.duration:.2f} s{words}")
    for skip in report.skipped:
        back = f", back in {skip.back_in:.1f} s" if skip.back_in is not None else ""
        out.append(f"  -  {skip.candidate} skipped: {skip.detail or skip.reason}{back}")
    more = Counter(report.skipped_more)
    if more:
        out.append("  -  and " + ", ".join(f"{n} {why}" for why, n in more.most_common()))
    out.extend(f"  note: {note}" for note in report.notes)
    return out


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer, and how it came about."""

    content: Content
    report: RouteReport

    @property
    def text(self) -> str:
        """Return the answer's text."""
        return self.content.text

    @property
    def message(self) -> Message:
        """Return the answer as the assistant's turn, to go before the next question."""
        content, report = self.content, self.report
        whose = (report.provider or "", report.family or "")
        return Message(
            role="assistant",
            content=content.text,
            tool_calls=content.tool_calls,
            reasoning=content.reasoning or None,
            refusal=content.refusal or None,
            vendor={whose: content.vendor} if content.vendor else {},
        )

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """Return the calls the model wants made."""
        return self.content.tool_calls

    @property
    def usage(self) -> Usage | None:
        """Return the tokens it took."""
        return self.content.usage

    @property
    def finish_reason(self) -> FinishReason:
        """Return why it ended."""
        return self.content.finish_reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """Vectors of texts, and how they came about.

    Attributes:
        vectors: In the order of the texts.
        space: Where they live.
        usage: Tokens of all batches together.
        reports: One per batch, in order.
    """

    vectors: tuple[Vector, ...] = field(default=(), repr=False)
    space: Space
    usage: Usage = field(default_factory=Usage)
    reports: tuple[RouteReport, ...] = ()


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RouteEvent:
    """One step of a request, as a listener is told it.

    Attributes:
        kind: `skip`, `attempt`, `failover`, `wait`, `block`, `recovery`, `warning`, `learned` (a
            limit was found out), and at the end of each request one of `answer`, `give_up`
            and `cancelled` (the caller left).
        request_id, alias: Which request.
        at: When, in seconds since 1970 UTC by the router's clock.
        operation: What was asked for: `chat` or `embeddings`.
        stream: Whether the caller reads it as it comes.
        candidate: Which candidate, if one.
        fault: Why, if it is about a fault.
        seconds: How long, if it is about a span.
        detail: For people.
        attempt: The attempt's record, of `attempt` and `failover`.
        report: The route, of `answer`, `give_up` and `cancelled`.
        first: Of a `block`: whether it is the first of a row; of an account it is told loudly.
        tags: As given by the caller.
    """

    kind: str
    request_id: str
    alias: str
    at: float = 0.0
    operation: Literal["chat", "embeddings"] = "chat"
    stream: bool = False
    candidate: str | None = None
    fault: Fault | None = None
    seconds: float | None = None
    detail: str = ""
    attempt: Attempt | None = None
    report: RouteReport | None = None
    first: bool = False
    tags: tuple[str, ...] = ()
