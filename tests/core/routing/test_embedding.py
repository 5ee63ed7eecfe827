"""How texts are put into batches."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.routing.embedding import USUAL_BATCH, Room, batch, room, written
from freetier.routing.estimate import cost_of
from freetier.routing.fitness import unfit
from freetier.routing.lengths import Lengths
from freetier.routing.needs import needs
from freetier.values.accounts import Candidate
from freetier.values.models import Capability, Prices
from freetier.values.options import RouteOptions
from freetier.values.quota import Cost
from freetier.values.vectors import EmbedRequest
from tests.core.routing.setups import candidate, limit

VECTORS = {"capabilities": frozenset({Capability.EMBEDDINGS})}


def _host(*limits: Any, **more: Any) -> Candidate:
    return candidate(*limits, **{**VECTORS, **more})


def _cost(request: EmbedRequest, host: Candidate) -> Cost:
    return cost_of(needs(request), host, Lengths())


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ([_host()], Room(USUAL_BATCH)),
        ([_host(batch_max=100), _host(batch_max=20)], Room(20)),
        ([_host(limit("inputs", 7), batch_max=100)], Room(7)),
        (
            [_host(limit("total_tokens", 500)), _host(limit("input_tokens", 300, "day"))],
            Room(96, 300),
        ),
        ([_host(limit("units", 100, "day", rate=0.5))], Room(96, 200)),
        ([_host(limit("requests", 3), limit("output_tokens", 3))], Room(96)),
    ],
)
def test_a_batch_holds_what_every_host_takes(hosts: list[Candidate], expected: Room) -> None:
    """The smallest bound of texts, and the smallest window that counts their tokens."""
    assert room(hosts, Lengths()) == expected


def test_batches_keep_the_order_and_lose_nothing() -> None:
    """Every text stands in one batch, a text larger than any window in one of its own."""
    texts = [f"text {n}" for n in range(10)] + ["long " * 200] + ["end"] * 3
    most, batches, start = Room(4, 12), [], 0
    while start < len(texts):
        batches.append(batch(texts, start, most))
        start += len(batches[-1])

    assert [text for one in batches for text in one] == texts
    assert max(map(len, batches)) <= 4
    assert ("long " * 200,) in batches


def test_texts_cost_inputs_and_input_tokens() -> None:
    """There is no output, and money is the price of vectors."""
    request = EmbedRequest(inputs=("one two three", "four"))
    free = _cost(request, _host())
    paid = _cost(request, _host(free=False, prices=Prices(embedding_input=1e-6)))

    assert (free.requests, free.inputs, free.output_tokens, free.money) == (1, 2, 0, 0)
    assert free.input_tokens > 0
    assert paid.money > 0


def test_each_text_has_a_context_of_its_own() -> None:
    """Many short texts fit where one long one does not."""
    host = _host(context=20)
    many = EmbedRequest(inputs=("a few words",) * 50)
    long = EmbedRequest(inputs=("many words " * 50,))

    assert unfit(needs(many), RouteOptions(), host, _cost(many, host)) is None
    refused = unfit(needs(long), RouteOptions(), host, _cost(long, host))
    assert refused is not None
    assert refused.reason == "context"


def test_a_chat_model_takes_no_texts() -> None:
    """It lacks the capability; and a model of vectors takes no chat, as before."""
    request = EmbedRequest(inputs=("text",))
    refused = unfit(needs(request), RouteOptions(), candidate(), _cost(request, candidate()))
    assert refused is not None
    assert (refused.reason, refused.detail) == ("lacks", "no embeddings")


def test_a_window_that_can_hold_a_batch_exactly_takes_it() -> None:
    """No token of an answer has to fit beside it."""
    request = EmbedRequest(inputs=("one two three",))
    size = _cost(request, _host()).input_tokens
    fits, small = _host(limit("total_tokens", size)), _host(limit("total_tokens", size - 1))

    assert unfit(needs(request), RouteOptions(), fits, _cost(request, fits)) is None
    assert unfit(needs(request), RouteOptions(), small, _cost(request, small)) is not None


def test_a_language_without_embeddings_cannot_say_it() -> None:
    """Whoever adds a language need not know vectors."""

    class Chatty:
        name = "chatty"

    with pytest.raises(ValueError, match="the language chatty has no embeddings"):
        written(EmbedRequest(inputs=("text",)), _host(), Chatty())  # type: ignore[arg-type]
