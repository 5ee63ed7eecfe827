"""Texts on the wire, and vectors off it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from freetier.catalog import provider as provider_of
from freetier.dialects.openai.texts import encode_texts, vectors_of
from freetier.testing.vectors import packed
from freetier.values.accounts import Candidate
from freetier.values.chat import Content
from freetier.values.faults import Fault, FaultScope, Refused
from freetier.values.models import Capability
from freetier.values.quirks import Quirks
from freetier.values.vectors import EmbedRequest
from tests.core.routing.setups import candidate

REQUEST = EmbedRequest(inputs=("one", "two"))
REFUSED = Refused(fault=Fault.SERVER, scope=FaultScope.CANDIDATE)


def _host(quirks: Quirks | None = None, **more: Any) -> Candidate:
    return candidate(
        quirks=quirks or Quirks(),
        base_url="http://127.0.0.1:1/v1",
        capabilities=frozenset({Capability.EMBEDDINGS}),
        **more,
    )


def _sent(request: EmbedRequest, host: Candidate) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(encode_texts(request, host).request.body)
    return sent


def _read(value: object) -> Content | Refused:
    return vectors_of(json.dumps(value).encode(), lambda _: REFUSED)


def _row(index: int | None, vector: object) -> dict[str, Any]:
    return {"embedding": vector} | ({} if index is None else {"index": index})


def test_a_request_is_model_and_texts() -> None:
    """Nothing is sent that the caller did not ask for."""
    assert _sent(REQUEST, _host()) == {"model": "mod", "input": ["one", "two"]}
    assert encode_texts(REQUEST, _host()).request.url == "http://127.0.0.1:1/v1/embeddings"


def test_dimensions_are_sent_where_they_differ_from_the_models_own() -> None:
    """Under the provider's name for them; who cannot be asked is skipped."""
    short = replace(REQUEST, dimensions=256)
    renamed = _host(Quirks(dimensions_field="output_dimension"), dimensions=1024)

    assert _sent(short, _host(dimensions=1024))["dimensions"] == 256
    assert "dimensions" not in _sent(short, _host(dimensions=256))
    assert _sent(short, renamed)["output_dimension"] == 256
    with pytest.raises(ValueError, match="takes no wish for dimensions"):
        encode_texts(short, _host(Quirks(dimensions_field=None), dimensions=1024))


def test_a_task_is_told_in_the_providers_words_where_the_model_has_tasks() -> None:
    """A text without a task is a document there; elsewhere the report says it was dropped."""
    quirks = Quirks(task_field="input_type", task_words={"query": "query", "document": "passage"})
    query = replace(REQUEST, task="query")
    tasked, plain = _host(quirks, tasks="query/passage"), _host(quirks)

    assert _sent(query, tasked)["input_type"] == "query"
    assert _sent(REQUEST, tasked)["input_type"] == "passage"
    assert encode_texts(query, tasked).dropped == ()
    assert "input_type" not in _sent(query, plain)
    assert encode_texts(query, plain).dropped == ("task",)


@pytest.mark.parametrize(
    ("name", "model", "more"),
    [
        ("nvidia", "nvidia/llama-nemotron-embed-vl-1b-v2", {"input_type": "query"}),
        ("nvidia", "baai/bge-m3", {}),
        ("openai", "text-embedding-3-small", {"encoding_format": "base64"}),
        ("cohere", "embed-v4.0", {}),
        ("mistral", "mistral-embed", {}),
    ],
)
def test_the_catalog_knows_what_each_provider_wants(
    name: str, model: str, more: dict[str, Any]
) -> None:
    """Differences between providers are data."""
    provider = provider_of(name)
    row = next(one for one in provider.models if one.id == model)
    host = replace(_host(), provider=provider, model=row)

    sent = _sent(replace(REQUEST, task="query"), host)

    assert sent == {"model": model, "input": ["one", "two"], **more}


def test_a_host_may_want_the_model_in_its_path() -> None:
    """Hugging Face's, beside the router's own routes at the same host."""
    provider = provider_of("huggingface")
    row = next(one for one in provider.models if one.embeds)
    account = replace(_host().account, base_url="")
    host = replace(_host(), account=account, provider=provider, model=row)
    assert _sent(REQUEST, host) == {"inputs": ["one", "two"]}
    assert encode_texts(REQUEST, host).request.url == (
        "https://router.huggingface.co/hf-inference/models/"
        "sentence-transformers/all-MiniLM-L6-v2/pipeline/feature-extraction"
    )


def test_a_provider_without_embeddings_is_skipped() -> None:
    """It has no path for them."""
    with pytest.raises(ValueError, match="has no embeddings"):
        encode_texts(REQUEST, _host(Quirks(embeddings_path=None)))


def test_vectors_come_in_the_order_of_their_numbers() -> None:
    """Whatever order they were sent in; without numbers, in that order."""
    usage = {"prompt_tokens": 7, "total_tokens": 7}
    turned = _read({"data": [_row(1, [0, 1]), _row(0, [1.0, 0.0])], "usage": usage, "model": "m"})
    plain = _read({"data": [_row(None, [1.0]), _row(None, [2.0])]})

    assert isinstance(turned, Content)
    assert turned.vectors == ((1.0, 0.0), (0.0, 1.0))
    assert turned.usage is not None
    assert (turned.usage.input_tokens, turned.usage.output_tokens) == (7, 0)
    assert turned.upstream_model == "m"
    assert isinstance(plain, Content)
    assert plain.vectors == ((1.0,), (2.0,))


def test_packed_vectors_are_the_same_ones() -> None:
    """Base64 holds little-endian floats of four bytes."""
    found = _read({"data": [_row(0, packed([0.5, -0.25]))]})
    assert isinstance(found, Content)
    assert found.vectors == ((0.5, -0.25),)


@pytest.mark.parametrize(
    "value",
    [
        {}, [], {"data": None}, {"data": [1]}, {"data": [{"index": 0}]},
        {"data": [_row(0, [])]}, {"data": [_row(0, ["x"])]}, {"data": [_row(0, [None])]},
        {"data": [_row(0, "no base64!")]}, {"data": [_row(0, "AAA=")]}, {"data": [_row(0, 3)]},
        {"data": [_row(0, [1]), _row(0, [1])]}, {"data": [_row(0, [1]), _row(2, [1])]},
        {"data": [_row(0, [10**400])]},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_vector_is_malformed(value: object) -> None:
    """Nothing a provider sends ends in a crash."""
    found = _read(value)
    assert isinstance(found, Refused)
    assert found.fault is Fault.MALFORMED


def test_no_vectors_at_all_are_an_empty_answer() -> None:
    """As no words are."""
    found = _read({"data": []})
    assert isinstance(found, Refused)
    assert found.fault is Fault.EMPTY


def test_an_error_inside_an_answer_is_classified() -> None:
    """Also with status 200; and what is no JSON is malformed."""
    assert _read({"error": {"message": "no"}}) is REFUSED
    cut = vectors_of(b'{"data": [', lambda _: REFUSED)
    assert isinstance(cut, Refused)
    assert cut.fault is Fault.MALFORMED
