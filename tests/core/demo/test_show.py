"""What is printed, in a pipe and in a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from freetier.demo.answers import Answer
from freetier.demo.show import Show, counted
from freetier.errors import ConfigError
from freetier.values.faults import Fault
from freetier.values.reports import Attempt, RouteEvent

SAID = "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 requests a day"


def show(*, terminal: bool = False) -> Show:
    """Return a show that prints into a text."""
    return Show(Console(file=io.StringIO(), width=200, force_terminal=terminal))


def printed(of: Show) -> str:
    """Return what it has printed."""
    return of._console.file.getvalue()


def answer(**facts) -> Answer:
    """Return an answer by an account of Groq."""
    given = {"text": "Mars is red because of rust.", "failovers": 0, "waited": 0.0, **facts}
    return Answer(provider="groq", model="small", account="groq-1", duration=0.61, **given)


def failover(detail: str = SAID, status: int = 429) -> RouteEvent:
    """Return the event of a refused attempt."""
    attempt = Attempt(
        candidate="openrouter-1/some/model",
        provider="openrouter",
        account="openrouter-1",
        model="some/model",
        started_at=0.0,
        ended_at=0.1,
        fault=Fault.QUOTA_GONE,
        status=status,
        detail=detail,
    )
    return RouteEvent(
        kind="failover",
        request_id="r",
        alias="demo",
        candidate=attempt.candidate,
        fault=attempt.fault,
        attempt=attempt,
    )


def wait(seconds: float = 3.62) -> RouteEvent:
    """Return the event of a wait."""
    return RouteEvent(
        kind="wait", request_id="r", alias="demo", candidate="groq-1/small", seconds=seconds
    )


def test_a_whole_answer_is_printed_with_who_gave_it():
    """Question, answer, and provider, model, account and time below it."""
    stage = show()
    stage.asked(7, "invoke", "Why is Mars red?")
    stage.answered(answer(), streamed=False)
    assert printed(stage).splitlines() == [
        " 7  invoke  Why is Mars red?",
        "    Mars is red because of rust.",
        "    groq, small, account groq-1: 0.6 s",
    ]


def test_a_streamed_answer_is_printed_once():
    """Its pieces as they come, and not again at the end."""
    stage = show()
    say = stage.asked(7, "stream", "Why is Mars red?")
    say("Mars is")
    say(" red because of rust.")
    stage.answered(answer(), streamed=True)
    assert printed(stage).count("Mars is red because of rust.") == 1


def test_the_way_to_an_answer_is_told():
    """Waiting and fail-overs as the answer's own metadata has them."""
    stage = show()
    stage.answered(answer(waited=2.04, failovers=2), streamed=False)
    assert printed(stage).endswith(": 0.6 s, 2.0 s of it waiting, 2 fail-overs\n")


def test_no_answer_is_told_with_its_reason():
    """The error's own text."""
    stage = show()
    stage.asked(1, "invoke", "Why?")
    stage.failed(ConfigError("nobody can"))
    assert "    no answer: nobody can" in printed(stage)


def test_failovers_and_waits_are_printed_and_counted():
    """At the moment the router tells of them; other events are not shown."""
    stage = show()
    for event in (failover(), wait(), wait(0.5), RouteEvent(kind="skip", request_id="", alias="")):
        stage.event(event)
    assert (stage.failovers, stage.waits) == (1, 2)
    first, *_, second, third = printed(stage).splitlines()
    assert first.startswith("    fail-over: openrouter-1 answered 429: Rate limit exceeded: ")
    assert (second, third) == ("    wait: 3.6 s for groq-1", "    wait: 0.5 s for groq-1")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (failover(detail=""), "answered 429: quota_gone"),
        (failover(detail="", status=0), "answered nothing: quota_gone"),
    ],
)
def test_a_silent_refusal_is_told_by_its_fault(event, words):
    """A provider need not say anything, or not even answer."""
    stage = show()
    stage.event(event)
    assert words in printed(stage)


def test_a_talkative_provider_gets_two_lines():
    """What it says is cut, at a blank."""
    stage = show()
    stage.event(failover(detail="word " * 200))
    lines = printed(stage).splitlines()
    assert len(lines) == 2
    assert lines[-1].endswith(" ...")


def test_nothing_is_wider_than_a_hundred_columns():
    """In a wide terminal the lines stay readable."""
    stage = show()
    stage.line("word " * 100)
    stage.answered(answer(text="word " * 100), streamed=False)
    assert max(map(len, printed(stage).splitlines())) <= 100


def test_colour_is_for_terminals_only():
    """A pipe gets plain text; the control shows that a terminal gets more."""
    for terminal in (False, True):
        stage = show(terminal=terminal)
        stage.asked(1, "invoke", "Why?")
        stage.event(wait())
        stage.answered(answer(), streamed=False)
        assert ("\x1b[" in printed(stage)) is terminal


def test_a_step_is_told_before_and_after():
    """What is under way stands there while it is under way."""
    stage = show()
    with stage.step("Loading"):
        assert printed(stage) == "  Loading ... "
    assert printed(stage).endswith(" s\n")


def test_a_step_that_fails_ends_its_line():
    """So that the error begins a new one."""
    stage = show()
    with pytest.raises(ConfigError), stage.step("Loading"):
        raise ConfigError("no")
    assert printed(stage) == "  Loading ... \n"


@pytest.mark.parametrize(("count", "words"), [(0, "0 waits"), (1, "1 wait"), (2, "2 waits")])
def test_a_number_with_its_noun(count, words):
    """One is one."""
    assert counted(count, "wait") == words
