"""Proxy variables mean what they mean elsewhere."""

from __future__ import annotations

import pytest

from freetier.drivers.proxies import proxy_for

SOME = {"https_proxy": "http://p:3128", "no_proxy": "internal.example, .corp,10.0.0.1:8080"}


@pytest.mark.parametrize(
    ("scheme", "host", "environ", "proxy"),
    [
        ("https", "api.example", {}, None),
        ("https", "api.example", SOME, "http://p:3128"),
        ("http", "api.example", SOME, None),
        ("https", "internal.example", SOME, None),
        ("https", "a.internal.example", SOME, None),
        ("https", "notinternal.example", SOME, "http://p:3128"),
        ("https", "x.corp", SOME, None),
        ("https", "10.0.0.1", SOME, None),
        ("https", "localhost", SOME, None),
        ("https", "127.0.0.1", SOME, None),
        ("https", "api.example", {**SOME, "no_proxy": "*"}, None),
        ("http", "api.example", {"ALL_PROXY": "p:1"}, "http://p:1"),
        ("https", "api.example", {"HTTPS_PROXY": "http://big", "https_proxy": "http://s"}, "http://s"),
    ],
)  # fmt: skip
def test_the_variables_choose_the_proxy(
    scheme: str, host: str, environ: dict[str, str], proxy: str | None
) -> None:
    """Small letters win, exceptions hold for a name and what lies under it."""
    assert proxy_for(scheme, host, environ) == proxy
