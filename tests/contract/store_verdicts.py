"""What the callers' files say: was any window above its limit, was any not used up?

A caller knows between which two instants it was let in, not when. What surely lies in a
window counts there; what may lie in two is counted in the first one with room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from tests.contract.store_hammer import LIMITS, SPAN, TOKENS, Asked

SECOND = SPAN / 1000


@dataclass(frozen=True)
class Verdict:
    """What became of one limit.

    Attributes:
        lane: Its lane.
        asked: How often it was asked for in each window.
        admitted: How many were let in, in each window.
        wanted: How many should have been.
        wrong: In words; empty if all is well.
    """

    lane: str
    asked: Sequence[int]
    admitted: Sequence[int]
    wanted: Sequence[int]
    wrong: str = ""


def judge(asked: list[Asked], begin: float, end: float) -> list[Verdict]:
    """Return a verdict for each lane, from the windows that lie wholly between two instants."""
    lanes = {lane: [one for one in asked if one.lane == lane] for lane in LIMITS}
    return [
        _fixed(lanes["fixed"], begin, end),
        _rolling(lanes["rolling"], end),
        _bucket(lanes["bucket"]),
        _mixed(lanes["mixed"], end),
    ]


def _sent(asked: list[Asked]) -> list[Asked]:
    return sorted((one for one in asked if one.fate == "sent"), key=lambda one: one.before)


def _fixed(asked: list[Asked], begin: float, end: float) -> Verdict:
    limit, sent = LIMITS["fixed"], _sent(asked)
    first, last = floor(begin / SECOND) + 1, floor(end / SECOND)
    counts: dict[int, int] = {}
    for one in sent:
        if floor(one.before / SECOND) == floor(one.after / SECOND):
            counts[floor(one.before / SECOND)] = counts.get(floor(one.before / SECOND), 0) + 1
    for one in sent:
        early, late = floor(one.before / SECOND), floor(one.after / SECOND)
        if early != late:
            window = early if counts.get(early, 0) < limit else late
            counts[window] = counts.get(window, 0) + 1
    windows = range(first, last)
    tries = [sum(floor(one.before / SECOND) == w for one in asked) for w in windows]
    admitted = [counts.get(w, 0) for w in windows]
    return _same("fixed", tries, admitted, [limit] * len(windows))


def _rolling(asked: list[Asked], end: float) -> Verdict:
    limit, sent = LIMITS["rolling"], _sent(asked)
    begin = min(one.after for one in sent)
    windows = range(floor((end - begin) / SECOND))
    tries = [_within(asked, begin, w) for w in windows]
    admitted = [_within(sent, begin, w) for w in windows]
    found = _same("rolling", tries, admitted, [limit] * len(windows))
    return found if not _crowded(sent, limit) else _with(found, "more than the limit in one span")


def _within(asked: list[Asked], begin: float, window: int) -> int:
    return sum(window <= (one.after - begin) / SECOND < window + 1 for one in asked)


def _crowded(sent: list[Asked], limit: int) -> bool:
    """Tell whether more than the limit surely lie within less than one span."""
    for at, first in enumerate(sent[:-limit]):
        some = sent[at : at + limit + 1]
        if max(one.after for one in some) - first.before < SECOND - 0.001:
            return True
    return False


def _bucket(asked: list[Asked]) -> Verdict:
    """A full bucket at first, then what flows in until the last no."""
    limit, sent = LIMITS["bucket"], _sent(asked)
    denied = max((one for one in asked if one.fate == "no"), key=lambda one: one.before)
    rate = limit / SECOND
    least = limit + floor((denied.before - sent[0].after) * rate)
    most = limit + floor((max(denied.after, sent[-1].after) - sent[0].before) * rate)
    tries = [len(asked)]
    if least <= len(sent) <= most:
        return Verdict("bucket", tries, [len(sent)], [len(sent)])
    return _same("bucket", tries, [len(sent)], [most])


def _mixed(asked: list[Asked], end: float) -> Verdict:
    """Three kinds of window at once: the tightest decides, none is ever above its limit."""
    limit, sent = LIMITS["mixed"], _sent(asked)
    begin = sent[0].before
    most = limit * (floor((end - begin) / SECOND) + 2)
    tries, admitted = [len(asked)], [len(sent)]
    if _crowded(sent, limit) or len(sent) > most:
        return Verdict("mixed", tries, admitted, [most], "more than the limit in one span")
    if len(sent) < limit * floor((end - begin) / SECOND):
        return Verdict("mixed", tries, admitted, [most], "not used up")
    return Verdict("mixed", tries, admitted, admitted)


def _same(
    lane: str, tries: Sequence[int], admitted: Sequence[int], wanted: Sequence[int]
) -> Verdict:
    wrong = "" if admitted == wanted else "admitted is not the limit"
    if len(tries) < 3 and lane in {"fixed", "rolling"}:
        wrong = "fewer than three windows"
    if any(t < 3 * w for t, w in zip(tries, wanted, strict=True)):
        wrong = "asked for less than three times the limit"
    return Verdict(lane, tries, admitted, wanted, wrong)


def _with(found: Verdict, wrong: str) -> Verdict:
    return Verdict(found.lane, found.asked, found.admitted, found.wanted, wrong)


def table(store: str, verdicts: list[Verdict]) -> str:
    """Return the verdicts as lines for people."""
    lines = [f"{store}: 8 processes x 4 threads, windows of {SECOND:g} s"]
    for one in verdicts:
        for metric, times in (("requests", 1), ("tokens", TOKENS)):
            numbers = [
                " ".join(str(n * times) for n in row)
                for row in (one.asked, one.admitted, one.wanted)
            ]
            lines.append(
                f"  {one.lane:8} {metric:9} asked {numbers[0]:24} admitted {numbers[1]:20} "
                f"limit {numbers[2]:20} {one.wrong or 'exact'}"
            )
    return "\n".join(lines)
