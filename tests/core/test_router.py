"""The router as its users hold it."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from freetier import ConfigError, NoCandidate, QuotaExhausted, Router, UnknownModel
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.values.chat import Finished, TextDelta, UsageReported
from freetier.values.reports import RouteEvent

CANARY = "sk-canary-0123456789abcdefghij"


def _made(
    *, accounts: int = 2, limits: tuple[Limit, ...] = (), **more: Any
) -> tuple[Router, Fleet]:
    fleet = Fleet(FakeProvider("own", "generic", accounts=accounts, limits=limits))
    clock = VirtualClock()
    config = fleet.config(limits=True)
    config["aliases"] = {"quick": "own/m"}
    transport = fleet.transport(clock)
    return Router(config, transport=transport, clock=clock, **more), fleet


def test_every_answer_says_who_gave_it() -> None:
    """Provider, account, model, usage and attempts are in the report."""
    router, _ = _made()
    answer = router.complete("Hello", model="quick")
    report = answer.report
    assert "Hello" in answer.text
    assert (report.alias, report.provider, report.account, report.model) == (
        "quick", "own", "own-1", "m",
    )  # fmt: skip
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0
    assert report.served_by == "own/m"
    assert json.dumps(report.as_dict())
    assert "own-1/m answered" in str(report)


def test_a_stream_is_text_then_usage_then_the_end() -> None:
    """Usage and end come once, in this order, and the whole answer is there afterwards."""
    router, _ = _made()
    with router.stream("Hello", model="quick") as stream:
        events = list(stream)
    assert isinstance(events[-2], UsageReported)
    assert isinstance(events[-1], Finished)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert stream.completion.text == text
    assert stream.report.served_by == "own/m"


def test_a_stream_that_is_left_is_settled_at_once() -> None:
    """The place and the connection are given back; what was sent counts as the estimate."""
    router, _ = _made(limits=(Limit(9, "minute"),))
    with router.stream("Hello", model="quick") as stream:
        next(stream)
    row = router.quota_status()[0]
    assert (row.used, row.reserved) == (1, 0)


def test_a_stream_that_is_dropped_is_settled_with_the_next_call() -> None:
    """Nobody closed it: its finalizer only hands it over, and the next call settles it."""
    router, _ = _made(accounts=1, limits=(Limit(9, "minute"),))
    stream = router.stream("Hello", model="quick")
    next(stream)
    assert router.quota_status()[0].reserved == 1
    del stream
    router.complete("Hello", model="quick")
    row = router.quota_status()[0]
    assert (row.used, row.reserved) == (2, 0)


def test_openais_shape_comes_with_the_report() -> None:
    """Read by attribute, dumped as plain dicts, streamed as chunks; unknown parameters go on."""
    router, fleet = _made()
    made = router.chat.completions.create(
        model="quick", messages=[{"role": "user", "content": "Hello"}], user="somebody", n=1
    )
    assert made.choices[0].message.content
    assert made.usage.total_tokens == made["usage"]["total_tokens"]
    assert made.report.passed_on == ("user",)
    assert json.loads(made.model_dump_json())["model"] == "m"
    assert fleet.books.admitted()
    with router.chat.completions.create(
        model="quick", messages=[{"role": "user", "content": "Hello"}], stream=True
    ) as stream:
        chunks = list(stream)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert stream.report.provider == "own"
    with pytest.raises(ConfigError, match="only one choice"):
        router.chat.completions.create(model="quick", messages=["Hi"], n=2)


async def test_openais_shape_is_there_for_tasks() -> None:
    """`acreate`, whole and streamed."""
    with Fleet(FakeProvider("own", "generic")) as fleet:
        async with Router(fleet.config()) as router:
            made = await router.chat.completions.acreate(model="own/m", messages=["Hello"])
            assert made.choices[0].finish_reason == "stop"
            stream = await router.chat.completions.acreate(
                model="own/m", messages=["Hello"], stream=True
            )
            async with stream:
                assert [chunk async for chunk in stream][-1].choices[0].finish_reason == "stop"


def test_what_is_wrong_is_said_before_anything_is_sent() -> None:
    """Unknown models and options name the nearest right one."""
    router, fleet = _made()
    with pytest.raises(UnknownModel, match="did you mean 'quick'"):
        router.complete("Hello", model="quik")
    with pytest.raises(ConfigError, match="did you mean 'max_wait'"):
        router.complete("Hello", model="quick", max_wiat=3)
    with pytest.raises(ConfigError, match="max_wait: give a number that is not negative"):
        router.complete("Hello", model="quick", max_wait=-1)
    with pytest.raises(ConfigError, match="on_stream_break: give one of"):
        router.stream("Hello", model="quick", on_stream_break="shrug")
    with pytest.raises(ConfigError, match="the list of messages is empty"):
        router.complete([], model="quick")
    with pytest.raises(NoCandidate, match=r"nobody here is called 'own-3' .*did you mean 'own-\d'"):
        router.complete("Hello", model="quick", only=["own-3"])
    assert len(fleet.books) == 0


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("only", 3, "give a name or a list of names, not an int"),
        ("tags", {"a": 1}, "give a name or a list of names, not a dict"),
        ("allow_paid", "no", "give True or False, not 'no'"),
        ("fetch_media", 1, "give True or False, not 1"),
        ("priority", "high", "give a whole number, not 'high'"),
        ("max_cost", "1 EUR", "give a number that is not negative, not '1 EUR'"),
        ("max_wait", float("nan"), "give a number that is not negative, not nan"),
        ("accept", "yes", "give something that can be called, not a str"),
    ],
)
def test_an_option_of_the_wrong_kind_is_said_before_anything_is_sent(
    name: str, value: object, words: str
) -> None:
    """`allow_paid="no"` above all would else mean yes."""
    router, fleet = _made()
    with pytest.raises(ConfigError, match=f"{name}: {words}"):
        router.complete("Hello", model="quick", **{name: value})
    assert len(fleet.books) == 0


def test_models_quota_and_order_can_be_asked_for() -> None:
    """Without sending anything."""
    router, fleet = _made(limits=(Limit(2, "minute"),))
    assert [(info.id, info.kind) for info in router.list_models()] == [("quick", "alias")]
    assert router.is_model_available("quick")
    assert not router.is_model_available("nothing")
    report = router.explain("Hello", model="quick")
    assert report.explain().splitlines()[1] == "  1. own-1/m (free, 100% left)"
    assert len(fleet.books) == 0
    for _ in range(4):
        router.complete("Hello", model="quick", max_wait=0)
    rows = {row.account: row for row in router.quota_status()}
    assert (rows["own-1"].limit, rows["own-1"].used, rows["own-1"].left) == (2, 2, 0)
    with pytest.raises(QuotaExhausted) as caught:
        router.complete("Hello", model="quick", max_wait=0)
    assert caught.value.report.skipped[0].reason == "out_of_quota"


def test_clearing_blocks_and_resetting_usage_are_two_things() -> None:
    """One forgets what was used, the other whom to leave alone."""
    router, fleet = _made(accounts=1, limits=(Limit(1, "minute"),))
    fleet.script("own-1", [faults.VendorError("bad_key")])
    with pytest.raises(Exception, match="no account may serve"):
        router.complete("Hello", model="quick")
    assert router.quota_status()[0].blocked_why == "unauthorised"
    router.reset_usage("own-1")
    assert router.quota_status()[0].blocked_why == "unauthorised"
    router.clear_cooldowns("own-1")
    assert router.quota_status()[0].blocked_why is None
    router.complete("Hello", model="quick", max_wait=0)
    router.clear_cooldowns()
    assert router.quota_status()[0].used == 1
    router.reset_usage()
    assert router.quota_status()[0].used == 0
    with pytest.raises(ConfigError, match="no account 'nobody'"):
        router.reset_usage("nobody")


def test_a_listener_is_told_and_cannot_break_a_call() -> None:
    """One event per attempt, fail-over and answer; a raising listener is harmless."""
    told: list[RouteEvent] = []

    def broken(event: RouteEvent) -> None:
        raise RuntimeError(event.kind)

    router, fleet = _made(listeners=[broken, told.append])
    fleet.script("own-1", [faults.RateLimited(wait=9)])
    router.complete("Hello", model="quick", tags=["mine"])
    assert [event.kind for event in told] == ["attempt", "block", "failover", "attempt", "answer"]
    assert {event.tags for event in told} == {("mine",)}


def test_a_wrong_key_is_skipped_said_once_and_the_others_answer() -> None:
    """The account is left alone afterwards."""
    router, fleet = _made()
    fleet.always("own-1", faults.VendorError("bad_key"))
    for _ in range(3):
        assert router.complete("Hello", model="quick").report.account == "own-2"
    assert [entry.status for entry in fleet.books.entries if entry.account == "own-1"] == [401]
    tried = [a for a in router.explain("x", model="quick").skipped if a.reason == "unauthorised"]
    assert [skip.candidate for skip in tried] == ["own-1/m"]


def test_a_router_is_copied_and_pickled_as_itself() -> None:
    """In one process it stays the same live object."""
    router = Router(
        {"accounts": [{"provider": "own", "base_url": "http://127.0.0.1:9/v1", "models": ["m"]}]}
    )
    assert copy.copy(router) is router
    assert copy.deepcopy([router])[0] is router
    assert pickle.loads(pickle.dumps(router)) is router  # noqa: S301 - our own bytes


def test_what_cannot_travel_is_named_when_pickled() -> None:
    """A literal key, a store or transport of one's own."""
    literal = Router({"accounts": [{"provider": "groq", "id": "g", "auth": {"api_key": CANARY}}]})
    with pytest.raises(ConfigError, match="the key of account 'g' is written out") as caught:
        pickle.dumps(literal)
    assert CANARY not in str(caught.value)
    router, _ = _made()
    with pytest.raises(ConfigError, match="its own transport cannot be pickled"):
        pickle.dumps(router)


def test_no_key_shows_anywhere() -> None:
    """Neither in the router, nor in a report, an error or an event."""
    told: list[RouteEvent] = []
    fleet, clock = Fleet(FakeProvider("own", "generic", accounts=2)), VirtualClock()
    config = fleet.config()
    for account in config["accounts"]:
        account["auth"]["api_key"] = CANARY + account["id"]  # wrong keys: they come back in errors
    transport = fleet.transport(clock)
    router = Router(config, transport=transport, clock=clock, listeners=[told.append])
    with pytest.raises(Exception, match="no account may serve") as caught:
        router.complete("Hello", model="own/m")
    shown = [repr(router), repr(router.setup), str(caught.value), repr(caught.value), repr(told)]
    shown.append(json.dumps(caught.value.report.as_dict()))  # type: ignore[attr-defined]
    assert not [text for text in shown if CANARY in text]
    assert CANARY in repr(config)  # the control: the search does find a key that shows


def test_a_router_that_is_started_again_knows_what_was_used(tmp_path: Path) -> None:
    """With a store on disk a restart does not refill, and two routers at once count together."""
    fleet, clock = (
        Fleet(FakeProvider("own", "generic", limits=[Limit(3, "minute")])),
        VirtualClock(),
    )
    parts = {"transport": fleet.transport(clock), "store": f"sqlite:///{tmp_path}/quota.db"}
    first = Router(fleet.config(limits=True), **parts)
    first.complete("Hello", model="own/m", max_wait=0)
    first.close()
    second, third = (Router(fleet.config(limits=True), **parts) for _ in range(2))
    second.complete("Hello", model="own/m", max_wait=0)
    third.complete("Hello", model="own/m", max_wait=0)
    for router in (second, third):
        with pytest.raises(QuotaExhausted):
            router.complete("Hello", model="own/m", max_wait=0)
        router.close()
    assert len(fleet.books.admitted()) == 3
    assert not fleet.books.refused()
