"""Several machines and a store that comes and goes: as promised, no more and no less."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from freetier import QuotaExhausted, Router
from freetier.errors import StoreUnavailable
from freetier.stores.fallback import PAUSE
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock
from tests import servers
from tests.contract.machines import Redis, careless, run
from tests.contract.machines_verdicts import (
    BEGUN,
    OVER,
    SECOND,
    Story,
    Told,
    Windows,
    Witness,
    judge,
    table,
)
from tests.contract.machines_worker import LIMIT
from tests.figures import Show


def test_a_store_that_comes_and_goes(tmp_path: Path, show: Show) -> None:
    """Redis and PostgreSQL are cut off and restarted, a process is killed, clocks differ."""
    try:
        text, troubles = run(["redis", "postgres"], tmp_path, brief=True)
    except servers.Unavailable as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))
    show(text)
    assert troubles == []


def test_a_careless_store_is_caught(tmp_path: Path, show: Show) -> None:
    """Four processes at a store that checks first and acts later are above the limit."""
    windows = Windows(careless(tmp_path))
    show(f"check, then act: admitted {[*windows.counts.values()]} in windows of {LIMIT}")
    assert windows.crowded()


@pytest.mark.usefixtures("redis_url")  # skips where there is no Redis
@pytest.mark.parametrize(
    ("choice", "while_away", "alone"),
    [("fail", StoreUnavailable, 0), ("memory", QuotaExhausted, 2)],
)
def test_a_router_whose_store_is_away(
    choice: str,
    while_away: type[Exception],
    alone: int,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The provider's own books: `fail` lets nothing through, `memory` what is left, none more."""
    fleet = Fleet(FakeProvider("groq", limits=[Limit(3, "minute")], answer="Hello."))
    clock = VirtualClock()
    server = Redis(tmp_path, ["127.0.0.1"])
    settings = {"store": server.url("127.0.0.1", server.port), "on_store_failure": choice}
    config = fleet.config(limits=True) | settings
    try:
        with Router(config, transport=fleet.transport(clock), clock=clock) as router:

            def ask(times: int, then: type[Exception]) -> int:
                for _ in range(times):
                    router.complete("Hi", model="gpt-oss-20b", max_wait=0)
                with pytest.raises(then):
                    router.complete("Hi", model="gpt-oss-20b", max_wait=0)
                return len(fleet.books.admitted())

            router.complete("Hi", model="gpt-oss-20b")
            server.stop()
            assert ask(alone, while_away) == 1 + alone
            assert (BEGUN in caplog.text) == (choice == "memory")

            server.start()
            clock.advance(PAUSE)
            assert ask(2 - alone, QuotaExhausted) == 3
            clock.advance(60.001)  # an instant is only known to the millisecond
            assert ask(3, QuotaExhausted) == 6
            assert fleet.books.refused() == []
    finally:
        server.stop()


# The judge itself, on books written by hand


def at(window: float) -> float:
    """Return the instant of a window, and of parts of it."""
    return window * SECOND


STORY = Story(
    well={"at first": (at(999.9), at(1002.05)), "at last": (at(1006.9), at(1009.05))},
    cut=(at(1002.1), at(1006)),
    stopped=(at(1009.1), at(1010)),
)


def books(choice: str) -> list[Witness]:
    """Return the books of four processes to which everything that is promised happened."""
    told: list[list[Told]] = [[], [], [], []]
    for window in (1000, 1001, 1007, 1008):
        for n in range(40):
            instant = at(window + 0.02 * n + 0.1)
            told[n % 4].append(answer(choice, instant, "sent" if n < LIMIT else "no"))
    for mine in told:
        if choice == "fail":
            mine += [answer(choice, at(window), "away") for window in (1002.5, 1009.5)]
    offsets = (0.0, 0.0, 2.0, 2.0)
    for mine, offset in zip(told, offsets, strict=True):
        for window in (1003, 1004, 1005) if choice == "memory" else ():
            for n in range(12):
                instant = at(window + 0.02 * n + 0.1) - offset % SECOND
                mine.append(answer(choice, instant, f"memory {'sent' if n < LIMIT else 'no'}"))
    warned = [(f"a {choice}", at(w), text) for w in (1002, 1009) for text in (BEGUN, OVER)]
    said = warned if choice == "memory" else []
    return [Witness(offset, mine, said) for mine, offset in zip(told, offsets, strict=True)]


def answer(choice: str, instant: float, fate: str) -> Told:
    """Return an answer that took a hundredth of a window."""
    return Told(f"a {choice}", instant, instant + SECOND / 100, fate)


def complaints(choice: str, witnesses: list[Witness]) -> set[str]:
    """Return what the judge says."""
    verdict = judge(f"a {choice}", witnesses, STORY, bound=1.0)
    assert f"a {choice}" in table([verdict])
    return {trouble.what for trouble in verdict.troubles}


@pytest.mark.parametrize("choice", ["fail", "memory"])
def test_books_that_say_what_is_promised_are_let_be(choice: str) -> None:
    """What the controls below change is right before."""
    assert complaints(choice, books(choice)) == set()


def _more(fate: str, window: float) -> Callable[[str, list[Told]], list[Told]]:
    return lambda choice, told: [*told, answer(choice, at(window), fate)]


def _fewer(fate: str, window: int) -> Callable[[str, list[Told]], list[Told]]:
    def change(choice: str, told: list[Told]) -> list[Told]:
        lost = next(one for one in told if one.fate == fate and one.before > at(window))
        return [one for one in told if one is not lost]

    return change


def _slower(choice: str, told: list[Told]) -> list[Told]:
    return [replace(one, after=one.after + 9) if one.fate == "away" else one for one in told]


@pytest.mark.parametrize(
    ("choice", "change", "complaint"),
    [
        ("fail", _more("sent", 1000.9), "the store admitted 9 in a window of 8"),
        ("memory", _more("sent", 1000.9), "the store admitted 9 in a window of 8"),
        ("fail", _fewer("sent", 1001), "a no in a window with 7 of 8"),
        ("memory", _fewer("sent", 1001), "at first: admitted 7 in a window of 8"),
        ("fail", _more("sent", 1004), "the store said sent while it was away"),
        ("memory", _more("no", 1004.5), "the store said no while it was away"),
        ("fail", _slower, "9.0 s until StoreUnavailable"),
        ("fail", _fewer("away", 1002), "a process was not told of the cut"),
        ("fail", _fewer("away", 1009), "a process was not told of the stop"),
        ("fail", _more("memory sent", 1004), "memory stood in though nobody chose it"),
        ("memory", _more("memory sent", 1004.5), "a process alone admitted 9 of 8"),
        ("memory", _fewer("memory sent", 1004), "a process alone was told no with 7 of 8"),
        ("memory", _more("away", 1004.5), "a caller heard that the store is away"),
    ],
)
def test_a_book_that_says_otherwise_is_found(
    choice: str, change: Callable[[str, list[Told]], list[Told]], complaint: str
) -> None:
    """The control: each promise that is broken in one book is named."""
    first, *others = books(choice)
    broken = replace(first, told=change(choice, list(first.told)))
    assert complaint in complaints(choice, [broken, *others])


@pytest.mark.parametrize("text", [BEGUN, OVER])
def test_a_missing_warning_is_found(text: str) -> None:
    """Each outage is told once when it begins and once when it ends."""
    first, *others = books("memory")
    silent = replace(first, warned=[one for one in first.warned if one[2] != text])
    assert complaints("memory", [silent, *others]) == {f"0 warnings that {text}, for 2 outages"}
