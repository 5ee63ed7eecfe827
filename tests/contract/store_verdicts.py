"""What the callers' files say: was any window above its limit, was any not used up?

A caller knows between which two instants it was let in, not when. What surely lies in a
window counts there; what may lie in two is counted in the first one with room.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """Return a verdict for each lane, from the windows between two instants."""
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
    """Count windows on the clock; asking begins soon after the start of the first one."""
    return _counted("fixed", asked, _ms(begin) // SPAN * SPAN / 1000, end)


def _rolling(asked: list[Asked], end: float) -> Verdict:
    """Count spans from the first grant on, and look at every span there is."""
    sent = _sent(asked)
    found = _counted("rolling", asked, min(one.before for one in sent), end)
    crowded = _crowded(sent, LIMITS["rolling"])
    return replace(found, wrong="more than the limit in one span") if crowded else found


def _counted(lane: str, asked: list[Asked], begin: float, end: float) -> Verdict:
    limit, windows = LIMITS[lane], range(floor((end - begin) / SECOND))
    tries, counts = Counter[int](), Counter[int]()
    unsure = []
    for one in asked:
        early, late = ((_ms(at) - _ms(begin)) // SPAN for at in (one.before, one.after))
        tries[late] += 1
        if one.fate == "sent" and early == late:
            counts[late] += 1
        elif one.fate == "sent":
            unsure.append((late, early))
    for late, early in sorted(unsure):
        room = (w for w in range(early, late) if counts[w] < limit)
        counts[next(room, late)] += 1
    admitted = [counts[w] for w in windows]
    return _same(lane, [tries[w] for w in windows], admitted, [limit] * len(windows))


def _ms(at: float) -> int:
    """Return an instant as the stores count it: in whole milliseconds."""
    return floor(at * 1000)


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
    """Three kinds of window at once: the tightest decides, none is ever above its limit.

    What is given back late nobody can use in time, so that nothing says how many there are.
    """
    limit, sent = LIMITS["mixed"], _sent(asked)
    begin = sent[0].before
    most = limit * (floor((end - begin) / SECOND) + 2)
    tries, admitted = [len(asked)], [len(sent)]
    if _crowded(sent, limit) or len(sent) > most:
        return Verdict("mixed", tries, admitted, [most], "more than the limit in one span")
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
