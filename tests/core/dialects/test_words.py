"""What people are shown of a provider's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.dialects.words import LINE_MAX, one_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wrong  key\n\t now", "Wrong key now"),
        ("Incorrect API key provided: sk-s01****abcd.", "Incorrect API key provided: ***"),
        ("Your api key: ****abcd is invalid", "Your api key: *** is invalid"),
        ("key gsk_abcDEF0123456789 bad", "key *** bad"),
        ("key AIzaSyA-0123456789 bad", "key *** bad"),
        ("Authorization: Bearer abc.def-12345678", "Authorization: Bearer ***"),
        ("Bearer authentication is required", "Bearer authentication is required"),
        ("Basic authentication is required", "Basic authentication is required"),
        ("hash 0123456789abcdef0123456789abcdef end", "hash *** end"),
        ("no internationalisationalities", "no internationalisationalities"),
        ("model meta-llama/llama-4-scout-17b-16e-instruct", None),
        ("model accounts/fireworks/models/llama3/8binstruct", None),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdef is no token", "*** is no token"),
        ("<html><head><title>502 Bad&nbsp;Gateway</title></head><body>x</body>", "502 Bad Gateway"),
        ("<p>Not <b>found</b></p>", "Not found"),
        ("\x1b[31mred\x00\x07", "[31mred"),
        ("", ""),
    ],
)
def test_words_are_one_plain_line_without_keys(text, expected):
    """Keys and markup go, words and models' names stay."""
    assert one_line(text) == (text if expected is None else expected)


def test_the_accounts_own_key_is_hidden_whatever_it_looks_like():
    """A key of a private server has no known shape; it is hidden because it is known."""
    assert one_line("I do not know hunter2!", ["hunter2"]) == "I do not know ***!"


@pytest.mark.parametrize("before", [0, 280, 16_370])
def test_a_key_that_a_bound_cuts_is_hidden_as_well(before):
    """What is left of it is still most of it."""
    key = "plainLettersOfNoKnownShape"
    line = one_line(" " * before + key, [key])
    assert "Letters" not in line


def test_an_empty_key_hides_nothing():
    """Accounts without a key do not garble the words."""
    assert one_line("abc", ["", "b"]) == "abc"


@given(st.text(), st.text(alphabet="abcXYZ019_-", min_size=8, max_size=40))
def test_no_text_shows_a_known_secret_or_more_than_a_line(text, secret):
    """Whatever surrounds it, a known secret never shows, and the line is bounded."""
    line = one_line(f"{text} {secret} {text}", [secret])
    assert secret not in line
    assert len(line) <= LINE_MAX
    assert line.isprintable()


def test_endless_markup_is_read_in_no_time():
    """Brackets that never close are no trap."""
    assert one_line("<" * 1_000_000) == "<" * (LINE_MAX - 1) + "…"
