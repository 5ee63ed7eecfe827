"""Secrets in words: whole, in part, as URLs and pages quote them."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.values.accounts import Account, Secret
from freetier.values.hidden import PART, hidden, secrets_of

KEY = "nvapi-p+a/s=s:w0rd&signs?x=1#88%41~tail"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"no {KEY}!", "no ***!"),
        (f"no {KEY[:-4]}!", "no ***!"),
        (f"no {KEY[4:]}!", "no ***!"),
        (f"no {KEY.upper()}!", "no ***!"),
        (f"no {quote(KEY, safe='')}!", "no ***!"),
        (f"no {quote(KEY, safe='').lower()}!", "no ***!"),
        (f"no {html.escape(KEY)}!", "no ***!"),
        (f"{KEY[:15]} and {KEY[15:]}", "*** and ***"),
        (f"{KEY[:PART]}{KEY[20:]}", "***"),
        (f"no {KEY[: PART - 1]}", f"no {KEY[: PART - 1]}"),
        ("no key at all", "no key at all"),
        ("", ""),
    ],
)
def test_a_secret_is_hidden_in_whole_and_in_part(text: str, expected: str) -> None:
    """Also cut short by a bound, or broken over two lines; a few letters tell nothing."""
    assert hidden(text, [KEY]) == expected


def test_a_short_secret_is_hidden_as_a_whole_and_a_tiny_one_is_none() -> None:
    """A part of a short one is a word like any other."""
    assert hidden("I know hunter2 and hunter", ["hunter2", "", "I"]) == "I know *** and hunter"


@given(st.text(), st.text(), st.integers(0, 20), st.integers(PART, 40))
def test_whatever_stands_around_it_no_long_part_is_seen(
    before: str, after: str, start: int, length: int
) -> None:
    """What stands around it stays."""
    part = KEY[start : start + length]
    told = hidden(f"{before} {part} {after}", [KEY])
    assert all(part[n : n + PART] not in told for n in range(len(part) - PART + 1))
    assert told.startswith(before)
    assert told.endswith(after)


def test_an_accounts_secrets_are_its_key_and_its_headers() -> None:
    """A header may hold a key of its own."""
    account = Account(id="a", provider="p", secret=Secret(KEY), headers=(("x-key", "other"),))
    assert secrets_of(account) == [KEY, "other"]
