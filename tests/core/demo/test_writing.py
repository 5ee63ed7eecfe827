"""Text that is wrapped while it comes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freetier.demo.writing import Wrapped


def written(*pieces: str, width: int = 20, indent: int = 0) -> str:
    """Return what is written of some pieces."""
    out: list[str] = []
    writer = Wrapped(out.append, width, indent)
    for piece in pieces:
        writer.feed(piece)
    writer.end()
    return "".join(out)


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((), ""),
        (("",), ""),
        ((" \n ",), ""),
        (("one",), "one\n"),
        (("one two",), "one two\n"),
        (("o", "ne t", "wo "), "one two\n"),
        (("\n\none\n\ttwo",), "one two\n"),
        (("a line of twenty let",), "a line of twenty let\n"),
        (("a line of twenty lett",), "a line of twenty\nlett\n"),
        (("averyveryverylongwordindeed", " short"), "averyveryverylongwordindeed\nshort\n"),
    ],
)
def test_words_are_kept_whole(pieces, text):
    """However the text is cut into pieces; a word that fits no line has one of its own."""
    assert written(*pieces) == text


def test_every_line_is_indented():
    """And the indent counts as part of the line."""
    assert written("one two three four", width=12, indent=4) == "    one two\n    three\n    four\n"


def test_a_word_is_written_as_soon_as_its_end_is_known():
    """A reader follows a stream while it comes."""
    out: list[str] = []
    writer = Wrapped(out.append, 80)
    writer.feed("Mars is")
    assert "".join(out) == "Mars"
    writer.feed(" red")
    assert "".join(out) == "Mars is"


def test_what_would_steer_the_terminal_is_left_out():
    """Escapes of a model's answer do not reach the screen as escapes."""
    assert written("\x1b[31mred\x1b[0m \x07bell") == "[31mred[0m bell\n"


@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=5), st.integers(1, 30))
def test_the_pieces_do_not_matter(text, cuts, width):
    """Any text, cut anywhere, is written as the whole of it is."""
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    pieces = [text[a:b] for a, b in pairwise(places)]
    assert written(*pieces, width=width) == written(text, width=width)
