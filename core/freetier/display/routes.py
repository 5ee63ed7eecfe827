"""How a route looks: who was tried, who would be, who was left out and why."""

from __future__ import annotations

from collections.abc import Iterator

from freetier.display.quota import tone
from freetier.display.words import counted, span
from freetier.values.reports import NO_SUCH_MODEL, Attempt, RouteReport, Skipped, Standby
from freetier.values.sheets import Bar, Cell, Head, Mark, Sheet

HEADS = (
    Head(""),
    Head("candidate"),
    Head("outcome"),
    Head("time", right=True),
    Head("detail", fold=True),
)
ORDER = (Head(""), Head("candidate"), Head("price"), Head("quota left"))
LEFT_OUT = (Head("left out"), Head("why", fold=True), Head("back in", right=True))


def sheets(report: RouteReport) -> tuple[Sheet, ...]:
    """Return the tables of a route, taken or only explained."""
    head = _explained(report) if not report.attempts and not report.provider else _taken(report)
    return tuple(sheet for sheet in (head, _left_out(report)) if sheet.title or sheet.rows)


def _taken(report: RouteReport) -> Sheet:
    return Sheet(
        title=f"{_name(report)} → {report.served_by or 'nobody'}",
        lead=(Mark(", ".join(_facts(report)), "dim"),),
        heads=HEADS,
        rows=tuple(_attempt(n, a) for n, a in enumerate(report.attempts, 1)),
        notes=report.notes,
    )


def _explained(report: RouteReport) -> Sheet:
    if not report.order:
        why = () if report.skipped or report.skipped_more else (NO_SUCH_MODEL,)
        title = f"{_name(report)} → nobody can take this request"
        return Sheet(title=title, notes=(*why, *report.notes))
    return Sheet(
        title=f"{_name(report)} would go to",
        heads=ORDER,
        rows=tuple(_standby(n, s) for n, s in enumerate(report.order, 1)),
        notes=report.notes,
    )


def _left_out(report: RouteReport) -> Sheet:
    more = sorted(report.skipped_more.items(), key=lambda item: (-item[1], item[0]))
    rest = f"and {', '.join(f'{n} {_words(why)}' for why, n in more)}" if more else ""
    return Sheet(
        heads=LEFT_OUT,
        rows=tuple(_skipped(skip) for skip in report.skipped),
        notes=(rest,) if rest else (),
    )


def _name(report: RouteReport) -> str:
    return report.alias or "the default model"


def _facts(report: RouteReport) -> Iterator[str]:
    if report.account:
        yield f"account {report.account}"
        yield "free" if report.free else f"${report.cost:.6f}"
    yield f"{report.duration:.2f} s"
    if report.waited:
        yield f"{report.waited:.1f} s of it waiting for quota"
    if report.failovers:
        yield counted(report.failovers, "fail-over")
    if report.usage:
        usage = report.usage
        about = "about " if usage.estimated else ""
        yield f"{about}{usage.input_tokens} + {usage.output_tokens} tokens"
    if report.quota_left is not None:
        yield f"{report.quota_left:.0%} of the tightest window left"


def _attempt(number: int, attempt: Attempt) -> tuple[Cell, ...]:
    code = f" {attempt.status}" if attempt.status and attempt.fault else ""
    end = (
        Mark(f"{_words(attempt.fault)}{code}", "bad") if attempt.fault else Mark("answered", "good")
    )
    return (
        Mark(str(number), "dim"),
        attempt.candidate,
        end,
        f"{attempt.duration:.2f} s",
        attempt.detail,
    )


def _standby(number: int, standby: Standby) -> tuple[Cell, ...]:
    left = standby.quota_left
    price = Mark("free", "good") if standby.free else Mark("paid", "warn")
    return (
        Mark(str(number), "dim"),
        standby.candidate,
        price,
        Bar(left, f"{left:.0%}", tone(left)),
    )


def _skipped(skip: Skipped) -> tuple[Cell, ...]:
    back = "" if skip.back_in is None else span(skip.back_in)
    return (skip.candidate, skip.detail or _words(skip.reason), back)


def _words(name: str) -> str:
    """Return a word of our closed lists as people write it."""
    return str(name).replace("_", " ")
