"""The three fronts and the configuration over them."""

from __future__ import annotations

import pytest

from freetier import Router
from freetier.demo.fronts import ALIAS, FRONTS, allowance, canned, configuration, fleet
from freetier.local import questions
from freetier.testing import Limit, VirtualClock


@pytest.fixture
def served():
    """The fronts with the script behind them, not served over HTTP."""
    return fleet(None)


def test_each_kind_of_limit_is_there_once():
    """A day, a minute and a bucket, each in the manner of a provider of the catalog."""
    kinds = {
        front.provider: [limit.kind for limit in (*front.surprise, *front.limits)]
        for front in FRONTS
    }
    assert kinds == {
        "openrouter": ["rolling", "rolling"],
        "cerebras": ["rolling"],
        "groq": ["bucket"],
    }


def test_what_is_a_surprise_is_not_told(served):
    """The router has every limit from the configuration but the day, which the catalog gives."""
    accounts = configuration(served)["accounts"]
    told = {entry["id"]: [line["per"] for line in entry["limits"]] for entry in accounts}
    assert told == {
        "openrouter-1": ["rolling 60s"],
        "cerebras-1": ["rolling 60s"],
        "groq-1": ["bucket 60s"],
    }
    with Router(configuration(served), environ={}) as router:
        (day,) = (row for row in router.quota_status() if row.window == "day@UTC")
    assert (day.account, day.limit, day.source) == ("openrouter-1", 50, "official")


def test_the_accounts_that_stand_alone_are_unknown_to_the_router(served):
    """They are for comparison, so nothing of the router may touch them."""
    accounts = [entry["id"] for entry in configuration(served)["accounts"]]
    assert not {front.alone for front in FRONTS} & set(accounts)


def test_every_run_has_keys_of_its_own():
    """Two fleets share no key, and no representation of one shows it."""
    first, second = fleet(None), fleet(None)
    labels = [label for front in FRONTS for label in (front.account, front.alone)]
    keys = [made.key(label) for made in (first, second) for label in labels]
    assert len(set(keys)) == len(keys)
    assert not any(str(key) in repr(made.providers) for made in (first, second) for key in keys)


def test_the_fronts_are_asked_in_their_order(served):
    """Three answers of the day, then a real refusal, and the next account answers."""
    clock = VirtualClock()
    router = Router(
        configuration(served), environ={}, transport=served.transport(clock), clock=clock
    )
    reports = [router.complete("Why is Mars red?").report for _ in range(4)]
    assert [report.account for report in reports] == ["openrouter-1"] * 3 + ["cerebras-1"]
    refused, _ = reports[3].attempts
    assert (refused.account, refused.status) == ("openrouter-1", 429)
    assert {report.alias for report in reports} == {ALIAS}


def test_six_at_once_are_more_than_the_fronts_admit():
    """Whatever this machine's speed: without the day, five requests fit into one moment."""
    after_the_day = [limit for front in FRONTS if not front.surprise for limit in front.limits]
    assert sum(limit.capacity for limit in after_the_day) == 5


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.title)
def test_every_canned_answer_is_marked(question):
    """The script's words come from the corpus, and every answer says what it is."""
    said = canned({"messages": [{"role": "user", "content": f"Text: ... {question.text}"}]})
    assert said == f"[canned] {' and '.join(question.words)}"


def test_what_is_not_in_the_script_is_marked_too():
    """There is no answer that could be taken for a model's."""
    said = canned({"messages": [{"role": "user", "content": "Who are you?"}]})
    assert said == "[canned] there is no answer to this in the script"


def test_an_allowance_in_words(served):
    """What is enforced, and beside it what the router believes where it is wrong."""
    with Router(configuration(served), environ={}) as router:
        believed = router.quota_status()
    assert [allowance(front, believed) for front in FRONTS] == [
        "3 requests a day (the router believes 50), 20 requests a minute",
        "3 requests a minute",
        "30 requests a minute, 2 at once",
    ]
    assert Limit(3, "day", kind="rolling", counts_refused=True) in FRONTS[0].surprise
