"""Where requests go."""

from __future__ import annotations

from typing import Any

import pytest

from freetier.config.places import Place
from freetier.config.urls import is_loopback, server_url
from freetier.errors import ConfigError
from tests.core.config.conftest import Load, Refusal

HERE = Place("OLLAMA_HOST")
USUAL = "http://localhost:11434/v1"


def _own(url: Any) -> dict[str, Any]:
    return {"accounts": [{"provider": "mine", "base_url": url, "free": True, "models": ["m"]}]}


def test_a_trailing_slash_goes(load: Load):
    """Paths are appended to it."""
    assert load(_own("https://h.test/v1/")).accounts[0].base_url == "https://h.test/v1"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("h.test/v1", "must be a URL"),
        ("ftp://h.test", "must be a URL"),
        ("https://", "must be a URL"),
        ("https://h:99999/v1", "must be a URL"),
        ("https://[::1/v1", "must be a URL"),
        ("https://h .test", "must be a URL"),
        ("https://h.test/\nv1", "must be a URL"),
        ("https://me:canary@h.test", "no user name or password"),
        ("https://h.test/v1?key=canary", "ends before"),
        ("https://h.test/v1#canary", "ends before"),
    ],
)
def test_what_is_no_base_url_is_refused(refusal: Refusal, url: str, told: str):
    """And what may be a secret in it is not shown."""
    text = refusal(_own(url))
    assert "accounts[0].base_url" in text
    assert told in text
    assert "canary" not in text


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/v1", True),
        ("http://LOCALHOST./v1", True),
        ("http://x.localhost/v1", True),
        ("http://127.0.0.1:8/v1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8/v1", True),
        ("http://192.168.0.3/v1", False),
        ("http://localhost.evil.test/v1", False),
        ("http://127.0.0.1.evil.test/v1", False),
    ],
)
def test_this_machine_is_told_from_others(url: str, expected: bool):
    """By the host itself, not by how it begins."""
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("gpu", "http://gpu:11434/v1"),
        ("gpu:9", "http://gpu:9/v1"),
        (":9", "http://localhost:9/v1"),
        ("0.0.0.0:9", "http://localhost:9/v1"),
        ("0.0.0.0", "http://localhost:11434/v1"),
        ("http://gpu:9", "http://gpu:9/v1"),
        ("https://gpu.test/", "https://gpu.test/v1"),
        ("http://gpu:9/ollama/v1", "http://gpu:9/ollama/v1"),
        ("[::1]:9", "http://[::1]:9/v1"),
    ],
)
def test_a_local_servers_host_becomes_its_url(given: str, url: str):
    """As the servers themselves take it."""
    assert server_url(given, USUAL, HERE) == url


@pytest.mark.parametrize("given", ["http://", "gpu:port", "a b", "ftp://gpu"])
def test_a_host_that_is_none_is_refused(given: str):
    """The variable is named."""
    with pytest.raises(ConfigError, match="OLLAMA_HOST"):
        server_url(given, USUAL, HERE)


def test_a_local_server_is_where_its_variable_says(load: Load):
    """The environment wins over the catalog, the file over both."""
    fields: dict[str, Any] = {"accounts": [{"provider": "ollama"}]}
    assert load(fields, OLLAMA_HOST="gpu:9").accounts[0].base_url == "http://gpu:9/v1"
    fields["accounts"][0]["base_url"] = "http://here:1/v1"
    assert load(fields, OLLAMA_HOST="gpu:9").accounts[0].base_url == "http://here:1/v1"


def test_blanks_of_a_url_are_filled_from_variables(load: Load):
    """And cannot leave their place in the path."""
    fields = {"accounts": [{"provider": "cloudflare", "api_key": "k"}]}
    account = load(fields, CLOUDFLARE_ACCOUNT_ID="a/../b").accounts[0]
    assert account.base_url == "https://api.cloudflare.test/accounts/a%2F..%2Fb/ai/v1"


def test_a_missing_blank_is_named(refusal: Refusal):
    """With the variable that fills it."""
    fields = {"accounts": [{"provider": "cloudflare", "api_key": "k"}]}
    assert "the variable CLOUDFLARE_ACCOUNT_ID is not set" in refusal(fields)
