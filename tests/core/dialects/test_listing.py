"""A provider's own list of models: how it is asked for, and what it says."""

from __future__ import annotations

import json

import pytest

from freetier.catalog import provider
from freetier.dialects.listing import ask_about_key, ask_for_models, listed
from freetier.values.accounts import Account, Candidate, Secret
from freetier.values.checkup import Listed
from freetier.values.models import Model
from freetier.values.quirks import Quirks


def about(name: str, base_url: str = "") -> Candidate:
    """Return the candidate of an account that lists nothing."""
    account = Account(id="a", provider=name, secret=Secret("sk-1"), base_url=base_url)
    model = Model(id="*", canonical="*")
    return Candidate(key="a/*", account=account, model=model, provider=provider(name))


@pytest.mark.parametrize(
    ("name", "url", "header"),
    [
        ("groq", "https://api.groq.com/openai/v1/models", ("authorization", "Bearer sk-1")),
        (
            "gemini",
            "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
            ("x-goog-api-key", "sk-1"),
        ),
    ],
)
def test_a_list_is_asked_for_with_the_key_in_its_header(name, url, header):
    """No body, no key in the address."""
    request = ask_for_models(about(name))
    assert (request.method, request.url, request.body) == ("GET", url, b"")
    assert header in request.headers
    assert "content-type" not in dict(request.headers)


def test_a_list_beside_the_base_url_is_at_the_same_host():
    """Cloudflare's search stands beside its OpenAI routes."""
    home = "https://api.cloudflare.com/client/v4/accounts/abc/ai/v1"
    assert ask_for_models(about("cloudflare", home)).url == (
        "https://api.cloudflare.com/client/v4/accounts/abc/ai/models/search?per_page=1000"
    )


def test_the_next_page_is_asked_for_by_its_token():
    """Tokens may hold what an address may not."""
    assert ask_for_models(about("gemini"), "a b&c").url.endswith(
        "pageSize=1000&pageToken=a%20b%26c"
    )


def test_a_key_is_asked_about_where_that_costs_nothing():
    """OpenRouter shows its list to anybody, and a key's record to its owner."""
    assert ask_about_key(about("openrouter")).url == "https://openrouter.ai/api/v1/key"
    assert ask_about_key(about("groq")) is None


@pytest.mark.parametrize(
    ("body", "quirks", "found"),
    [
        ({"data": [{"id": "a", "context_window": 8}]}, {}, [Listed(id="a", context=8)]),
        ([{"id": "a"}, {"id": ""}, 3], {}, [Listed(id="a")]),
        (
            {"models": [{"name": "models/a", "inputTokenLimit": 9}]},
            {"models_field": "name"},
            [Listed(id="a", context=9)],
        ),
        (
            {"result": [{"id": "u-1", "name": "@cf/a"}], "success": True},
            {"models_field": "name"},
            [Listed(id="@cf/a")],
        ),
        (
            {"data": [{"id": "a", "context_length": 9, "top_provider": {"context_length": 4}}]},
            {},
            [Listed(id="a", context=4)],
        ),
    ],
)
def test_lists_of_all_shapes_are_read(body, quirks, found):
    """OpenAI's, Together's bare one, Google's, Cloudflare's; the smaller context counts."""
    assert listed(json.dumps(body).encode(), Quirks(**quirks)) == (tuple(found), "")


def test_a_token_is_followed_only_where_pages_are_known():
    """Others' fields of that name mean nothing."""
    body = b'{"models":[],"nextPageToken":"n"}'
    assert listed(body, Quirks(models_page="pageToken"))[1] == "n"
    assert listed(body, Quirks())[1] == ""


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data":{}}', b"3"])
def test_what_is_no_list_is_told(body):
    """A page of a portal is no list of models."""
    with pytest.raises(ValueError, match="list of models"):
        listed(body, Quirks())
