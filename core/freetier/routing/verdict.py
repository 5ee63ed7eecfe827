"""Which error a request that found no answer ends with, and what it says."""

from __future__ import annotations

from difflib import get_close_matches

from freetier.errors import (
    AllFailed,
    ContentRefused,
    ContextTooLong,
    DeadlineExceeded,
    NoCandidate,
    NotAuthorised,
    QuotaExhausted,
    RequestRejected,
    RouteError,
    StreamInterrupted,
)
from freetier.routing.fitness import called
from freetier.routing.trying import Broke
from freetier.routing.unasked import UNASKED, note_unasked
from freetier.routing.world import Trip
from freetier.values.faults import KEY_FAULTS, Fault, FaultScope, Refused
from freetier.values.reports import NO_SUCH_MODEL, RouteReport, Skipped

_UNASKED = frozenset({"not_wanted", "not_allowed", UNASKED})
"""Reasons that are the caller's own wish, and so no part of the verdict."""

_KEY_REASONS = frozenset(fault.value for fault in KEY_FAULTS)


def interrupted(trip: Trip, broke: Broke) -> StreamInterrupted:
    """Return the error of a stream that broke after its first content."""
    report = _report(trip)
    who = report.served_by or "the provider"
    why = broke.refused.detail or broke.refused.fault
    said = trip.said + broke.said.text
    text = f"the stream of {who} broke after {len(said)} characters: {why}"
    return StreamInterrupted(text, report, text=said)


def rejected(trip: Trip, refused: Refused) -> RequestRejected:
    """Return the error of a request that is itself at fault."""
    kinds = {
        Fault.CONTEXT_TOO_LONG: ContextTooLong,
        Fault.CONTENT_REFUSED: ContentRefused,
    }
    report = _report(trip)
    kind = kinds.get(refused.fault, RequestRejected)
    who = report.attempts[-1].candidate if report.attempts else "the provider"
    text = f"{who} rejected the request ({refused.fault}): {refused.detail or 'no reason given'}"
    return kind(text, report, fault=refused.fault, detail=refused.detail)


def give_up(trip: Trip) -> RouteError:
    """Return the error of a request for which nothing is left to try."""
    note_unasked(trip)
    report = _report(trip)
    if trip.lineup.seats and trip.left <= 0:
        return too_late(trip)
    if not trip.lineup.seats or _all_unfit(trip, report):
        what = f"nobody can serve {report.alias!r}{_mistaken(trip)}"
        if not trip.job.resolved.candidates:
            what += f": {NO_SUCH_MODEL}"
        return NoCandidate(_lines(what, report), report)
    if trip.returns:
        return _exhausted(trip, report)
    if trip.max_context and all(a.fault is Fault.CONTEXT_TOO_LONG for a in report.attempts):
        last = Refused(
            fault=Fault.CONTEXT_TOO_LONG,
            scope=FaultScope.REQUEST,
            detail=report.attempts[-1].detail,
        )
        return rejected(trip, last)
    if _unauthorised(report):
        return NotAuthorised(_lines(f"no account may serve {report.alias!r}", report), report)
    return AllFailed(_lines(f"nobody could answer {report.alias!r}", report), report)


def _mistaken(trip: Trip) -> str:
    """Return what is said of names in `only` that are nobody's, with the nearest right one."""
    only = trip.job.options.only
    if not only:
        return ""
    names = {name for one in trip.job.resolved.candidates for name in called(one)}
    said = ""
    for name in sorted(only - names):
        near = get_close_matches(name, names, n=1)
        said += f"; nobody here is called {name!r} (only)"
        said += f", did you mean {near[0]!r}?" if near else ""
    return said


def too_late(trip: Trip, why: str = "") -> DeadlineExceeded:
    """Return the error of a request whose deadline has passed."""
    note_unasked(trip)
    report = _report(trip)
    text = f"the deadline of {trip.job.options.budgets.deadline:g} s passed for {report.alias!r}"
    return DeadlineExceeded(_lines(f"{text}: {why}" if why else text, report), report)


def not_continued(trip: Trip, error: RouteError) -> StreamInterrupted:
    """Return what became of a broken answer that nobody could go on with."""
    text = f"the stream broke after {len(trip.said)} characters, and could not be continued"
    return StreamInterrupted(f"{text}: {error}", error.report, text=trip.said)


def _all_unfit(trip: Trip, report: RouteReport) -> bool:
    """Tell whether nothing was sent and nobody rests: nobody can take this very request."""
    return not report.attempts and not any(
        skip.candidate not in trip.gone and skip not in trip.lineup.shut for skip in report.skipped
    )


def _exhausted(trip: Trip, report: RouteReport) -> QuotaExhausted:
    now = trip.world.now()
    back = {candidate.key: max(0.0, at - now) for candidate, at in trip.returns.items()}
    soonest = min(back.values())
    head = f"no quota left for {report.alias!r}; the first returns in {soonest:.1f} s"
    return QuotaExhausted(
        _lines(head, report),
        report,
        available_at=trip.world.wall() + soonest,
        retry_after=soonest,
        by_candidate=back,
    )


def _unauthorised(report: RouteReport) -> bool:
    reasons = [a.fault.value for a in report.attempts if a.fault]
    reasons += [s.reason for s in report.skipped if s.reason not in _UNASKED]
    return any(r in _KEY_REASONS for r in reasons) and all(r in _KEY_REASONS for r in reasons)


def _report(trip: Trip) -> RouteReport:
    trip.record.duration = trip.elapsed
    return trip.record.report()


def _lines(head: str, report: RouteReport) -> str:
    """Return a message with one line per candidate: what was met, or why it was skipped."""
    last = {attempt.candidate: attempt for attempt in report.attempts}
    skips = {skip.candidate: skip for skip in report.skipped}
    out = [head]
    for key, attempt in last.items():
        words = f": {attempt.detail}" if attempt.detail else ""
        status = f" {attempt.status}" if attempt.status else ""
        out.append(f"  {key}: {attempt.fault}{status}{words}{_back(skips.pop(key, None))}")
    out += [f"  {s.candidate}: {s.detail or s.reason}{_back(s)}" for s in skips.values()]
    out += [f"  and {n} more: {why}" for why, n in report.skipped_more.items()]
    return "\n".join(out)


def _back(skip: Skipped | None) -> str:
    return "" if skip is None or skip.back_in is None else f", back in {skip.back_in:.1f} s"
