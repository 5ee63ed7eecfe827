"""Vectors from a router: one space, batches, fail-over, partial progress, quota."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest

from freetier import AllFailed, ConfigError, DeadlineExceeded, QuotaExhausted, Router, UnknownModel
from freetier.errors import NoCandidate
from freetier.testing import FakeProvider, Fleet, Limit, VirtualClock, faults
from freetier.testing.accounts import FakeModel
from freetier.testing.vectors import vector
from freetier.values.vectors import Space

MODEL, SIZE = "bge-m3", 32
TEXTS = [f"text number {n}" for n in range(250)]


class Stage:
    """A router over two hosts of one embedding model, on a clock that jumps.

    Args:
        sizes: Numbers in the vectors that each host really makes.
        row: What the configuration says of the model.
        limits: Of each account.
        more: Fields of the configuration.
    """

    def __init__(
        self,
        sizes: Mapping[str, int] | None = None,
        row: Mapping[str, Any] | None = None,
        limits: tuple[Limit, ...] = (),
        **more: Any,
    ) -> None:
        sizes = sizes or {"north": SIZE, "south": SIZE}
        fakes = [
            FakeProvider(
                name,
                "generic",
                models=[FakeModel(MODEL, dimensions=size), "chat"],
                limits=limits,
                latency=0.1,
            )
            for name, size in sizes.items()
        ]
        self.fleet, self.clock = Fleet(*fakes), VirtualClock()
        config = {**self.fleet.config(limits=bool(limits)), "strategy": "declared"}
        facts = {"id": MODEL, "dimensions": SIZE, "normalised": True, **(row or {})}
        for account in config["accounts"]:
            account["models"] = [facts, {"id": "chat"}]
        transport = self.fleet.transport(self.clock)
        self.router = Router({**config, **more}, transport=transport, clock=self.clock)

    @property
    def answered(self) -> list[str]:
        """Who answered each batch, in order."""
        books = self.fleet.books.entries
        return [entry.provider for entry in books if entry.verdict == "admitted"]


def test_vectors_come_in_the_order_of_the_texts() -> None:
    """250 texts are three batches, and each vector is that of its text."""
    stage = Stage()
    found = stage.router.embed(TEXTS, model=MODEL)

    wanted = [tuple(vector(text, SIZE)) for text in TEXTS]
    assert [pytest.approx(one) for one in wanted] == list(found.vectors)
    assert found.space == Space(model=MODEL, family=MODEL, dimensions=SIZE, normalised=True)
    assert [report.served_by for report in found.reports] == [f"north/{MODEL}"] * 3
    books = stage.fleet.books.entries
    assert found.usage.input_tokens == sum(entry.input_tokens for entry in books)
    assert {entry.route for entry in books} == {"embeddings"}


def test_both_colours_give_the_same() -> None:
    """Vectors, space and usage do not depend on the driver."""
    one, other = Stage(), Stage()

    async def ask() -> Any:
        return await other.router.aembed(TEXTS, model=MODEL, task="document")

    found, awaited = one.router.embed(TEXTS, model=MODEL, task="document"), other.clock.run(ask())
    assert (found.vectors, found.space, found.usage) == (
        awaited.vectors, awaited.space, awaited.usage,
    )  # fmt: skip


def test_one_text_and_none() -> None:
    """A lone text is one vector, not one for each letter; no text sends nothing."""
    stage = Stage()
    assert len(stage.router.embed("a lone text", model=MODEL).vectors) == 1
    before = len(stage.fleet.books.entries)
    assert stage.router.embed([], model=MODEL).vectors == ()
    assert len(stage.fleet.books.entries) == before


def test_a_batch_fails_over_to_another_host_of_the_space() -> None:
    """In the middle of the texts, without a gap and without a second try of what is done."""
    stage = Stage()
    stage.fleet.script("north", {2: faults.VendorError("server")})
    found = stage.router.embed(TEXTS, model=MODEL)

    assert stage.answered == ["north", "south", "north"]
    assert [report.failovers for report in found.reports] == [0, 1, 0]
    assert found.vectors[100] == pytest.approx(tuple(vector(TEXTS[100], SIZE)))


@pytest.mark.parametrize("row", [{}, {"dimensions": None, "capabilities": ["embeddings"]}])
def test_a_host_with_vectors_of_another_size_is_not_believed(row: dict[str, Any]) -> None:
    """Whether the configuration says the size or the first vector told it."""
    stage = Stage({"north": SIZE, "south": 48}, row)
    stage.fleet.script("north", {2: faults.VendorError("server")})
    stage.router.embed("first", model=MODEL)

    found = stage.router.embed("second", model=MODEL)

    faulty = [(attempt.account, attempt.fault) for attempt in found.reports[0].attempts]
    assert ("south-1", "malformed") in faulty
    assert "vectors of 48 dimensions" in found.reports[0].explain()
    assert len(found.vectors[0]) == SIZE
    assert stage.router.space(MODEL).dimensions == SIZE


def test_a_model_that_nobody_describes_may_be_named() -> None:
    """The first vector tells what its space is."""
    fleet, clock = Fleet(FakeProvider("own", "generic")), VirtualClock()
    router = Router(fleet.config(), transport=fleet.transport(clock), clock=clock)
    assert router.space("own/unheard-of") == Space(model="unheard-of", family="unheard-of")

    found = router.embed("text", model="own/unheard-of")

    assert found.space == router.space("own/unheard-of")
    assert (found.space.dimensions, found.space.normalised) == (64, True)


def test_another_space_than_expected_is_refused_before_anything_is_sent() -> None:
    """An index keeps its space; a changed configuration cannot spoil it."""
    stage = Stage()
    kept = Space(**json.loads(json.dumps(stage.router.space(MODEL).as_dict())))
    assert stage.router.embed("text", model=MODEL, expect_space=kept).space == kept

    other = Space(model=MODEL, family=MODEL, dimensions=48, normalised=True)
    with pytest.raises(ConfigError, match="expect_space: expected bge-m3, 48 dimensions"):
        stage.router.embed("text", model=MODEL, expect_space=other)
    assert len(stage.answered) == 1


def test_what_an_expected_space_knows_is_asked_of_the_first_vector() -> None:
    """Where the configuration says no size, the index does."""
    stage = Stage(
        {"north": 48, "south": SIZE}, {"dimensions": None, "capabilities": ["embeddings"]}
    )
    expected = Space(model=MODEL, family=MODEL, dimensions=SIZE)

    found = stage.router.embed("text", model=MODEL, expect_space=expected)

    assert found.reports[0].account == "south-1"
    assert found.space.dimensions == SIZE


def test_fewer_dimensions_are_another_space() -> None:
    """The provider is asked for them, and they are what comes."""
    stage = Stage()
    found = stage.router.embed("text", model=MODEL, dimensions=8)

    assert len(found.vectors[0]) == 8
    assert found.space == stage.router.space(MODEL, dimensions=8)
    assert not found.space.agrees(stage.router.space(MODEL))


def test_an_error_carries_what_was_done_before_it() -> None:
    """Nobody pays twice for the first batches."""
    stage = Stage()
    stage.fleet.script("north", {n: faults.VendorError("server") for n in range(2, 20)})
    stage.fleet.script("south", {n: faults.VendorError("server") for n in range(1, 20)})

    with pytest.raises(AllFailed) as caught:
        stage.router.embed(TEXTS, model=MODEL)

    assert len(caught.value.done) == 96
    assert caught.value.done[95] == pytest.approx(tuple(vector(TEXTS[95], SIZE)))
    assert "96 of 250 texts are embedded; see `.done`" in caught.value.__notes__
    revived = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own
    assert revived.done == caught.value.done


def test_the_deadline_is_that_of_the_whole_call() -> None:
    """A batch cannot begin after it."""
    stage = Stage()
    with pytest.raises(DeadlineExceeded) as caught:
        stage.router.embed(TEXTS, model=MODEL, deadline=0.25)
    assert len(caught.value.done) == 96


@pytest.mark.parametrize("metric", ["requests", "input_tokens"])
def test_quota_is_counted_and_waited_for(metric: Any) -> None:
    """Batches run at the pool's pace, without a single refusal by a provider."""
    amount = 1 if metric == "requests" else 400
    stage = Stage(limits=(Limit(amount, metric=metric),))
    found = stage.router.embed(TEXTS, model=MODEL, max_wait=None)

    assert len(found.vectors) == len(TEXTS)
    assert {entry.verdict for entry in stage.fleet.books.entries} == {"admitted"}
    assert sum(report.waited for report in found.reports) > 0


def test_inputs_are_counted() -> None:
    """A limit on texts bounds a batch, and is used up by it."""
    stage = Stage()
    config = stage.fleet.config()
    config["accounts"] = config["accounts"][:1]
    limit = {"metric": "inputs", "amount": 40, "per": "minute"}
    config["accounts"][0] |= {"models": [{"id": MODEL, "dimensions": SIZE}], "limits": [limit]}
    transport = stage.fleet.transport(stage.clock)
    router = Router(config, transport=transport, clock=stage.clock)

    with pytest.raises(QuotaExhausted) as caught:
        router.embed(TEXTS[:50], model=MODEL, max_wait=0)

    assert len(caught.value.done) == 40
    row = next(row for row in router.quota_status() if row.metric == "inputs")
    assert row.used == 40


def test_a_text_that_no_window_can_hold_is_told() -> None:
    """It is no question of waiting."""
    stage = Stage(limits=(Limit(50, metric="input_tokens"),))
    with pytest.raises(NoCandidate, match="takes at least"):
        stage.router.embed("many words " * 200, model=MODEL)


def test_the_default_model_is_that_of_the_configuration() -> None:
    """The environment never chooses one; without any, the error names what there is."""
    assert Stage(default_embedding_model=MODEL).router.embed("text").space.model == MODEL
    with pytest.raises(ConfigError, match=f"name an embedding model.*there are: {MODEL}"):
        Stage().router.embed("text")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"texts": ["fine", ""]}, r"texts\[1\]: an empty text has no vector"),
        ({"texts": ["fine", 3]}, r"texts\[1\]: give texts, not an int"),
        ({"texts": "fine", "task": "poem"}, "task: give 'query' or 'document'"),
        ({"texts": 3}, "texts: give a text or a list of texts, not an int"),
        ({"texts": None}, "texts: give a text or a list of texts, not None"),
        ({"texts": {"a": 1}}, "texts: give a text or a list of texts, not a dict"),
        ({"texts": "fine", "dimensions": 0}, "dimensions: give a whole number above 0, not 0"),
        ({"texts": "fine", "dimensions": "64"}, "a whole number above 0, not '64'"),
        ({"texts": "fine", "max_weight": 3}, "did you mean 'max_wait'"),
        ({"texts": "fine", "model": "chat"}, "'chat' is no embedding model: north-1/chat"),
    ],
    ids=str,
)
def test_a_wrong_call_is_told_at_once(given: dict[str, Any], words: str) -> None:
    """The text names the argument; nothing is sent."""
    stage = Stage()
    with pytest.raises(ConfigError, match=words):
        stage.router.embed(**{"model": MODEL, **given})
    assert not stage.fleet.books.entries


def test_an_unknown_model_has_near_names() -> None:
    """As with every other call."""
    with pytest.raises(UnknownModel, match=MODEL):
        Stage().router.embed("text", model="bge-m4")


def test_listeners_hear_of_each_batch() -> None:
    """One answer each, under the name that was asked for."""
    heard: list[Any] = []
    Stage().router.embed(TEXTS, model=MODEL, listener=heard.append)
    answers = [event for event in heard if event.kind == "answer"]
    assert [event.alias for event in answers] == [MODEL] * 3


def test_an_alias_over_two_spaces_is_refused_at_construction() -> None:
    """An index would be spoilt without anybody being told; both models are named."""
    accounts = [{"provider": name, "api_key": "k"} for name in ("mistral", "cohere")]
    both = {"vec": ["mistral-embed", "embed-v4.0"]}
    with pytest.raises(ConfigError, match=r"'vec' mixes .*mistral-embed.*embed-v4\.0"):
        Router({"accounts": accounts, "aliases": both}, environ={})
    own = {
        "accounts": [{
            "provider": "own", "base_url": "http://127.0.0.1:1/v1",
            "models": [{"id": "a", "dimensions": 4}, {"id": "b", "dimensions": 4}],
        }],
        "aliases": [{"alias": "vectors", "models": ["own/a", "own/b"]}],
    }  # fmt: skip
    with pytest.raises(ConfigError, match="'vectors' mixes vectors that cannot be compared"):
        Router(own, environ={})  # equal sizes make no space
    one = {"vec": ["mistral-embed"], "chat": ["ministral-3-8b", "command-r7b"]}
    assert (
        Router({"accounts": accounts, "aliases": one}, environ={}).space("vec").dimensions == 1024
    )


def test_a_late_batch_is_asked_for_a_second_time() -> None:
    """Hedging holds for vectors as well, within the space."""
    stage = Stage()
    stage.fleet.script("north", [faults.Stall(30.0)])
    began = stage.clock.monotonic()

    async def ask() -> str | None:
        found = await stage.router.aembed("one text", model=MODEL, hedge=1.0)
        return found.reports[0].provider

    assert stage.clock.run(ask()) == "south"
    assert stage.clock.monotonic() - began == pytest.approx(1.1, abs=0.01)
