"""Batches finish: paced by the router, in order, few calls under way, seen as they go."""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.exceptions import ModelInvalidRequestError
from langchain_core.prompts import ChatPromptTemplate

from freetier import QuotaExhausted, Router
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier_langchain import BatchProgress, FreeTierChatModel
from freetier_langchain._workers import AT_ONCE
from tests.figures import Show
from tests.langchain.stage import ALIAS, MODEL, NORTH, configuration, offline, provider

INPUTS, ACCOUNTS, A_MINUTE = 1000, 5, 30
ECHO = [str(n) for n in range(20)]


def echo(body: dict[str, Any]) -> str:
    """Answer with the question."""
    return str(body["messages"][-1]["content"])


def resident() -> int:
    """Return the bytes of memory this process has, 0 where the system does not tell."""
    told = Path("/proc/self/statm")
    return int(told.read_text().split()[1]) * resource.getpagesize() if told.exists() else 0


def limited(
    *limits: Limit, accounts: int = 1, latency: Any = 0.0, **fields: Any
) -> tuple[FreeTierChatModel, Fleet, VirtualClock]:
    """Return a model over accounts with limits that the router knows, on a clock that jumps."""
    fleet = Fleet(
        *(
            FakeProvider(f"p{n}", models=[MODEL], limits=limits, latency=latency, answer=echo)
            for n in range(accounts)
        )
    )
    clock = VirtualClock()
    config = configuration(fleet, limits=True)
    router = Router(**config, transport=fleet.transport(clock), clock=clock)
    return FreeTierChatModel(model=ALIAS, router=router, **fields), fleet, clock


@pytest.fixture
def hourly() -> Iterator[tuple[FreeTierChatModel, Fleet]]:
    """A model over HTTP whose only account answers two requests an hour."""
    limits = [Limit(2, "hour")]
    host = FakeProvider(NORTH, models=[MODEL], limits=limits, answer=echo)
    with Fleet(host) as fleet, Router(**configuration(fleet, limits=True)) as router:
        yield FreeTierChatModel(model=ALIAS, router=router), fleet


def test_a_thousand_inputs_take_the_time_their_quota_takes(
    show: Show,
) -> None:
    """No refusal, every answer, in order; few tasks and little memory at any time.

    Five accounts with 30 a minute take 150 a minute, so the seventh portion of a thousand
    goes out after six minutes.
    """
    model, fleet, clock = limited(Limit(A_MINUTE), accounts=ACCOUNTS, latency=(0.3, 1.5))
    tasks, sizes = [0], [resident()]

    def look(_: BatchProgress) -> None:
        tasks.append(len(asyncio.all_tasks()))
        sizes.append(resident())

    answers = clock.run(model.abatch([f"number {n}" for n in range(INPUTS)], progress=look))

    assert [answer.content for answer in answers] == [f"number {n}" for n in range(INPUTS)]
    assert [entry.verdict for entry in fleet.books.entries] == ["admitted"] * INPUTS
    theoretical = (INPUTS - 1) // (ACCOUNTS * A_MINUTE) * 60.0
    took = max(entry.at for entry in fleet.books.entries) - fleet.books.entries[0].at
    assert theoretical <= took <= theoretical * 1.02
    assert max(tasks) <= 2 * AT_ONCE + 2  # a call, and the step it awaits
    show(
        f"{INPUTS} inputs, {ACCOUNTS} x {A_MINUTE} a minute: the last sent after {took:.1f} "
        f"s, in theory {theoretical:.0f} s; at most {max(tasks)} tasks, "
        f"{(max(sizes) - sizes[0]) / 2**20:.1f} MiB more at the peak, answers included"
    )


def test_threads_keep_order_and_quota() -> None:
    """The same in threads: some wait, nobody is refused."""
    model, fleet, _ = limited(Limit(3), accounts=2)

    assert [answer.content for answer in model.batch(ECHO)] == ECHO
    assert [entry.verdict for entry in fleet.books.entries] == ["admitted"] * len(ECHO)


@pytest.mark.parametrize("at_once", [1, 4])
def test_the_users_own_bound_holds(at_once: int) -> None:
    """`max_concurrency` is LangChain's word for it."""
    model, fleet, clock = limited(latency=1.0)

    clock.run(model.abatch(ECHO, {"max_concurrency": at_once}))

    sent = [entry.at for entry in fleet.books.entries]
    assert max(sent.count(at) for at in sent) == at_once


def test_outcomes_come_as_they_are_ready() -> None:
    """Each with the number of its input."""
    model, _, clock = limited(Limit(3), latency=(0.1, 2.0))

    async def run() -> list[tuple[int, Any]]:
        return [pair async for pair in model.abatch_as_completed(ECHO)]

    came = clock.run(run())

    assert [number for number, _ in came] != sorted(number for number, _ in came)
    assert all(answer.content == str(number) for number, answer in came)
    assert sorted(number for number, _ in came) == list(range(len(ECHO)))
    assert sorted(number for number, _ in model.batch_as_completed(ECHO[:3])) == [0, 1, 2]


def test_who_stops_reading_ends_the_rest_in_threads(
    hourly: tuple[FreeTierChatModel, Fleet],
) -> None:
    """Threads that would wait an hour for quota go, and what they had booked is free again."""
    model, fleet = hourly

    outcomes = model.batch_as_completed(ECHO)
    assert {next(outcomes)[0], next(outcomes)[0]} <= {*range(len(ECHO))}
    outcomes.close()

    assert len(fleet.books) == 2
    (row,) = [row for row in model.router.quota_status() if row.limit]
    assert row.reserved == 0


async def test_who_stops_reading_ends_the_rest_in_tasks(
    hourly: tuple[FreeTierChatModel, Fleet],
) -> None:
    """No task is left behind."""
    model, fleet = hourly

    outcomes = model.abatch_as_completed(ECHO)
    await anext(outcomes)
    await outcomes.aclose()
    await model.router.aclose()

    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert len(fleet.books) <= 2


def test_ctrl_c_ends_a_batch(hourly: tuple[FreeTierChatModel, Fleet]) -> None:
    """It reaches whoever reads the outcomes; nobody waits out the hour before it is heard."""
    model, fleet = hourly

    def interrupted(progress: BatchProgress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.batch(ECHO, progress=interrupted)

    assert len(fleet.books) == 2
    assert {row.reserved for row in model.router.quota_status() if row.limit} == {0}


@pytest.mark.parametrize("colour", ["threads", "tasks"])
def test_the_first_error_ends_a_batch(colour: str) -> None:
    """Unless errors are wanted in the places of the answers."""
    model, fleet, clock = limited(latency=1.0)
    fleet.script("p0", {3: faults.Status(400, body="no")})
    config: Any = {"max_concurrency": 2}

    def run(**more: Any) -> list[Any]:
        if colour == "threads":
            return model.batch(ECHO, config, **more)
        return clock.run(model.abatch(ECHO, config, **more))

    with pytest.raises(ModelInvalidRequestError):
        run()
    assert len(fleet.books) < len(ECHO)

    fleet.script("p0", {len(fleet.books) + 5: faults.Status(400, body="no")})
    outcomes = run(return_exceptions=True)
    failed = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Exception)]
    assert len(failed) == 1
    assert [o.content for n, o in enumerate(outcomes) if n not in failed] == [
        text for n, text in enumerate(ECHO) if n not in failed
    ]


@pytest.mark.parametrize(
    ("fields", "said", "config"),
    [
        ({"max_wait": 0}, {}, {}),
        ({}, {"max_wait": 0}, {}),
        ({}, {}, {"configurable": {"max_wait": 0}}),
    ],
)
def test_a_batch_waits_as_long_as_it_takes_unless_told_otherwise(
    fields: Any, said: Any, config: Any
) -> None:
    """Hours, where a single call gives up after a minute; whoever set a patience keeps it."""
    model, _, clock = limited(Limit(2, "hour"))
    assert len(clock.run(model.abatch(ECHO[:6]))) == 6
    with pytest.raises(QuotaExhausted):
        model.invoke("one more")  # nothing of the batch is left behind

    model, _, clock = limited(Limit(2, "hour"), **fields)
    outcomes = clock.run(model.abatch(ECHO[:5], config, return_exceptions=True, **said))
    assert sum(isinstance(outcome, QuotaExhausted) for outcome in outcomes) == 3


def test_progress_is_told_after_each_call() -> None:
    """From a chain as well, where only the configuration reaches the model."""
    told: list[BatchProgress] = []
    model, fleet, clock = limited()
    fleet.script("p0", {2: faults.Status(400, body="no")})
    chain = ChatPromptTemplate.from_template("{x}") | model
    config: Any = {"configurable": {"progress": told.append}, "max_concurrency": 1}

    clock.run(chain.abatch([{"x": n} for n in ECHO], config, return_exceptions=True))
    chain.map().invoke([{"x": n} for n in ECHO], config)

    first = told[: len(ECHO)]
    assert [progress.done for progress in first] == list(range(1, len(ECHO) + 1))
    assert (first[-1].total, first[-1].failed) == (len(ECHO), 1)
    assert told[-1].done == len(ECHO) == len(told) / 2


@pytest.mark.parametrize("bar", [True, "tqdm", "rich"])
def test_progress_may_be_a_bar(bar: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Whichever library is there."""
    limited()[0].batch(ECHO, progress=bar)

    shown = "".join(capsys.readouterr())
    assert "20/20" in shown if bar != "rich" else "100%" in shown


def test_what_watches_a_batch_cannot_break_it() -> None:
    """What it raises is logged; what it is not is said before anything is sent."""
    model, fleet, _ = limited()

    def broken(_: BatchProgress) -> None:
        raise OSError("the terminal is gone")

    assert len(model.batch(ECHO, progress=broken)) == len(ECHO)
    sent = len(fleet.books)
    with pytest.raises(ModelInvalidRequestError, match="progress"):
        model.batch(ECHO, progress="dots")
    with pytest.raises(ModelInvalidRequestError, match="max_concurrency"):
        model.batch(ECHO, {"max_concurrency": -1})
    assert len(fleet.books) == sent


def test_a_bar_without_its_library_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to install it."""
    for name in ("tqdm", "tqdm.auto", "rich", "rich.progress"):
        monkeypatch.setitem(sys.modules, name, None)

    for bar in (True, "tqdm", "rich"):
        with pytest.raises(ImportError, match="pip install"):
            limited()[0].batch(ECHO, progress=bar)


def test_a_batch_finds_what_single_calls_left_in_the_cache() -> None:
    """How long one waits, and what is shown, is no part of the question."""
    fleet = Fleet(provider(NORTH, answer=echo))
    model = offline(fleet)
    model.cache = InMemoryCache()

    model.invoke("0", timeout=30, config={"configurable": {"tags": ["a"], "max_wait": 5}})
    model.batch(["0", "0"], progress=lambda _: None)
    assert len(fleet.books) == 1

    model.invoke("0", only=[NORTH])
    assert len(fleet.books) == 2


def test_no_inputs_are_no_calls() -> None:
    """An empty batch is answered at once."""
    model, fleet, clock = limited()

    assert model.batch([]) == clock.run(model.abatch([])) == []
    assert len(fleet.books) == 0
