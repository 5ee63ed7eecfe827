"""What the books of several machines say: was what is promised kept, no more and no less?

Of an account whose store has come and gone under `on_store_failure`:

`fail`
    What is admitted in a window is never above the limit. Who was told no was told so because
    the window was full, where a question that nobody answered may have taken a place. While the
    store is away nobody is answered, and everybody hears `StoreUnavailable` within the bound.
`memory`
    What the store admits in a window is never above the limit. While it is away nobody hears an
    error: each process counts alone, by its own clock and with what it had used before, up to
    the limit and not beyond; several processes together may so admit several times the limit.
    When the store is back both must have room. One warning tells that memory stands in, one
    that the store answers again.

With either choice admitted equals the limit in every window in which all could reach the store.
A caller knows between which two instants it was let in, not when: what may lie in two windows
counts in the one where it would be in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from tests.contract.machines_worker import LIMIT, SPAN

SECOND = SPAN / 1000
BEGUN, OVER = "quota is counted in memory", "the quota store answers again"
TIMES = 3  # the limit is asked for so often in each window, or nothing is shown
SLACK = 2.0  # seconds by which a machine with much to do may be late


@dataclass(frozen=True)
class Told:
    """One answer: of which account, between which instants, and what.

    `fate` is `sent`, `no` or `away`; `memory sent` and `memory no` were answered by the memory
    that stood in; `settled` and `settled away` end what was sent.
    """

    name: str
    before: float
    after: float
    fate: str


@dataclass(frozen=True)
class Witness:
    """One process.

    Attributes:
        offset: Seconds by which its clock is wrong.
        told: What it was told.
        warned: Its warnings: account, instant and text.
        asks: The instant of a question that is still open, by account.
        killed: When it was killed.
    """

    offset: float
    told: Sequence[Told]
    warned: Sequence[tuple[str, float, str]] = ()
    asks: dict[str, float] = field(default_factory=dict)
    killed: float | None = None


@dataclass
class Story:
    """What was done to the store and the processes, and when, in seconds since 1970.

    Attributes:
        well: Spans in which every living process had the store.
        cut, stopped: When the store could not be reached.
        killed: When a process was killed.
    """

    well: dict[str, tuple[float, float]] = field(default_factory=dict)
    cut: tuple[float, float] = (0.0, 0.0)
    stopped: tuple[float, float] = (0.0, 0.0)
    killed: float = 0.0


@dataclass(frozen=True)
class Trouble:
    """Something that was not as promised."""

    name: str
    what: str


@dataclass(frozen=True)
class Verdict:
    """What became of one account: rows for people, and what was wrong."""

    name: str
    rows: Sequence[tuple[str, str]]
    troubles: Sequence[Trouble]


class Windows:
    """How many of some grants lie in each window.

    Args:
        grants: When they may have been given.
        offset: Seconds by which the clock that judged is wrong.
    """

    def __init__(self, grants: Sequence[Told], offset: float = 0.0) -> None:
        self._offset = offset
        self.surely, self.perhaps, self.counts = Counter[int](), Counter[int](), Counter[int]()
        unsure = []
        for one in grants:
            early, late = self.at(one.before), self.at(one.after)
            for window in range(early, late + 1):
                self.perhaps[window] += 1
            if early == late:
                self.surely[window] += 1
            else:
                unsure.append((late, early))
        self.counts.update(self.surely)
        for late, early in sorted(unsure):
            room = (window for window in range(early, late) if self.counts[window] < LIMIT)
            self.counts[next(room, late)] += 1

    def at(self, instant: float) -> int:
        """Return the window of an instant, in whole milliseconds as the stores count."""
        return floor((instant + self._offset) * 1000) // SPAN

    def within(self, begin: float, end: float) -> range:
        """Return the windows that lie wholly between two instants."""
        first = ceil((begin + self._offset) / SECOND)
        return range(first, max(first, floor((end + self._offset) / SECOND)))

    def told(self, window: int) -> int:
        """Return how many there were: the limit, if that fits what the callers know."""
        fits = self.counts[window] <= LIMIT <= self.perhaps[window]
        return LIMIT if fits else self.counts[window]

    def crowded(self) -> list[int]:
        """Return the windows with more than the limit."""
        return [window for window, count in self.counts.items() if count > LIMIT]


def judge(name: str, witnesses: Sequence[Witness], story: Story, bound: float) -> Verdict:
    """Return what became of one account.

    Args:
        name: Its name, which ends with `fail` or `memory`.
        witnesses: The processes.
        story: What was done to them.
        bound: Seconds within which a store that is away has to be noticed.
    """
    rows: list[tuple[str, str]] = []
    wrong: list[str] = [*_exact(name, witnesses), *_away(name, witnesses, story)]
    for phase, (begin, end) in story.well.items():
        row, complaints = _well(name, witnesses, begin, end)
        rows.append((phase, row))
        wrong += (f"{phase}: {complaint}" for complaint in complaints)
    if name.endswith("memory"):
        row, complaints = _alone(name, witnesses)
    else:
        row, complaints = _refused(name, witnesses, story, bound)
    rows.append(("store away", row))
    wrong += complaints
    return Verdict(name, rows, [Trouble(name, what) for what in wrong])


def of(name: str, witness: Witness, *fates: str) -> list[Told]:
    """Return what a process was told of an account."""
    return [one for one in witness.told if one.name == name and one.fate in fates]


def _all(name: str, witnesses: Sequence[Witness], *fates: str) -> list[Told]:
    return [one for witness in witnesses for one in of(name, witness, *fates)]


def _exact(name: str, witnesses: Sequence[Witness]) -> Iterator[str]:
    """Find windows above the limit, and whoever was sent away from one that was not full."""
    windows = Windows(_all(name, witnesses, "sent"))
    for window in windows.crowded():
        yield f"the store admitted {windows.counts[window]} in a window of {LIMIT}"
    if name.endswith("memory"):
        return  # a no may also come from what the process used while the store was away
    open_ones = Windows(list(_open(name, witnesses)))
    for window in {windows.at(no.before) for no in _sure_noes(windows, name, witnesses)}:
        most = windows.perhaps[window] + open_ones.perhaps[window]
        if most < LIMIT:
            yield f"a no in a window with {most} of {LIMIT}"


def _sure_noes(windows: Windows, name: str, witnesses: Sequence[Witness]) -> list[Told]:
    noes = _all(name, witnesses, "no")
    return [no for no in noes if windows.at(no.before) == windows.at(no.after)]


def _open(name: str, witnesses: Sequence[Witness]) -> Iterator[Told]:
    """Yield questions of which nobody knows whether the store has counted them."""
    yield from _all(name, witnesses, "away")
    for witness in witnesses:
        if witness.killed is not None and name in witness.asks:
            yield Told(name, witness.asks[name], witness.killed, "away")


def _away(name: str, witnesses: Sequence[Witness], story: Story) -> Iterator[str]:
    """Find answers of a store that nobody could reach."""
    for begin, end in (story.cut, story.stopped):
        for one in _all(name, witnesses, "sent", "no"):
            if begin < one.before and one.after < end:
                yield f"the store said {one.fate} while it was away"


def _well(
    name: str, witnesses: Sequence[Witness], begin: float, end: float
) -> tuple[str, list[str]]:
    """Compare the windows in which all could reach the store with the limit."""
    windows = Windows(_all(name, witnesses, "sent"))
    asked = Windows(_all(name, witnesses, "sent", "no"))
    inside = windows.within(begin, end)
    wrong = [
        f"admitted {windows.perhaps[window]} in a window of {LIMIT}"
        for window in inside
        if windows.perhaps[window] < LIMIT
    ]
    if len(inside) < 2:
        wrong.append("fewer than two whole windows")
    if any(asked.perhaps[window] < TIMES * LIMIT for window in inside):
        wrong.append(f"asked for less than {TIMES} times the limit")
    tries = " ".join(str(asked.surely[window]) for window in inside)
    got = " ".join(str(windows.told(window)) for window in inside)
    return f"asked {tries:18} admitted {got:12} of {LIMIT}", wrong


def _refused(
    name: str, witnesses: Sequence[Witness], story: Story, bound: float
) -> tuple[str, list[str]]:
    """Look at what callers hear under `fail`."""
    away = _all(name, witnesses, "away", "settled away")
    longest = max((one.after - one.before for one in away), default=0.0)
    wrong = [f"{longest:.1f} s until StoreUnavailable"] if longest > bound + SLACK else []
    for what, (begin, end) in (("cut", story.cut), ("stop", story.stopped)):
        for witness in witnesses:
            heard = [t for t in of(name, witness, "away", "settled away") if begin < t.after]
            alive = witness.killed is None or witness.killed > end
            if alive and not any(one.before < end for one in heard):
                wrong.append(f"a process was not told of the {what}")
    if _all(name, witnesses, "memory sent", "memory no"):
        wrong.append("memory stood in though nobody chose it")
    inside = sum(
        begin < one.before and one.after < end
        for begin, end in (story.cut, story.stopped)
        for one in _all(name, witnesses, "sent")
    )
    text = f"admitted {inside}, {len(away)} x StoreUnavailable within {longest:.1f} s"
    return f"{text} (bound {bound:g} s)", wrong


def _alone(name: str, witnesses: Sequence[Witness]) -> tuple[str, list[str]]:
    """Look at what each process does by itself under `memory`."""
    wrong, shown = [], []
    if _all(name, witnesses, "away", "settled away"):
        wrong.append("a caller heard that the store is away")
    for witness in witnesses:
        row, complaints = _one_alone(name, witness)
        shown.append(row)
        wrong += complaints
        outages = 2 if witness.killed is None else 1
        for text in (BEGUN, OVER):
            told = sum(who == name and what.startswith(text) for who, _, what in witness.warned)
            if told != outages:
                wrong.append(f"{told} warnings that {text}, for {outages} outages")
    each = "; ".join(shown)
    return f"by each process, windows x admitted: {each} of {LIMIT}, no error", wrong


def _one_alone(name: str, witness: Witness) -> tuple[str, list[str]]:
    """Hold a process to the limit by its own clock, from its first outage on."""
    answers = sorted(
        of(name, witness, "sent", "no", "memory sent", "memory no"), key=lambda one: one.before
    )
    grants = [one for one in answers if one.fate in {"sent", "memory sent"}]
    windows = Windows(grants, witness.offset)
    spells = list(_spells(answers))
    first = spells[0][0] if spells else float("inf")
    wrong = [
        f"a process alone admitted {windows.counts[window]} of {LIMIT}"
        for window in windows.crowded()
        if window > windows.at(first)
    ]
    full = used_up_alone(name, witness)
    wrong += [
        f"a process alone was told no with {windows.perhaps[window]} of {LIMIT}"
        for window in full
        if windows.perhaps[window] < LIMIT
    ]
    if not full:
        wrong.append("a process never used up a window alone")
    shown = Counter(windows.told(window) for window in full)
    return ", ".join(f"{times} x {count}" for count, times in shown.items()), wrong


def used_up_alone(name: str, witness: Witness) -> list[int]:
    """Return the windows, by its own clock, in which memory alone answered, and said no."""
    answers = sorted(
        of(name, witness, "sent", "no", "memory sent", "memory no"), key=lambda one: one.before
    )
    windows, full = Windows((), witness.offset), set()
    for begin, end in _spells(answers):
        whole = windows.within(begin, end)
        for one in answers:
            window = windows.at(one.before)
            sure = window == windows.at(one.after)
            if one.fate == "memory no" and sure and window in whole:
                full.add(window)
    return sorted(full)


def _spells(answers: Sequence[Told]) -> Iterator[tuple[float, float]]:
    """Yield from when until when memory stood in."""
    begin = end = None
    for one in answers:
        if one.fate.startswith("memory"):
            begin, end = begin or one.after, one.before
        elif begin is not None and end is not None:
            yield begin, end
            begin = None
    if begin is not None and end is not None:
        yield begin, end


def table(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts as lines for people."""
    lines = [f"windows of {SECOND:g} s, limit {LIMIT}"]
    for one in verdicts:
        lines += [f"  {one.name:16} {phase:17} {row}" for phase, row in one.rows]
        wrong = Counter(trouble.what for trouble in one.troubles)
        lines += [f"  {one.name:16} WRONG {times} x {what}" for what, times in wrong.items()]
        if not wrong:
            lines.append(f"  {one.name:16} as promised")
    return "\n".join(lines)
