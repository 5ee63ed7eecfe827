"""A request is read in the order of a provider: path, key, body, model."""

from __future__ import annotations

import pytest

from freetier.testing import FakeAccount, FakeModel, FakeProvider, Incoming
from freetier.testing.arrival import masked, route_of, shown_key
from tests.core.testing.kit import T0, chat_body, incoming


def status(provider: FakeProvider, request: Incoming) -> tuple[int, str]:
    """Return the status of a reply and what the books say."""
    reply = provider.reply(request, T0)
    return reply.status, provider.books.entries[-1].why


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("POST", "/v1/chat/completions", "chat"),
        ("POST", "/openai/v1/chat/completions/", "chat"),
        ("POST", "/v1/embeddings", "embeddings"),
        ("GET", "/v1/models", "models"),
        ("GET", "/v1/models?limit=5", "models"),
        ("GET", "/v1/chat/completions", "none"),
        ("POST", "/v1/completions", "none"),
    ],
)
def test_the_end_of_a_path_says_what_is_wanted(method: str, path: str, route: str) -> None:
    """With its method; what stands before is the vendor's own."""
    assert route_of(method, path) == route


@pytest.mark.parametrize(
    ("header", "key"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", ""), ("abc", ""), ("", "")],
)
def test_only_a_bearer_is_a_key(header: str, key: str) -> None:
    """Any case, any blanks."""
    assert shown_key({"authorization": header}) == key


def test_an_unknown_path_is_refused_before_the_key() -> None:
    """As Groq and Mistral do."""
    provider = FakeProvider("groq")
    request = Incoming(method="POST", path="/nowhere", headers={})
    assert status(provider, request) == (404, "unknown path")


@pytest.mark.parametrize(
    ("style", "no_key", "wrong_key"),
    [
        ("groq", 401, 401),
        ("cerebras", 403, 401),
        ("nvidia", 401, 403),
        ("gemini-openai", 403, 400),
        ("openai", 401, 401),
    ],
)
def test_keys_are_refused_as_the_vendor_does(style: str, no_key: int, wrong_key: int) -> None:
    """A missing key and a wrong one can be two answers."""
    provider = FakeProvider(style)
    request = {"method": "POST", "path": "/v1/chat/completions", "body": chat_body()}
    wrong = {"authorization": "Bearer sk-stolen"}
    assert status(provider, Incoming(headers={}, **request)) == (no_key, "no key")
    assert status(provider, Incoming(headers=wrong, **request)) == (wrong_key, "wrong key")
    assert [entry.account for entry in provider.books.entries] == ["", ""]


def test_an_account_without_a_key_takes_everybody() -> None:
    """A local server asks for none, and does not mind one."""
    provider = FakeProvider("local", accounts=[FakeAccount(label="here", key=None)])
    for headers in ({}, {"authorization": "Bearer anything"}):
        request = Incoming(
            method="POST", path="/v1/chat/completions", headers=headers, body=chat_body()
        )
        assert provider.reply(request, T0).status == 200
    assert {entry.account for entry in provider.books.entries} == {"here"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"text"'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """Whatever it is instead."""
    provider = FakeProvider("openai")
    request = incoming(provider)
    broken = Incoming(method="POST", path=request.path, headers=request.headers, body=body)
    assert status(provider, broken)[0] == 400


def test_models_are_those_of_the_provider_and_the_account() -> None:
    """Unknown, not for this account, and gone are three different things."""
    provider = FakeProvider(
        "groq",
        accounts=[FakeAccount(label="poor", models=("small",)), "rich"],
        models=["small", "large", FakeModel("old", gone=True)],
    )
    assert status(provider, incoming(provider, "poor", model="small")) == (200, "")
    assert status(provider, incoming(provider, "rich", model="large")) == (200, "")
    assert status(provider, incoming(provider, "poor", model="large"))[0] == 404
    assert status(provider, incoming(provider, "rich", model="new"))[0] == 404
    assert status(provider, incoming(provider, "rich", model="old")) == (400, "model old is gone")
    assert status(provider, incoming(provider, "rich", model=7))[0] == 400


def test_an_echoed_key_is_masked() -> None:
    """Its ends only, and nothing of a short one."""
    assert masked("sk-abcdefgh") == "sk-****gh"
    assert masked("short") == "****"
